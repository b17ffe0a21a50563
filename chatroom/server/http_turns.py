"""HTTP gets a part of each turn of the event loop: messages do not wait for all pages asked for.

After a deploy, hundreds of requests are there in one turn. To read them all takes the loop a tenth
of a second or more, and everyone's messages as well.
"""

from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Any

# So much time of one turn; what is left waits for the next turn.
TURN_SECONDS = 0.0005

Work = Callable[[], None]


class HttpTurns:
    """Does at once what fits into this turn, and the rest in the order it came."""

    def __init__(self, call_soon: Callable[[Work], Any]) -> None:
        self._call_soon = call_soon
        self._waiting: deque[Work] = deque()
        self._spent = 0.0
        self._is_due = False

    def do(self, work: Work) -> None:
        if self._waiting or self._spent >= TURN_SECONDS:
            self._waiting.append(work)
        else:
            self._do(work)

    def _do(self, work: Work) -> None:
        began = perf_counter()
        try:
            work()
        finally:
            self._spent += perf_counter() - began
            if not self._is_due:
                self._is_due = True
                self._call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._is_due, self._spent = False, 0.0
        while self._waiting and self._spent < TURN_SECONDS:
            self._do(self._waiting.popleft())
