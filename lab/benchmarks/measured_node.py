"""Nodes on servers of their own, and what they use of this machine."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis
from django.conf import settings

from ..kit import servers

_PREPARE = """
from django.core.management import call_command
from chat.moderation import room_rules
call_command("migrate", verbosity=0)
for number in range({rooms}):
    room_rules.open_room(key=f"room-{{number}}", name=f"Room {{number}}")
call_command("mint_sessions", {members}, prefix="measured ")
"""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Node:
    """A `manage.py serve`, with its workers if it has any."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    def processor_seconds(self) -> float:
        """Used so far."""
        return sum(_processor_seconds(pid) for pid in _family(self.process.pid))

    def memory(self) -> int:
        """Resident bytes."""
        pages = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in _family(self.pid)]
        return sum(map(int, pages)) * os.sysconf("SC_PAGE_SIZE")

    @property
    def pid(self) -> int:
        return self.process.pid


@dataclass
class Place:
    """One database, one Redis, rooms and members, and any number of nodes.

    With SQLite there is no Redis, and one node.
    """

    database_url: str
    redis_url: str
    environment: dict[str, str]
    folder: Path
    cookies: list[str] = field(default_factory=list)

    @contextmanager
    def node(self, name: str = "node-1", workers: int = 1) -> Iterator[Node]:
        port = servers.free_port()
        origin = f"http://127.0.0.1:{port}"
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "manage.py", "serve", f"--port={port}", f"--workers={workers}"],
                cwd=settings.BASE_DIR,
                env=self.environment | {"NODE_NAME": name, "SITE_ORIGINS": origin},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_for(port)
            yield Node(port, process)
        finally:
            process.terminate()
            process.wait(60)

    def shell(self, script: str) -> str:
        """What this prints, in a process whose Django is here."""
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", "shell", "-v0", "-c", script],
            cwd=settings.BASE_DIR,
            env=self.environment | {"REDIS_URL": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise servers.NoServerError(done.stderr)
        return done.stdout

    def transactions(self) -> int:
        """So many PostgreSQL has carried out; outside of `BEGIN` each statement is one."""
        # A session tells its numbers when it has been idle for a second.
        time.sleep(2.5)
        with psycopg.connect(self.database_url) as connection:
            return _one(
                connection, "SELECT xact_commit + xact_rollback FROM pg_stat_database"
                " WHERE datname = current_database()"
            )  # fmt: skip

    def redis_commands(self) -> int:
        with redis.Redis.from_url(self.redis_url) as client:
            return int(client.info("stats")["total_commands_processed"])


@contextmanager
def place(
    folder: Path,
    *,
    members: int,
    rooms: int = 1,
    durable: bool = True,
    sqlite: bool = False,
    rate_limits: str = "off",
) -> Iterator[Place]:
    with ExitStack() as stack:
        if sqlite:
            database_url, redis_url = f"sqlite:///{folder}/chatroom.sqlite3", ""
        else:
            database_url = stack.enter_context(servers.postgres(durable=durable)).url
            redis_url = stack.enter_context(servers.redis_server()).url
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "chatroom.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DEBUG": "off",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "RATE_LIMITS": rate_limits,
        }
        here = Place(database_url, redis_url, environment, folder)
        said = here.shell(_PREPARE.format(rooms=rooms, members=members))
        here.cookies = [line for line in said.splitlines() if line.startswith("member=")]
        yield here


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _family(pid: int) -> list[int]:
    """A process and its children."""
    family = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        family += map(int, (task / "children").read_text().split())
    return family


def _processor_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS


def _one(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
