"""Forms on the way of sockets: what one posts is committed with what others say meanwhile.

A thread of its own transaction would take the room's lock from the node's writer, and several times
the work of the writer's one statement.
"""

from concurrent.futures import Future
from typing import Any

from django.utils.translation import gettext

from ..errors import ChatError, Unavailable
from ..messages import commit
from ..rooms.models import Room
from . import node

# A commit that takes longer is as good as lost. The form is shown again, with the same key.
ANSWER_SECONDS = 20.0


class _Form:
    """Stands where the writer expects a connection: takes the one outcome."""

    def __init__(self) -> None:
        self.outcome: Future[commit.Outcome] = Future()

    def write_all(self, outcomes: list[Any]) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcomes[0])


def commit_operation(room: Room, operation: commit.Operation) -> commit.Accepted:
    """As `commit.commit_operation`, by the node of this process if it runs one.

    Never called on the event loop.
    """
    here = node.running()
    if here is None or not here.loop.is_running():
        return commit.commit_operation(room, operation)
    form = _Form()
    here.loop.call_soon_threadsafe(here.writer.submit, room, operation, form, _as_it_is)
    try:
        outcome = form.outcome.result(ANSWER_SECONDS)
    except TimeoutError:
        raise Unavailable(
            gettext("The database does not answer; try again."), retry_ms=2000
        ) from None
    if isinstance(outcome, ChatError):
        raise outcome
    return outcome


def _as_it_is(outcome: commit.Outcome) -> commit.Outcome:
    return outcome
