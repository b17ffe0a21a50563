"""The latency of others' posts while one member sends the worst that the limits allow."""

import asyncio
import itertools
import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from chat.realtime.rate_limits import COMMANDS_BY_CONNECTION, MESSAGES_BY_MEMBER

from ..kit.chat_client import ChatClient
from ..kit.client_protocol import encode
from ..kit.launcher import LocalDeployment, launch
from ..kit.node import Node
from .paired_posts import compare
from .posters import ROOM, enter_room

# Few enough that all of them together stay within the limit of their common address.
NEIGHBOURS = 8
RATE = 20
LONGEST = 4000


def hostile(folder: Path) -> Iterator[str]:
    """Posts of 8 neighbours while one member sends the worst of everything at the limits."""
    with (
        launch(folder, members=NEIGHBOURS + 1, RATE_LIMITS="on") as deployment,
        deployment.node() as node,
    ):
        yield f"hostile member: {_measured(deployment, node)}"


def _measured(deployment: LocalDeployment, node: Node) -> str:
    work = partial(_attack, node, deployment.cookies[NEIGHBOURS])
    return str(compare(deployment, node, work, tabs=NEIGHBOURS, rate=RATE))


async def _attack(node: Node, cookie: str) -> None:
    """Bodies that are slow to render, frames that are slow to decode, and long reads, for ever."""
    client = await enter_room(node, cookie)
    try:
        await asyncio.gather(_post_worst_bodies(client), _send_worst_frames(client))
    finally:
        client.close()


async def _post_worst_bodies(client: ChatClient) -> None:
    for body in itertools.cycle(WORST_BODIES):
        key = secrets.token_hex(8)
        client.send(encode("message.send", ref=key, room=ROOM, client_id=key, body=body))
        await asyncio.sleep(1 / MESSAGES_BY_MEMBER.per_second)


async def _send_worst_frames(client: ChatClient) -> None:
    rest = COMMANDS_BY_CONNECTION.per_second - MESSAGES_BY_MEMBER.per_second
    for frame in itertools.cycle(WORST_FRAMES):
        client.send(frame)
        await asyncio.sleep(1 / rest)


def _long(pattern: str) -> str:
    return (pattern * LONGEST)[:LONGEST]


WORST_BODIES = [
    _long("["),
    _long("![["),
    _long("[a]("),
    _long("[](<"),
    _long("*a_b"),
    _long("**a*"),
    _long("`a``"),
    _long("> "),
    _long("- "),
    _long("aaaaaaaa[http://p://"),
    _long("http://a.b/("),
    _long("a@b.c,"),
    _long(":tada:"),
    _long("~~a~"),
    _long("<a@b.c>"),
    _long("| a "),
    _long("\\*["),
    "```python\n" + _long("f(x)[")[:3900] + "\n```",
]

WORST_FRAMES = [
    encode("history.load", ref="h", room=ROOM, before=10**9, limit=100),
    encode("room.enter", ref="enter", room=ROOM),
    b'{"type":"message.send","ref":"n","room":' + b"[" * 8000 + b"]" * 8000 + b"}",
    b'{"type":"ping","ref":"p","x":' + b"9" * 16000 + b"}",
    b'{"type":"message.edit","ref":"e","room":"room-0","seq":1,"body":"'
    + b"\\u0041" * 2600
    + b'"}',
    encode("reaction.set", ref="r", room=ROOM, seq=1, emoji="\N{PARTY POPPER}", on=True),
    encode("reaction.set", ref="s", room=ROOM, seq=1, emoji="\N{PARTY POPPER}", on=False),
]
