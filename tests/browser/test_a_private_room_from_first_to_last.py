"""Two people in a private room: made, shared by a link, talked in, and taken from one of them.

With nothing but a keyboard or a finger, wide and narrow, on two nodes, with Redis and without it.
One who is removed sees nothing, hears nothing, can open no link and sees no count: within two
seconds, by the clock, from the press of the button to the other's screen.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests import clients, servers
from tests.clients import Node
from tests.sockets import PATIENCE_SECONDS, Client

from .conftest import Visit
from .moments import Moments
from .room_actions import GONE, Guest, invites, makes_a_private_room, removes
from .test_switching import is_in
from .user_actions import Finger, Hand, Keyboard

pytestmark = pytest.mark.browser

SHAPES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}
# Promise 7: from the command that leaves one page to the frame that ends the room in the other.
REMOVED_SECONDS = 2.0
# What the two browsers may take besides, on a machine of two cores that runs other tests too: from
# the key or finger to the command, and from the frame to the screen.
BROWSERS_SECONDS = 1.0
WALKS = [("wide", Keyboard), ("narrow", Keyboard), ("wide", Finger), ("narrow", Finger)]


@dataclass
class House:
    """Two nodes, and a Redis that can be stopped and started."""

    north: Node
    south: Node
    start_redis: Callable[[], None]
    stop_redis: Callable[[], None]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    port = servers.free_port()
    with ExitStack() as redis, ExitStack() as nodes:
        url = redis.enter_context(servers.private_redis(port)).url
        place = nodes.enter_context(clients.deployment(url))
        north, south = (
            nodes.enter_context(place.node(name, RATE_LIMITS="off")) for name in ("north", "south")
        )

        # As few rooms as people find in a new house: the Tab key leads through all of them.
        empty = "from chat.models import Room; Room.objects.exclude(key='lobby').delete()"
        north.manage("shell", "-v0", "-c", empty)

        def start_redis() -> None:
            redis.enter_context(servers.private_redis(port))

        yield House(north, south, start_redis, redis.close)


_LOBBY_CAME = """([before, seq]) =>
  moments.received.slice(before).some(({ text }) => {
    const { type, room, to, head } = JSON.parse(text);
    const goesOn = ["room.changes", "room.activity"].includes(type);
    return goesOn && room === "lobby" && (to ?? head) >= seq;
  })"""


def removes_in_time(alice: Guest, bob: Guest, room: str) -> None:
    at_alice, at_bob = Moments(alice.page), Moments(bob.page)
    at_bob.watch_for(absent=room, present=GONE)
    removes(alice, bob, room)

    sent, told = at_alice.sent_at("member.remove"), at_bob.received_at("room.removed")
    pressed, shown = at_alice.pressed_at(), at_bob.shown_at()
    assert pressed <= sent <= told <= shown
    assert told - sent <= REMOVED_SECONDS
    assert shown - pressed <= REMOVED_SECONDS + BROWSERS_SECONDS


def sees_and_hears_nothing(
    bob: Guest, alice: Guest, carol: Client, room: str, key: str, secret: str
) -> None:
    heard = Moments(bob.page)
    before = len(heard.frames())
    alice.says(secret)
    # On Alice's node, and after her: once this has come, so would what she said.
    seq = carol.say("lobby", "After the secret.")["seq"]
    bob.page.wait_for_function(_LOBBY_CAME, arg=[before, seq], timeout=PATIENCE_SECONDS * 1_000)
    told = " ".join(heard.frames()[before:])
    assert secret not in told
    assert key not in told
    assert not bob.page.title().startswith("(")
    expect(bob.link_to(room)).to_have_count(0)
    expect(bob.page.locator("message-list")).to_be_hidden()
    expect(bob.person.composer).to_be_hidden()
    expect(bob.page.get_by_text(secret)).to_have_count(0)


def can_open_no_link(bob: Guest, node: Node, key: str, invitation: str) -> None:
    for path in (f"/rooms/{key}/", f"/rooms/{key}/1/", f"/rooms/{key}/qr.svg"):
        answer = bob.page.request.get(node.origin + path)
        absent = bob.page.request.get(node.origin + path.replace(key, "den-00000000"))
        assert answer.status == absent.status == 404
        assert answer.text().replace(key, "den-00000000") == absent.text()
    assert "not valid any more" in bob.page.request.get(node.origin + invitation).text()


@pytest.mark.parametrize(("shape", "kind"), WALKS, ids=lambda one: getattr(one, "__name__", one))
def test_a_private_room_from_first_to_last(
    house: House, visit: Visit, shape: str, kind: type[Hand]
) -> None:
    name = f"Den {shape} {kind.__name__}"
    options = {"viewport": SHAPES[shape], **kind.browser}
    people = (
        visit(who, f"{node.origin}/rooms/lobby/", **options)
        for who, node in (("Alice", house.north), ("Bob", house.south))
    )
    alice, bob = (Guest(person, kind(person.page)) for person in people)
    for one in (alice, bob):
        Moments(one.page).begin()
        one.joins()
    carol = house.north.connect()
    carol.enter("lobby")

    makes_a_private_room(alice, name)
    key = alice.page.url.rstrip("/").rsplit("/", 1)[1]
    invitation = invites(alice)
    bob.page.goto(house.south.origin + invitation)
    bob.hand.press(bob.page.get_by_role("button", name="Join"))
    bob.person.is_live()
    is_in(bob.person, name)
    bob.says("Thank you for the link.")
    expect(alice.person.message("Thank you for the link.")).to_be_visible()

    removes_in_time(alice, bob, name)
    members = alice.page.get_by_role("dialog", name="Members of")
    alice.closes(members)
    sees_and_hears_nothing(bob, alice, carol, name, key, "Only for members")
    can_open_no_link(bob, house.south, key, invitation)

    members = alice.chooses_of_room("Members")
    alice.hand.write(members.get_by_role("searchbox"), bob.person.name)
    alice.hand.press(members.get_by_role("button", name=f"Add {bob.person.name}"))
    alice.closes(members)
    # The room that he still looks at is there again by itself.
    is_in(bob.person, name)
    bob.says("Here again.")
    expect(alice.person.message("Here again.")).to_be_visible()

    house.stop_redis()
    try:
        removes_in_time(alice, bob, name)
        alice.closes(members)
        sees_and_hears_nothing(bob, alice, carol, name, key, "Without Redis, too")
        can_open_no_link(bob, house.south, key, invitation)
        # Nor does a page that is loaded now know of it.
        bob.page.goto(f"{house.south.origin}/rooms/lobby/")
        bob.person.is_live()
        expect(bob.page.locator(".rooms-list a")).not_to_have_count(0)
        expect(bob.link_to(name)).to_have_count(0)
        assert key not in " ".join(Moments(bob.page).frames())
    finally:
        house.start_redis()
