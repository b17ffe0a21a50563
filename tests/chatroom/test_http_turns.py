"""What HTTP asks of the event loop is done in turns: in order, and everything in the end."""

from functools import partial
from time import perf_counter

from chatroom.server.http_turns import TURN_SECONDS, HttpTurns, Work


class Loop:
    """Calls back when the test says that a turn begins."""

    def __init__(self) -> None:
        self.due: list[Work] = []

    def call_soon(self, work: Work) -> None:
        self.due.append(work)

    def turn(self) -> None:
        due, self.due = self.due, []
        for work in due:
            work()


def work_for(seconds: float) -> None:
    until = perf_counter() + seconds
    while perf_counter() < until:
        pass


def test_a_burst_is_done_in_order_over_several_turns() -> None:
    loop, done = Loop(), list[int]()
    turns = HttpTurns(loop.call_soon)

    def work(number: int) -> None:
        work_for(TURN_SECONDS)
        done.append(number)

    for number in range(5):
        turns.do(partial(work, number))
    assert done == [0]
    for count in range(2, 6):
        loop.turn()
        assert done == list(range(count))
    loop.turn()
    assert not loop.due


def test_what_comes_later_waits_behind_what_waits() -> None:
    loop, done = Loop(), list[str]()
    turns = HttpTurns(loop.call_soon)
    turns.do(lambda: work_for(TURN_SECONDS))
    turns.do(lambda: done.append("first"))

    turns.do(lambda: done.append("second"))
    assert done == []
    loop.turn()

    assert done == ["first", "second"]


def test_a_failure_stops_nothing_that_waits() -> None:
    loop, done = Loop(), list[str]()
    turns = HttpTurns(loop.call_soon)
    turns.do(lambda: work_for(TURN_SECONDS))
    turns.do(lambda: [][0])
    turns.do(lambda: done.append("next"))

    for _ in range(3):
        try:
            loop.turn()
        except IndexError:
            # The loop logs it.
            continue

    assert done == ["next"]
