"""Without the idempotency key: each post is stored under a key that nobody has used.

The keys of others' posts are unique in the database for good, so a second message with the same
one gets a mark behind it, which is taken off again wherever a message travels.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chat.messages import single_statement_commit, wire_messages
from chat.messages.operations import Post

from ..repeated_keys import MARK
from .replacing import wrap


def install() -> None:
    """For good: what was stored with a mark is shown without it, the mechanism on or off."""
    for module in (wire_messages, single_statement_commit):
        wrap(module, "wire_message", _unmarked)


def _unmarked(wire_message: Callable[..., Any]) -> Callable[..., Any]:
    def unmarked(*columns: Any, **options: Any) -> Any:
        before, (client_id, *after) = columns[:7], columns[7:]
        return wire_message(*before, MARK.sub("", client_id), *after, **options)

    return unmarked


def forgotten(commit: Callable[..., Any]) -> Callable[..., Any]:
    """In place of Committer.commit."""

    async def commit_anew(self: Any, room: Any, operations: Any, announce: Any) -> Any:
        marked = [
            replace(one, client_id=f"{one.client_id[:55]}~{secrets.token_hex(4)}")
            if isinstance(one, Post)
            else one
            for one in operations
        ]
        return await commit(self, room, marked, announce)

    return commit_anew
