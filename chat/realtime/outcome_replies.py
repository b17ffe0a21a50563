"""Replies to what was submitted: accepted under a number, or rejected with a reason."""

from datetime import UTC, datetime

from django.utils.translation import gettext

from .. import protocol
from ..errors import ChatError, SessionEnded, Unavailable
from ..messages.commit import Outcome
from ..messages.operations import Operation, Post
from ..metrics import counters


def reply_for(
    operation: Operation, ref: str, received: datetime, outcome: Outcome
) -> protocol.MessageAccepted | protocol.ChangeAccepted | protocol.CommandRejected:
    """What the author of an operation is told of it."""
    if isinstance(outcome, ChatError):
        return rejection(outcome, ref)
    if not isinstance(operation, Post):
        return protocol.ChangeAccepted(ref, outcome.seq, outcome.updated_seq)
    return protocol.MessageAccepted(
        ref=ref,
        client_id=operation.client_id,
        seq=outcome.seq,
        id=outcome.id,
        # The room is told right after this reply (chat/realtime/writer.py).
        trace=protocol.Trace(received, outcome.committed, published=datetime.now(UTC)),
    )


def rejection(error: ChatError, ref: str | None) -> protocol.CommandRejected:
    """A refusal as the client gets it; it is counted."""
    if isinstance(error, SessionEnded):
        # Within two seconds the node closes this socket, or it goes on under a new name.
        error = Unavailable(gettext("Your session has changed; try again."), retry_ms=1000)
    counters.rejections[error.code] += 1
    return protocol.rejection(error, ref)
