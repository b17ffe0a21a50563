"""An owner makes a public room private, and the other way round: for everyone, on every node.

Who is not a member loses the room within two seconds, whether a tab of theirs is in it, has it in
its list, or belongs to a visitor; and it looks as if it had never been (promise 7).
"""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from tests.clients import Deployment, Node
from tests.kit import two_nodes
from tests.sockets import Client

from ..realtime.test_room_lists import BUSY, LIVE_SECONDS

KEPT_FROM_OTHERS = "the treasure"

place = pytest.fixture(scope="module")(two_nodes.start_place)
south = pytest.fixture(scope="module")(two_nodes.start_south)


@pytest.fixture(scope="module")
def north(place: Deployment) -> Iterator[Node]:
    with place.node("north") as node:
        # Few enough that each of them is in everyone's list.
        only_lobby = "from chat.models import Room; Room.objects.exclude(key='lobby').delete()"
        node.manage("shell", "-v0", "-c", only_lobby)
        yield node


def status_of(node: Node, path: str, cookie: str) -> int:
    request = urllib.request.Request(node.origin + path, headers={"Cookie": cookie})  # noqa: S310
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def opened(north: Node) -> Callable[[str], tuple[Client, str]]:
    """The owner of a room of this kind, in it, and the room; something was said there."""

    def opened(kind: str) -> tuple[Client, str]:
        owner = north.connect()
        made = owner.ask("room.create", name="Den", kind=kind)
        room: str = made["entry"]["room"]
        owner.enter(room)
        owner.say(room, KEPT_FROM_OTHERS)
        return owner, room

    return opened


def test_a_room_that_becomes_private_is_gone_for_all_but_its_members(
    north: Node, south: Node, opened: Callable[[str], tuple[Client, str]]
) -> None:
    owner, room = opened("public")
    member, visitor = south.connect(), south.visit()
    cookie = next(south.cookies)
    inside, in_list = south.connect(cookie), south.connect(next(south.cookies))
    member.ask("room.join", room=room)
    for tab in (member, inside, visitor):
        assert tab.enter(room)["type"] == "room.entered"
    for tab in (in_list, visitor):
        tab.receive("rooms.state")
    assert status_of(south, f"/rooms/{room}/", cookie) == 200

    assert owner.ask("room.update", room=room, kind="private")["type"] == "command.done"

    for tab in (inside, visitor, in_list):
        tab.receive("room.removed", LIVE_SECONDS * BUSY, room=room)
        tab.forget()
    member.receive("room.updated", LIVE_SECONDS * BUSY, room=room, kind="private")
    assert owner.say(room, "only for us")["type"] == "message.accepted"
    member.receive("room.changes", room=room)
    for tab in (inside, visitor, in_list):
        heard = [str(one) for one in tab.drain_until_quiet()]
        assert not [one for one in heard if room in one]
        absent = tab.ask("room.enter", room="den-00000000", since=None)
        refused = tab.ask("room.enter", room=room, since=None)
        assert refused["code"] == absent["code"] == "not_found"
        assert refused["detail"].replace(room, "den-00000000") == absent["detail"]
    for path in (f"/rooms/{room}/", f"/rooms/{room}/1/", f"/rooms/{room}/qr.svg"):
        assert status_of(south, path, cookie) == 404


def test_a_room_that_becomes_public_is_there_for_everyone_with_its_history(
    north: Node, south: Node, opened: Callable[[str], tuple[Client, str]]
) -> None:
    owner, room = opened("private")
    visitor, other = south.visit(), south.connect()
    for tab in (visitor, other):
        tab.receive("rooms.state")
        assert tab.enter(room)["code"] == "not_found"

    owner.ask("room.update", room=room, kind="public")

    for tab in (visitor, other):
        tab.receive("room.updated", LIVE_SECONDS * BUSY, room=room, kind="public")
        assert tab.enter(room)["messages"][0]["body"] == KEPT_FROM_OTHERS


def test_only_an_owner_changes_who_may_come_in_and_never_that_of_the_lobby(
    north: Node, opened: Callable[[str], tuple[Client, str]]
) -> None:
    owner, room = opened("public")
    moderator = north.connect()
    me = moderator.hello["me"]["id"]
    moderator.ask("room.join", room=room)
    owner.ask("member.appoint", room=room, member=me, office="moderator")

    assert moderator.ask("room.update", room=room, topic="Ours")["type"] == "command.done"
    assert moderator.ask("room.update", room=room, kind="private")["code"] == "forbidden"
    assert owner.ask("room.update", room="lobby", kind="private")["code"] == "forbidden"
    assert owner.ask("room.update", room=room, kind="direct")["code"] == "bad_command"
