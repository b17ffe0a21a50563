"""Operations: what a member asks of a room's log, before it is committed.

`session` is the session that asks. The commit refuses the operation if the member has another
session by then. None skips this check: for commands, and for callers that have checked in their own
transaction.
"""

from dataclasses import dataclass

from ..errors import ChatError
from .text import check_body, check_emoji


@dataclass(frozen=True, slots=True)
class Post:
    """Post a message. The same `client_id` again means the same message."""

    author_id: int
    client_id: str
    body: str
    reply_to: int | None = None
    session: int | None = None

    def check(self) -> None:
        check_body(self.body)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of one's own message."""

    actor_id: int
    seq: int
    body: str
    session: int | None = None

    def check(self) -> None:
        check_body(self.body)


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a message. With `moderator`, another's; an operator has no `actor_id`."""

    actor_id: int | None
    seq: int
    moderator: bool = False
    session: int | None = None

    def check(self) -> None:
        """Nothing in it can be wrong."""


@dataclass(frozen=True, slots=True)
class Restore:
    """Undo a moderator's deletion."""

    actor_id: int | None
    seq: int
    session: int | None = None

    def check(self) -> None:
        """Nothing in it can be wrong."""


@dataclass(frozen=True, slots=True)
class React:
    """Add or remove an emoji of one's own at a message."""

    actor_id: int
    seq: int
    emoji: str
    on: bool
    session: int | None = None

    def check(self) -> None:
        check_emoji(self.emoji)


Operation = Post | Edit | Delete | Restore | React


def refusal(operation: Operation) -> ChatError | None:
    """Why the operation is invalid; None if it is not. An invalid one would fail its batch."""
    try:
        operation.check()
    except ChatError as error:
        return error
    return None
