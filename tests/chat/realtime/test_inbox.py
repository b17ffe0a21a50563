"""The inbox over the socket: told on every node, counted in the room list, read on every device."""

import time
from contextlib import ExitStack

import pytest

from tests import clients, servers
from tests.clients import Node
from tests.kit import two_nodes
from tests.sockets import Client, wait_until

from .test_room_lists import BUSY, LIVE_SECONDS, list_of
from .test_socket_contract import me

KITCHEN = "room-1"

# Its rooms are named here, so they are of its own.
place = pytest.fixture(scope="module")(two_nodes.start_place)
north = pytest.fixture(scope="module")(two_nodes.start_north)
south = pytest.fixture(scope="module")(two_nodes.start_south)


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


def test_what_was_read_in_the_room_is_read_in_the_inbox(north: Node, south: Node) -> None:
    alice, cookie = north.connect(), next(north.cookies)
    phone, laptop = north.connect(cookie), south.connect(cookie)
    list_of(laptop)
    first = alice.say("room-100", f"@{me(phone)['name']} one")["seq"]
    head = alice.say("room-100", f"@{me(phone)['name']} two")["seq"]
    told = laptop.receive("inbox.updated", LIVE_SECONDS, head=2, unread=2)
    assert told["waiting"] == [
        {"number": 1, "room": "room-100", "seq": first},
        {"number": 2, "room": "room-100", "seq": head},
    ]

    phone.send("read.mark", room="room-100", seq=first)

    told = laptop.receive("inbox.updated", LIVE_SECONDS, head=2, unread=1)
    assert [one["number"] for one in told["waiting"]] == [2]
    phone.receive("inbox.updated", LIVE_SECONDS, head=2, unread=1)
    assert [one.get("read", False) for one in phone.ask("inbox.load")["items"]] == [True, False]


def test_one_item_is_read_on_every_device(north: Node, south: Node) -> None:
    alice, cookie = north.connect(), next(north.cookies)
    phone, laptop = north.connect(cookie), south.connect(cookie)
    list_of(laptop)
    alice.say("lobby", f"@{me(phone)['name']} one")
    alice.say("lobby", f"@{me(phone)['name']} two")
    laptop.receive("inbox.updated", LIVE_SECONDS, head=2, unread=2)

    assert phone.ask("inbox.mark", number=2, only=True)["type"] == "command.done"

    told = laptop.receive("inbox.updated", LIVE_SECONDS, head=2, unread=1)
    assert [one["number"] for one in told["waiting"]] == [1]


def test_what_was_deleted_is_counted_no_more(north: Node, south: Node) -> None:
    alice, bob = north.connect(), south.connect()
    list_of(bob)
    seq = alice.say("lobby", f"@{me(bob)['name']}")["seq"]
    bob.receive("inbox.updated", LIVE_SECONDS, head=1, unread=1)

    alice.ask("message.delete", room="lobby", seq=seq)

    bob.receive("inbox.updated", LIVE_SECONDS, head=1, unread=0)


def test_who_is_removed_from_a_room_has_nothing_unread_there(north: Node, south: Node) -> None:
    alice, bob = north.connect(), south.connect()
    list_of(bob)
    den = alice.ask("room.create", name="Den of names", kind="private")["entry"]["room"]
    alice.ask("member.add", room=den, members=[me(bob)["id"]])
    bob.receive("room.updated", LIVE_SECONDS, room=den)
    alice.say(den, f"@{me(bob)['name']}")
    bob.receive("inbox.updated", LIVE_SECONDS, unread=1)

    alice.ask("member.remove", room=den, member=me(bob)["id"])

    bob.receive("inbox.updated", LIVE_SECONDS, unread=0)
    assert bob.ask("inbox.load")["items"] == []


def test_activity_counts_the_mentions(north: Node, south: Node) -> None:
    alice, bob = north.connect(), south.connect()
    list_of(bob)
    alice.say("room-101", f"@{me(bob)['name']}")
    bob.receive("room.updated", LIVE_SECONDS, room="room-101", mentions=1)

    alice.say("room-101", "and something else")

    bob.receive("room.activity", LIVE_SECONDS, room="room-101", mentions=1)


def test_a_direct_message_is_in_the_inbox_until_its_room_is_read(north: Node, south: Node) -> None:
    alice, bob = north.connect(), south.connect()
    room = alice.ask("direct.open", members=[me(bob)["id"]])["entry"]["room"]
    seq = alice.say(room, "hello")["seq"]
    [entry] = bob.ask("inbox.load")["direct"]
    assert (entry["kind"], entry["room"], entry["text"]) == ("direct", room, "hello")
    assert not entry.get("read", False)

    # From the inbox, without entering the room.
    bob.send("read.mark", room=room, seq=seq)

    wait_until(lambda: bob.ask("inbox.load")["direct"][0].get("read", False))


def test_who_calls_many_is_asked_first(north: Node) -> None:
    owner, *others = [north.connect() for _ in range(23)]
    hall = owner.ask("room.create", name="Hall", kind="private")["entry"]["room"]
    owner.ask("member.add", room=hall, members=[me(one)["id"] for one in others])
    call = {"room": hall, "client_id": "c-1", "body": "@room now"}

    refused = owner.ask("message.send", **call)
    sent = owner.ask("message.send", **call, confirmed=True)
    plain = others[0].ask("message.send", **call)

    assert (refused["code"], refused["detail"]) == ("confirm", "This notifies 22 people.")
    assert sent["type"] == "message.accepted"
    # One who may not call everyone tells nobody, and is not asked.
    assert plain["type"] == "message.accepted"


@pytest.mark.redis
def test_without_redis_inboxes_go_on_within_two_seconds() -> None:
    """Hints are lost: each node looks for the inboxes that changed."""
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
            redis.close()

            for number in range(2):
                alice.say("lobby", f"@{me(phone)['name']} {number}")
            for device in (phone, laptop):
                device.receive("inbox.updated", LIVE_SECONDS, head=2, unread=2)
            began = time.monotonic()
            phone.ask("inbox.mark", number=1, only=True)
            laptop.receive("inbox.updated", LIVE_SECONDS, head=2, unread=1)

            # A look each second; a busy machine takes longer.
            assert time.monotonic() - began < 2 * BUSY


def test_a_visitor_has_no_inbox(north: Node) -> None:
    visitor: Client = north.visit()

    assert visitor.ask("inbox.load")["code"] == "forbidden"
