"""Real nodes in processes of their own, to be talked to by the clients of tests/sockets.py.

A test module that wants a node says `served = clients.served`, and has one for itself, with a
database (and, on the Redis pass, a Redis) that nothing else uses.
"""

import os
import shutil
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
from websockets.sync.client import ClientConnection

from lab.kit import node
from lab.kit.deployment import PREPARE, cookies_in
from lab.kit.sync_client import open_socket
from tests import servers
from tests.sockets import Client, RawSocket

ROOT = node.ROOT
ROOMS = 400
GUESTS = 200


@dataclass
class Node(node.Node):
    """A running node, and the guests and rooms of its deployment that no test has used."""

    cookies: Iterator[str]
    rooms: Iterator[str]
    _stack: ExitStack = field(default_factory=ExitStack)

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
        return self._stack.enter_context(open_socket(self, cookie, **options))

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

    def hang_up(self) -> None:
        """Close every tab that was opened here."""
        self._stack.close()

    def __exit__(self, *error: object) -> None:
        self.hang_up()
        super().__exit__(*error)


@dataclass(frozen=True)
class Deployment:
    """A database, perhaps a Redis, and what is in them."""

    folder: Path
    environment: dict[str, str]
    cookies: Iterator[str]
    rooms: Iterator[str]

    def node(
        self, name: str = "node", *options: str, under: Sequence[str] = (), **environment: str
    ) -> Node:
        """Not started yet: `with` starts it. The command that it goes `under`, if there is one."""
        return Node.at_free_port(
            name,
            self.folder,
            self.environment,
            environment,
            *options,
            under=under,
            cookies=self.cookies,
            rooms=self.rooms,
        )


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
    prepare = PREPARE.format(rooms=ROOMS, members=GUESTS, prefix="Guest")
    environment = os.environ | {"DATABASE_URL": url}
    return url, cookies_in(node.manage(environment, "shell", "-v0", "-c", prepare))


def named(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


@pytest.fixture(scope="module")
def served() -> Iterator[Node]:
    """A node of this module's own."""
    with deployment() as place, place.node() as served:
        yield served
