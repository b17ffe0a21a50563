"""A live room of a million messages while it is maintained and moderated."""

import asyncio
import os
import random
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from ..kit.launcher import LocalDeployment, launch
from ..kit.node import Node
from ..kit.servers import _postgres_binaries
from .paired_posts import TABS, compare
from .posters import ROOM, enter_room
from .seed import seed

MESSAGES = 1_000_000
# In the room that is imported.
IMPORTED = 50_000
# Between two acts of a moderator.
ACTING_SECONDS = 0.1

# The last of the members is the owner.
_PREPARE = """
from django.core.management import call_command
from chat.accounts.models import Member
from chat.moderation import authorization, roles
roles.appoint(actor=authorization.SYSTEM, member=Member.objects.latest("pk"), role="owner")
call_command("export_room", "room-1", "{exported}")
"""

Arguments = Callable[[], Sequence[str]]


class UpkeepError(Exception):
    """What was to be measured failed."""


def reading(folder: Path) -> Iterator[str]:
    """Posting in a room of a million messages beside check_log, export_room, backup and doctor."""
    with _room(folder) as deployment, deployment.node() as node:
        yield from _beside(deployment, node, _readers(folder))


def changing(folder: Path) -> Iterator[str]:
    """The same beside erase_member, import_room, prune_messages and rotate_secret."""
    with _room(folder) as deployment, deployment.node() as node:
        yield from _beside(deployment, node, _changers(folder))


def moderating(folder: Path) -> Iterator[str]:
    """The same while a moderator deletes, restores, mutes, bans, locks and gets reports."""
    with _room(folder) as deployment, deployment.node() as node:
        yield f"moderator: {compare(deployment, node, partial(_moderate, deployment, node))}"


def embedded(folder: Path) -> Iterator[str]:
    """The same beside each of them, on SQLite."""
    with _room(folder, sqlite=True) as deployment, deployment.node() as node:
        yield f"moderator: {compare(deployment, node, partial(_moderate, deployment, node))}"
        yield from _beside(deployment, node, _readers(folder) | _changers(folder))


def _readers(folder: Path) -> dict[str, Arguments]:
    names = (f"{folder}/{number}" for number in count())
    return {
        "check_log": lambda: ["--room", ROOM],
        "export_room": lambda: [ROOM, f"{next(names)}.jsonl"],
        "backup": lambda: [next(names)],
        "doctor": lambda: [],
    }


def _changers(folder: Path) -> dict[str, Arguments]:
    # Not the members who post.
    members, rooms = count(TABS + 1), count()
    env = folder / "env"
    env.write_text("SECRET_KEY=former\n")
    return {
        "erase_member": lambda: [str(next(members))],
        "import_room": lambda: [_exported(folder), "--room", f"imported-{next(rooms)}"],
        "prune_messages": lambda: ["--room", ROOM, "--older-than", "90d"],
        "rotate_secret": lambda: ["--file", str(env)],
    }


def _beside(
    deployment: LocalDeployment, node: Node, commands: dict[str, Arguments]
) -> Iterator[str]:
    for name, arguments in commands.items():
        yield f"{name}: {compare(deployment, node, partial(_run, deployment, name, arguments))}"


@contextmanager
def _room(folder: Path, *, sqlite: bool = False) -> Iterator[LocalDeployment]:
    with launch(folder, members=2 * TABS, rooms=2, sqlite=sqlite) as deployment:
        seed(deployment, MESSAGES, IMPORTED)
        deployment.shell(_PREPARE.format(exported=_exported(folder)))
        yield deployment


def _exported(folder: Path) -> str:
    return f"{folder}/exported.jsonl"


async def _run(deployment: LocalDeployment, command: str, arguments: Arguments) -> None:
    """Run the command again and again; the last run is interrupted."""
    log = deployment.folder / f"{command}.log"
    async with _shell(deployment) as ask:
        while True:
            asked = shlex.join([sys.executable, "manage.py", command, *arguments()])
            if await ask(f"{asked} > {shlex.quote(str(log))} 2>&1; echo $?") != "0":
                raise UpkeepError(f"{command}: {log.read_text()}")


@asynccontextmanager
async def _shell(deployment: LocalDeployment) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """A shell that runs a line and returns one line of output. Interrupted in the end.

    Starting a process blocks for milliseconds, which would falsify the posts' times.
    """
    shell = await asyncio.create_subprocess_exec(
        "sh",
        cwd=settings.BASE_DIR,
        env=deployment.environment | {"PATH": f"{_postgres_binaries()}:{os.environ['PATH']}"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    into, out_of = shell.stdin, shell.stdout
    assert into is not None  # noqa: S101 - asked for above
    assert out_of is not None  # noqa: S101

    async def ask(line: str) -> str:
        into.write(f"{line}\n".encode())
        return (await out_of.readline()).decode().strip()

    try:
        # The shell itself survives the interrupt, and waits for its command.
        into.write(b"trap : INT\n")
        yield ask
    finally:
        os.killpg(shell.pid, signal.SIGINT)
        into.close()
        await shell.wait()


async def _moderate(deployment: LocalDeployment, node: Node) -> None:
    """One act after the other; mutes and bans expire by themselves."""
    client = await enter_room(node, deployment.cookies[-1])
    try:
        for number in count():
            member = TABS + 1 + number % (TABS - 1)
            # A message of this member (see `seed`).
            seq = member - 1 + 2 * TABS * random.randrange(1, MESSAGES // (2 * TABS))  # noqa: S311
            for command, fields in _acts(member, seq):
                reply = await client.ask(command, **fields)
                if reply.type == "command.rejected":
                    raise UpkeepError(f"{command} {fields}: {reply.code}")
                await asyncio.sleep(ACTING_SECONDS)
    finally:
        client.close()


def _acts(member: int, seq: int) -> Iterator[tuple[str, dict[str, Any]]]:
    message = {"room": ROOM, "seq": seq}
    yield "message.report", {**message, "reason": "spam"}
    yield "message.delete", {**message, "reason": "spam"}
    yield "message.restore", message
    yield "member.mute", {"member": member, "seconds": 60, "reason": "spam"}
    yield "member.mute", {"member": member, "seconds": 0}
    yield "member.ban", {"member": member, "seconds": 60, "reason": "spam"}
    # Not the room in which posts are measured.
    yield "rules.set", {"room": "room-1", "locked": True, "slow_s": 10}
    yield "rules.set", {"room": "room-1", "locked": False, "slow_s": 0}
