"""What one socket may ask of us besides whole text frames; on a clock that we turn."""

import pytest

from chat.realtime import rate_limits
from chatroom.server import websocket
from chatroom.server.websocket import MESSAGE_SECONDS, ChatProtocol
from tests.fuzz.wire_server import Wire
from tests.sockets import BINARY, PING, PONG, TEXT, framed

pytestmark = pytest.mark.once


class Ours(ChatProtocol):
    """Takes the options of these tests in place of ChatProtocol."""


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(websocket, "time", clock)
    monkeypatch.setattr(rate_limits, "time", clock)
    return clock


@pytest.fixture
def wire(clock: Clock) -> Wire:
    wire = Wire(Ours)
    wire.socket.server.websocket_timeout = -1
    wire.socket.server.ping_interval = 10_000
    return wire


PIECES = [
    ("pongs", framed("", PONG)),
    ("binary frames", framed("", BINARY)),
    ("fragments of nothing", framed("", first=0x00)),
    ("fragments of a byte", framed("x", first=0x00)),
]


@pytest.mark.parametrize(("what", "piece"), PIECES, ids=[what for what, _ in PIECES])
def test_a_flood_of_frames_that_nobody_needs_is_cut_off(
    wire: Wire, what: str, piece: bytes
) -> None:
    if "fragments" in what:
        wire.feed([framed("x", first=TEXT)])
    enough = Ours.OTHER_FRAMES.burst - 1

    wire.feed([piece * enough])
    assert not wire.is_cut_off
    heard = len(wire.events)
    # In one piece: what comes behind the frame that was too many is not heard either.
    wire.feed([piece * 1000])

    assert len(wire.events) <= heard + 2
    assert wire.is_cut_off


def test_over_time_they_are_taken(wire: Wire, clock: Clock) -> None:
    for _ in range(200):
        wire.feed([framed("", PONG) * 40])
        clock.now += 1

    assert not wire.is_cut_off


def test_whole_text_frames_are_not_counted_here(wire: Wire) -> None:
    wire.feed([framed("hello") * 5000])

    assert wire.events == [("text", "hello")] * 5000


@pytest.mark.parametrize(
    "begun",
    [
        framed("hello")[:3],
        framed("hello")[:8],
        framed("he", first=TEXT),
        framed("he", first=TEXT) + framed("llo", first=0x00)[:5],
        b"\x81\xff" + (60_000).to_bytes(8),
    ],
)
def test_a_message_that_does_not_end_is_not_waited_for(
    wire: Wire, clock: Clock, begun: bytes
) -> None:
    wire.feed([framed("before"), begun])

    clock.now += MESSAGE_SECONDS - 1
    wire.socket.check_timeouts()
    assert not wire.is_cut_off
    clock.now += 2
    wire.socket.check_timeouts()

    assert wire.is_cut_off


def test_messages_that_end_are_waited_for_one_by_one(wire: Wire, clock: Clock) -> None:
    hello = framed("hello")
    wire.feed([hello[:6]])
    for _ in range(10):
        clock.now += MESSAGE_SECONDS - 1
        wire.socket.check_timeouts()
        wire.feed([hello[6:] + hello[:6]])

    assert wire.events.count(("text", "hello")) == 10


def test_a_socket_that_rests_between_messages_may_stay(wire: Wire, clock: Clock) -> None:
    wire.feed([framed("hello"), framed("he", first=TEXT), framed("llo", first=0x80)])

    clock.now += 10 * MESSAGE_SECONDS
    wire.socket.check_timeouts()

    assert not wire.is_cut_off


def test_pings_are_answered_and_a_flood_of_them_is_not(wire: Wire) -> None:
    wire.feed([framed("hi", PING) * 100])

    assert len(wire.events) <= Ours.PINGS.burst + 2
    assert wire.is_cut_off
