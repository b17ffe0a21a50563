"""Costly texts are rendered before they enter their room's queue, so that nobody waits for them.

A commit carries every text as HTML. A short one takes less time to render than a thread to wake, so
it is rendered when it comes. A long one with marks takes milliseconds, and would delay everyone.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from django.utils.translation import gettext

from ..errors import Busy
from ..messages import commit, markup
from ..rooms.models import Room

# Longer texts than this, if they have marks, are rendered here.
COSTLY_LENGTH = 400
# So much may wait for one sender's texts to be rendered.
WAITING_MAX = 100


class Sender(Protocol):
    """Who is told what came of an operation: a connection, or a form (form_posts.py)."""

    def write_all(self, replies: list[Any], /) -> None: ...


# The reply that tells its sender what came of an operation.
ReplyFor = Callable[[commit.Outcome], Any]
Submit = Callable[[Room, commit.Operation, Sender, ReplyFor], None]
Submission = tuple[Room, commit.Operation, Sender, ReplyFor]


class RenderQueue:
    """Hands on what is submitted when it is rendered, each sender's in the order it came.

    With one thread: many senders of costly texts take turns, and use one core.
    """

    def __init__(self, submit: Submit) -> None:
        self._submit = submit
        self._thread = ThreadPoolExecutor(1, "chat-render")
        # By sender with a text under way: what they submitted since.
        self._waiting: dict[Sender, deque[Submission]] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    def submit(
        self, room: Room, operation: commit.Operation, sender: Sender, reply: ReplyFor
    ) -> None:
        waiting = self._waiting.get(sender)
        if waiting is not None:
            self._wait(waiting, (room, operation, sender, reply))
        elif _is_costly(operation):
            self._waiting[sender] = deque()
            self._idle.clear()
            self._render((room, operation, sender, reply))
        else:
            _render(operation)
            self._submit(room, operation, sender, reply)

    def waiting(self) -> int:
        """How much is not rendered yet, or waits behind what is not."""
        return len(self._waiting) + sum(map(len, self._waiting.values()))

    async def finish(self) -> None:
        """Wait until everything submitted has been handed on."""
        await self._idle.wait()

    def _wait(self, waiting: deque[Submission], submission: Submission) -> None:
        if len(waiting) < WAITING_MAX:
            waiting.append(submission)
        else:
            *_, sender, reply = submission
            sender.write_all(
                [reply(Busy(gettext("Too much was sent at once; try again."), retry_ms=1000))]
            )

    def _render(self, submission: Submission) -> None:
        loop = asyncio.get_running_loop()

        def work() -> None:
            _render(submission[1])
            loop.call_soon_threadsafe(self._rendered, submission)

        self._thread.submit(work)

    def _rendered(self, submission: Submission) -> None:
        """Hand it on, and what came after it up to the next costly text."""
        sender = submission[2]
        waiting = self._waiting[sender]
        self._submit(*submission)
        while waiting:
            following = waiting.popleft()
            if _is_costly(following[1]):
                self._render(following)
                return
            _render(following[1])
            self._submit(*following)
        del self._waiting[sender]
        if not self._waiting:
            self._idle.set()


def _render(operation: commit.Operation) -> None:
    """The result is cached by the text, where the commit finds it."""
    if isinstance(operation, commit.Post | commit.Edit):
        markup.render(operation.body)


def _is_costly(operation: commit.Operation) -> bool:
    return (
        isinstance(operation, commit.Post | commit.Edit)
        and len(operation.body) > COSTLY_LENGTH
        and markup.looks_marked(operation.body)
    )
