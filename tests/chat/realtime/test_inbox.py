"""The inbox over the socket: told on every node, counted in the room list, read on every device."""

from collections.abc import Iterator

import pytest

from tests import clients
from tests.clients import Deployment, Node
from tests.sockets import Client

from .test_room_lists import LIVE_SECONDS, list_of
from .test_socket_contract import me

KITCHEN = "room-1"


@pytest.fixture(scope="module")
def place() -> Iterator[Deployment]:
    with clients.deployment() as place:
        yield place


@pytest.fixture(scope="module")
def north(place: Deployment) -> Iterator[Node]:
    with place.node("north") as node:
        yield node


@pytest.fixture(scope="module")
def south(place: Deployment, north: Node) -> Iterator[Node]:
    """Another node where nodes can hear each other; else the same one."""
    if not place.environment["REDIS_URL"]:
        yield north
        return
    with place.node("south") as node:
        yield node


def test_a_mention_is_told_counted_and_read_everywhere(north: Node, south: Node) -> None:
    alice, cookie = north.connect(), next(north.cookies)
    phone, laptop = north.connect(cookie), south.connect(cookie)
    name = me(phone)["name"]
    list_of(phone)
    list_of(laptop)

    said = alice.say(KITCHEN, f"Is @{name} around?")["seq"]

    for device in (phone, laptop):
        device.receive("inbox.updated", LIVE_SECONDS, head=1, read=0, unread=1)
        device.receive("room.updated", LIVE_SECONDS, room=KITCHEN, mentions=1)
    page = laptop.ask("inbox.load")
    [item] = page["items"]
    assert (item["kind"], item["room"], item["seq"]) == ("mention", KITCHEN, said)
    assert (item["author"], item["text"]) == (me(alice), f"Is @{name} around?")
    assert list_of(south.connect(cookie))[KITCHEN]["mentions"] == 1

    assert laptop.ask("inbox.mark", number=1)["type"] == "command.done"

    for device in (phone, laptop):
        device.receive("inbox.updated", LIVE_SECONDS, head=1, read=1, unread=0)
        device.receive("room.updated", LIVE_SECONDS, room=KITCHEN, mentions=0)


def test_an_answer_is_told_too_and_a_plain_message_is_not(north: Node, south: Node) -> None:
    alice, bob = north.connect(), south.connect()
    list_of(bob)
    asked = bob.say("lobby", "a question")["seq"]

    alice.say("lobby", "nothing")
    alice.say("lobby", "an answer", reply_to=asked)

    bob.receive("inbox.updated", LIVE_SECONDS, head=1, unread=1)
    assert [item["kind"] for item in bob.ask("inbox.load", since=0)["items"]] == ["reply"]


def test_reading_the_room_ends_its_count(north: Node, south: Node) -> None:
    alice, cookie = north.connect(), next(north.cookies)
    phone, laptop = north.connect(cookie), south.connect(cookie)
    list_of(laptop)
    head = alice.say("room-10", f"@{me(phone)['name']}")["seq"]
    laptop.receive("room.updated", LIVE_SECONDS, room="room-10", mentions=1)
    phone.enter("room-10")

    phone.send("read.mark", room="room-10", seq=head)

    laptop.receive("room.updated", LIVE_SECONDS, room="room-10", read=head, mentions=0)


def test_a_visitor_has_no_inbox(north: Node) -> None:
    visitor: Client = north.visit()

    assert visitor.ask("inbox.load")["code"] == "forbidden"
