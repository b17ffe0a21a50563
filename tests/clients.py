"""Real nodes in processes of their own, to be talked to by the clients of tests/sockets.py.

A test module that wants a node says `served = clients.served`, and has one for itself, with a
database (and, on the Redis pass, a Redis) that nothing else uses.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg
import pytest
from websockets.sync.client import ClientConnection, connect

from tests import servers
from tests.sockets import Client, RawSocket, wait_until

ROOT = Path(__file__).resolve().parent.parent
ROOMS = 400
GUESTS = 200
_PREPARE = f"""
from django.core.management import call_command
from chat.moderation import room_rules
call_command("migrate", verbosity=0)
for number in range({ROOMS}):
    room_rules.open_room(key=f"room-{{number}}", name=f"Room {{number}}")
call_command("mint_sessions", {GUESTS}, prefix="Guest ")
"""


@dataclass
class Node:
    """A running `manage.py serve`."""

    process: subprocess.Popen[bytes]
    port: int
    log_file: Path
    cookies: Iterator[str]
    rooms: Iterator[str]
    environment: dict[str, str]
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def connect(self, cookie: str | None = None, **options: Any) -> Client:
        """A new tab of a new person, or of the one who holds this cookie; past `hello`."""
        client = Client(self.open_socket(cookie or next(self.cookies), **options))
        client.hello = client.receive("hello")
        return client

    def visit(self, **options: Any) -> Client:
        """A tab of someone without a name, who reads along; past `hello`."""
        client = Client(self.open_socket("", **{"query": "?visitor=1"} | options))
        client.hello = client.receive("hello")
        return client

    def open_socket(self, cookie: str, **options: Any) -> ClientConnection:
        headers = {"Cookie": cookie} if cookie else {}
        handshake = connect(
            f"ws://127.0.0.1:{self.port}/ws/{options.pop('query', '')}",
            **{
                "origin": self.origin,
                "additional_headers": headers,
                "compression": None,
                "ping_interval": None,
                "proxy": None,
                # Who did not read what came hears no good-bye either.
                "close_timeout": 0.2,
            }
            | options,
        )
        return self._stack.enter_context(handshake)

    def raw_socket(self, *headers: str, signed_in: bool = True, **options: Any) -> RawSocket:
        cookie = next(self.cookies) if signed_in else ""
        raw = RawSocket(self.port, *headers, **{"cookie": cookie} | options)
        self._stack.callback(raw.close)
        return raw

    def post(self, path: str, cookie: str, **fields: str) -> None:
        """Submit a form as a browser would, with the token that the cookie asks for."""
        token = "t" * 32
        request = urllib.request.Request(  # noqa: S310 - our own address
            self.origin + path,
            urlencode(fields | {"csrfmiddlewaretoken": token}).encode(),
            {"Cookie": f"{cookie}; csrftoken={token}", "Origin": self.origin},
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310
            assert response.status == 200

    def manage(self, *arguments: str) -> str:
        """Run a management command beside this node."""
        return _manage(self.environment, *arguments)

    def memory(self) -> int:
        """Resident bytes."""
        shown = subprocess.check_output(["ps", "-o", "rss=", "-p", str(self.process.pid)])
        return int(shown) * 1024

    def hang_up(self) -> None:
        """Close every tab that was opened here."""
        self._stack.close()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop the node; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@dataclass(frozen=True)
class Deployment:
    """A database, perhaps a Redis, and what is in them."""

    folder: Path
    environment: dict[str, str]
    cookies: Iterator[str]
    rooms: Iterator[str]

    @contextmanager
    def node(
        self, name: str = "node", *options: str, under: Sequence[str] = (), **environment: str
    ) -> Iterator[Node]:
        """Started by the command that it goes `under`, if there is one."""
        port = servers.free_port()
        environment = (
            self.environment
            | {"NODE_NAME": name, "SITE_ORIGINS": f"http://127.0.0.1:{port}"}
            | environment
        )
        log_file = self.folder / f"{name}-{port}.log"
        with log_file.open("wb") as output:
            process = subprocess.Popen(
                [*under, sys.executable, "manage.py", "serve", "--port", str(port), *options],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        node = Node(process, port, log_file, self.cookies, self.rooms, environment)
        try:
            wait_until(lambda: _listens(node), 30)
            yield node
        finally:
            node.hang_up()
            node.stop()


@contextmanager
def deployment(redis_url: str | None = None) -> Iterator[Deployment]:
    """A fresh database with guests and rooms; a Redis of its own where this pass has one."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatroom-node-")))
        if redis_url is None:
            redis_url = ""
            if os.environ.get("REDIS_URL"):
                redis_url = stack.enter_context(servers.private_redis(servers.free_port())).url
        environment = os.environ | {
            "DATABASE_URL": stack.enter_context(_database(folder)),
            "REDIS_URL": redis_url,
            "PYTHONWARNINGS": "default",
        }
        rooms = (f"room-{number}" for number in range(ROOMS))
        yield Deployment(folder, environment, iter(_template()[1]), rooms)


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    template, _ = _template()
    if template.startswith("sqlite"):
        shutil.copy(template.removeprefix("sqlite:///"), folder / "chatroom.sqlite3")
        yield f"sqlite:///{folder}/chatroom.sqlite3"
        return
    name = f"node_{uuid.uuid4().hex}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        source = urlsplit(template).path.removeprefix("/")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        yield named(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _template() -> tuple[str, list[str]]:
    """A migrated database with rooms and guests, made once and copied; the guests' cookies."""
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        name = f"template_{uuid.uuid4().hex}"
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = named(name)
    else:
        url = f"sqlite:///{tempfile.mkdtemp(prefix='chatroom-template-')}/template.sqlite3"
    cookies = _manage(os.environ | {"DATABASE_URL": url}, "shell", "-v0", "-c", _PREPARE)
    return url, [line for line in cookies.splitlines() if line.startswith("member=")]


def named(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def _manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _listens(node: Node) -> bool:
    assert node.process.poll() is None, node.log
    try:
        socket.create_connection(("127.0.0.1", node.port)).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def served() -> Iterator[Node]:
    """A node of this module's own."""
    with deployment() as place, place.node() as node:
        yield node
