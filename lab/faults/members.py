"""Faults of members: one is removed from a private room, and tries to come back."""

import asyncio
import random
import signal
from contextlib import suppress
from typing import Any

from ..checker.records import Removed, now
from ..drill.drill_client import DrillClient
from ..drill.scenario import ClusterScenario
from ..kit.chat_client import CONNECTION_ERRORS
from ..kit.sync_client import SyncClient, open_socket
from .fault import WITHOUT_HINTS, fault

# So often the one who was removed tries to enter again, and so long after each other.
TRIES = 12
PAUSE_SECONDS = 0.25
# Makes a room private, with these members and this owner.
_CLOSE = """
from chat.models import Membership, Room
from chat.moderation import room_rules
from chat.moderation.authorization import SYSTEM
from chat.rooms import memberships
room = Room.objects.get(key={room!r})
memberships.add(room, {members})
memberships.add(room, [{owner}], Membership.Role.OWNER)
room_rules.rename(actor=SYSTEM, room=room, name=room.name, kind="private")
"""


@fault(
    "a member is removed from a private room, and tries to come back",
    listeners=10,
    reserve=91,
    settle=1.0,
)
async def removed(scenario: ClusterScenario) -> None:
    owner = await _owner_of(scenario, scenario.rooms[0])
    await _remove_one(scenario, owner)


@fault(
    "a member is removed while Redis is gone, and tries to come back",
    name="removed-no-redis",
    listeners=10,
    reserve=91,
    settle=1.0,
    promise=WITHOUT_HINTS,
)
async def removed_without_redis(scenario: ClusterScenario) -> None:
    owner = await _owner_of(scenario, scenario.rooms[0])
    await asyncio.to_thread(scenario.deployment.redis.stop, signal.SIGKILL)
    try:
        await _remove_one(scenario, owner)
    finally:
        await asyncio.to_thread(scenario.deployment.redis.start)


async def _remove_one(scenario: ClusterScenario, owner: "_Owner") -> None:
    silent = [one for one in scenario.clients if one.connected and one.outbox.silent]
    client = random.choice([one for one in silent if owner.room in one.rooms])  # noqa: S311
    await owner.ask("member.remove", member=client.member)
    scenario.record(Removed(t=now(), actor="nemesis", sender=client.member, room=owner.room))
    await scenario.wait_until(lambda: owner.room not in client.rooms)
    await _try_again(client, owner.room)
    if scenario.deployment.cookies:
        [added] = scenario.add_clients(1, 0, "listener")
        await scenario.wait_until(lambda: added.member != 0)
        await owner.ask("member.add", members=[added.member])


async def _try_again(client: DrillClient, room: str) -> None:
    """Whatever is answered with a page is in the history, and a leak."""
    for _ in range(TRIES):
        # A client whose socket is lost connects again by itself.
        with suppress(*CONNECTION_ERRORS, TimeoutError):
            await client.enter(room)
        await asyncio.sleep(PAUSE_SECONDS)


class _Owner:
    """Someone who owns the drill's private room, and acts there over sockets."""

    def __init__(self, scenario: ClusterScenario, room: str, cookie: str) -> None:
        self.room = room
        self._scenario = scenario
        self._cookie = cookie

    async def close_room(self) -> None:
        """Make the room private, with everyone who is in it."""
        hello = await asyncio.to_thread(self._on_socket, "", {})
        members = [client.member for client in self._scenario.clients if client.member]
        script = _CLOSE.format(room=self.room, members=members, owner=hello["me"]["id"])
        await asyncio.to_thread(self._scenario.deployment.shell, script)

    async def ask(self, command: str, **fields: Any) -> None:
        answer = await asyncio.to_thread(self._on_socket, command, fields)
        if answer["type"] != "command.done":
            raise AssertionError(f"{command} was answered with {answer}")

    def _on_socket(self, command: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The answer to the command; `hello` without one."""
        node = random.choice(self._scenario.nodes)  # noqa: S311
        with open_socket(node, self._cookie) as socket:
            client = SyncClient(socket)
            hello = client.receive("hello")
            return client.ask(command, room=self.room, **fields) if command else hello


# The owners of the rooms that drills of this process have made private.
_owners: dict[tuple[str, str], _Owner] = {}


async def _owner_of(scenario: ClusterScenario, room: str) -> _Owner:
    """The owner of the room, which is private from the first time on."""
    key = str(scenario.folder), room
    if key not in _owners:
        owner = _owners[key] = _Owner(scenario, room, scenario.deployment.cookies.pop())
        await owner.close_room()
    return _owners[key]
