"""The room list over the socket: what is in it, and what is told of rooms that are not entered."""

import time
from contextlib import ExitStack

import pytest

from tests import clients, servers
from tests.clients import Node
from tests.kit import two_nodes
from tests.sockets import Client, Frame

# What is heard within this time came live; it includes the second between two flushes.
LIVE_SECONDS = 5.0
# Other tests run beside these: thrice what is promised.
BUSY = 3
# They are in everyone's list, and no other test of this module speaks there.
GARDEN, ATTIC, CELLAR, PORCH = "room-1", "room-10", "room-100", "room-101"

place = pytest.fixture(scope="module")(two_nodes.start_place)
north = pytest.fixture(scope="module")(two_nodes.start_north)
south = pytest.fixture(scope="module")(two_nodes.start_south)


def list_of(client: Client) -> dict[str, Frame]:
    """The list as it was told after `hello`, by the keys of the rooms."""
    entries: dict[str, Frame] = {}
    more = True
    while more:
        state = client.receive("rooms.state")
        entries |= {entry["room"]: entry for entry in state["rooms"]}
        more = state.get("more", False)
    return entries


def read_all(node: Node, room: str, cookie: str) -> int:
    """Enter, read to the end and leave; until that is stored, as another tab hears."""
    tab, other = node.connect(cookie), node.connect(cookie)
    list_of(other)
    head = int(tab.enter(room)["head"])
    if head:
        tab.send("read.mark", room=room, seq=head)
        other.receive("room.updated", LIVE_SECONDS, room=room, read=head)
    tab.close()
    other.close()
    return head


def test_after_hello_a_member_is_told_the_rooms(north: Node) -> None:
    entries = list_of(north.connect())

    assert next(iter(entries)) == "lobby"
    assert len(entries) == 50
    assert entries["lobby"] == {
        "room": "lobby",
        "name": "Lobby",
        "kind": "public",
        "head": 0,
        "mentions": 0,
        "notify": "all",
    }


def test_a_visitor_is_told_what_rooms_there_are_and_nothing_of_their_own(north: Node) -> None:
    entries = list_of(north.visit())

    assert entries[GARDEN] == {
        "room": GARDEN,
        "name": "Room 1",
        "kind": "public",
        "head": entries[GARDEN]["head"],
    }


def test_what_is_said_elsewhere_is_told_to_a_tab_that_is_not_there(
    north: Node, south: Node
) -> None:
    alice, bobs_cookie = north.connect(), next(north.cookies)
    alice.enter(GARDEN)
    alice.say(GARDEN, "read already")
    read_all(south, GARDEN, bobs_cookie)
    bob = south.connect(bobs_cookie)
    list_of(bob)
    bob.enter("lobby")

    for number in range(3):
        alice.say(GARDEN, f"message {number}")

    bob.receive("room.activity", LIVE_SECONDS, room=GARDEN, head=4, unread=3)
    assert not [frame for frame in alice.heard if frame["type"] == "room.activity"]


def test_visitors_are_told_how_far_rooms_come(north: Node, south: Node) -> None:
    alice, visitor = north.connect(), south.visit()
    list_of(visitor)

    alice.say(ATTIC, "hello")

    heard = visitor.receive("room.activity", LIVE_SECONDS, room=ATTIC)
    assert heard == {"type": "room.activity", "room": ATTIC, "head": 1}


def test_a_change_counts_as_no_message(north: Node, south: Node) -> None:
    alice, bobs_cookie = north.connect(), next(north.cookies)
    said = alice.say(CELLAR, "one")
    head = read_all(south, CELLAR, bobs_cookie)
    bob = south.connect(bobs_cookie)
    list_of(bob)

    alice.ask("message.edit", room=CELLAR, seq=said["seq"], body="One")
    alice.say(CELLAR, "two")

    bob.receive("room.activity", LIVE_SECONDS, room=CELLAR, head=head + 2, unread=1)
    again = list_of(south.connect(bobs_cookie))[CELLAR]
    assert (again["head"], again["read"], again["unread"]) == (head + 2, head, 1)


def test_a_tab_is_told_once_a_second_at_most(north: Node, south: Node) -> None:
    alice, bob = north.connect(), south.connect()
    list_of(bob)
    began = time.monotonic()
    while time.monotonic() - began < 3:
        alice.say(PORCH, "again")
        time.sleep(0.1)

    bob.receive("room.activity", LIVE_SECONDS, room=PORCH, head=int(alice.enter(PORCH)["head"]))

    told = [frame for frame in bob.heard if frame["type"] == "room.activity"]
    took = time.monotonic() - began
    assert 2 <= len([frame for frame in told if frame["room"] == PORCH]) <= took + 1


def test_what_is_read_on_one_device_is_read_on_the_other(north: Node, south: Node) -> None:
    cookie = next(north.cookies)
    phone, laptop = north.connect(cookie), south.connect(cookie)
    list_of(laptop)
    someone = north.connect()
    head = [someone.say("lobby", f"message {number}")["seq"] for number in range(3)][-1]
    phone.enter("lobby")

    phone.send("read.mark", room="lobby", seq=head - 1)

    laptop.receive("room.updated", LIVE_SECONDS, room="lobby", read=head - 1, unread=1)
    phone.send("read.mark", room="lobby", seq=head)
    laptop.receive("room.updated", LIVE_SECONDS, room="lobby", read=head, unread=0)


@pytest.mark.redis
def test_without_redis_the_lists_go_on_within_two_seconds() -> None:
    redis = ExitStack()
    with redis:
        url = redis.enter_context(servers.private_redis(servers.free_port())).url
        with (
            clients.deployment(url) as place,
            place.node("north") as north,
            place.node("south") as south,
        ):
            cookie = next(north.cookies)
            alice, phone, laptop = north.connect(), north.connect(cookie), south.connect(cookie)
            list_of(laptop)
            phone.enter("lobby")
            redis.close()
            delays: list[float] = []

            for number in range(3):
                head = alice.say("lobby", f"message {number}")["seq"]
                began = time.monotonic()
                laptop.receive("room.activity", LIVE_SECONDS, room="lobby", head=head)
                delays.append(time.monotonic() - began)
            phone.send("read.mark", room="lobby", seq=head)
            laptop.receive("room.updated", LIVE_SECONDS, room="lobby", read=head, unread=0)

            # A look each second, and a second between two frames; a busy machine takes longer.
            assert sorted(delays)[1] < 2 * BUSY, delays


def test_activity_of_rooms_that_are_not_live_here_comes_soon(north: Node, south: Node) -> None:
    """The median of the time from the reply to the author to another tab's room list."""
    alice, bob = north.connect(), south.connect()
    list_of(bob)
    room, delays = "room-102", list[float]()
    for number in range(5):
        # Past the second in which no more is told.
        time.sleep(1.1)
        head = alice.say(room, f"message {number}")["seq"]
        began = time.monotonic()
        bob.receive("room.activity", LIVE_SECONDS, room=room, head=head)
        delays.append(time.monotonic() - began)

    assert sorted(delays)[2] < 0.3 * BUSY, delays


def test_a_room_that_was_joined_and_left_at_once_is_not_there(north: Node) -> None:
    alice = north.connect()
    list_of(alice)
    den = alice.ask("room.create", name="Den for a moment", kind="private")["entry"]["room"]
    alice.ask("room.quit", room=den)
    alice.receive("room.removed", LIVE_SECONDS, room=den)

    alice.send("room.join", ref="1", room=CELLAR)
    alice.send("room.quit", ref="2", room=CELLAR)

    assert alice.receive("room.updated", LIVE_SECONDS, room=CELLAR, joined=False)
