"""What a member wants of a room's log, before it is committed.

`session` is the one it is wanted in: the commit refuses what comes from another than the member's
own of then. None is no session: a command, or a caller that has checked in its own transaction.
"""

from dataclasses import dataclass

from ..errors import ChatError
from .text import check_body, check_emoji


@dataclass(frozen=True, slots=True)
class Post:
    """Say something. The same `client_id` again means the same message."""

    author_id: int
    client_id: str
    body: str
    reply_to: int | None = None
    session: int | None = None

    def check(self) -> None:
        check_body(self.body)


@dataclass(frozen=True, slots=True)
class Edit:
    """Say something else instead."""

    actor_id: int
    seq: int
    body: str
    session: int | None = None

    def check(self) -> None:
        check_body(self.body)


@dataclass(frozen=True, slots=True)
class Delete:
    """Take it back; a moderator (with or without a member's id) may take back what others said."""

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
    """Put an emoji to a message, or take it away."""

    actor_id: int
    seq: int
    emoji: str
    on: bool
    session: int | None = None

    def check(self) -> None:
        check_emoji(self.emoji)


Operation = Post | Edit | Delete | Restore | React


def refusal(intent: Operation) -> ChatError | None:
    """Why this must not be batched, or None: what is unsound would fail its neighbours."""
    try:
        intent.check()
    except ChatError as error:
        return error
    return None
