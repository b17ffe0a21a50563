"""The fanout of a room: whoever stands there gets everything once, or leaves."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.realtime.fanout import Fanout
from chat.realtime.room_stream import Subscription
from chat.realtime.segment import Segment
from chat.realtime.sockets import Frame

pytestmark = pytest.mark.once


class Listener:
    """A subscription, and what came to its socket; `takes` that many bytes of a write."""

    def __init__(self, cursor: int = 0, takes: int = 1000) -> None:
        self.subscription = Subscription(cast("Any", self), cast("Any", None), cursor)
        self.heard: list[bytes] = []
        self.takes = takes

    def send(self, wire: bytes) -> int:
        if self.takes < 0:
            raise ConnectionResetError
        if not self.takes:
            raise BlockingIOError
        self.heard.append(wire[: self.takes])
        return min(self.takes, len(wire))


def news(seq: int) -> Segment:
    return Segment(seq, seq, None, [], Frame.of(b"news %04d" % seq))


def front_of(*listeners: Listener) -> Fanout:
    fanout = Fanout(0)
    for listener in listeners:
        fanout.join(listener.subscription, listener.send)
    return fanout


def test_everyone_hears_the_news_once_and_the_front_moves_on() -> None:
    listeners = [Listener() for _ in range(5)]
    fanout = front_of(*listeners)
    fanout.pending = news(1)

    assert fanout.sweep(3) == []
    assert [len(listener.heard) for listener in listeners] == [1, 1, 1, 0, 0]
    assert fanout.sweep(3) == []

    assert fanout.cursor == 1
    assert all(listener.heard == [news(1).frame.wire] for listener in listeners)


@pytest.mark.parametrize(("takes", "sent"), [(3, 3), (0, 0), (-1, -1)])
def test_who_does_not_take_all_leaves(takes: int, sent: int) -> None:
    slow, others = Listener(takes=takes), [Listener() for _ in range(3)]
    fanout = front_of(others[0], slow, *others[1:])
    fanout.pending = news(1)

    assert fanout.sweep(10) == [(slow.subscription, sent)]

    assert slow.subscription.slot is None
    assert slow.subscription.cursor == 1
    assert fanout.members() == [
        listener.subscription for listener in (others[0], others[2], others[1])
    ]


def test_who_leaves_before_their_turn_has_not_heard_it() -> None:
    first, last = Listener(), Listener()
    fanout = front_of(first, last)
    fanout.pending = news(1)
    fanout.sweep(1)

    fanout.leave(first.subscription)
    fanout.leave(last.subscription)
    fanout.sweep(1)

    assert (first.subscription.cursor, len(first.heard)) == (1, 1)
    assert (last.subscription.cursor, len(last.heard)) == (0, 0)
    assert len(fanout) == 0


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("join"), st.integers(-1, 12)),
            st.tuples(st.just("leave"), st.integers(0, 20)),
            st.tuples(st.just("sweep"), st.integers(1, 4)),
        ),
        max_size=60,
    )
)
def test_whoever_comes_and_goes_everyone_has_heard_what_their_cursor_says(
    steps: list[tuple[str, int]],
) -> None:
    fanout = Fanout(0)
    listeners: list[tuple[Listener, int]] = []
    for step, number in steps:
        if step == "join" and fanout.pending is None:
            listener = Listener(fanout.cursor, number)
            listeners.append((listener, fanout.cursor))
            fanout.join(listener.subscription, listener.send)
        elif step == "leave" and listeners:
            fanout.leave(listeners[number % len(listeners)][0].subscription)
        elif step == "sweep":
            fanout.pending = fanout.pending or news(fanout.cursor + 1)
            fanout.sweep(number)

    while fanout.pending:
        fanout.sweep(1)

    for listener, joined in listeners:
        here = listener.subscription.slot is not None
        cursor = fanout.cursor if here else listener.subscription.cursor
        whole = [news(seq).frame.wire for seq in range(joined + 1, cursor + 1)]
        if listener.takes >= len(news(1).frame.wire):
            assert listener.heard == whole
        else:
            assert not here or cursor == joined
            assert listener.heard in ([], [wire[: listener.takes] for wire in whole])
