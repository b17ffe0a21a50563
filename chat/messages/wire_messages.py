"""Messages as they travel: rows of the database as structs of the protocol."""

from typing import Any
from uuid import UUID

from .. import protocol
from . import markup
from .models import MessageQuerySet

# The columns that `wire_message` takes, in its order.
WIRE_COLUMNS = (
    "uid",
    "seq",
    "updated_seq",
    "author_id",
    "author_name",
    "body",
    "created_at",
    "client_id",
    "edited_at",
    "deleted_at",
    "reply_to",
    "reactions",
)


def wire_messages(messages: MessageQuerySet, limit: int) -> list[protocol.WireMessage]:
    """The first `limit` of these rows. Read as tuples: model instances take far longer to make."""
    return [wire_message(*row) for row in messages.values_list(*WIRE_COLUMNS)[:limit]]


def wire_message(
    uid: UUID,
    seq: int,
    updated_seq: int,
    author_id: int,
    author_name: str,
    body: str,
    created_at: Any,
    client_id: str,
    edited_at: Any = None,
    deleted_at: Any = None,
    reply_to: int | None = None,
    reactions: list[dict[str, Any]] | None = None,
) -> protocol.WireMessage:
    """One row as it travels. A deleted message is a tombstone: it carries no text."""
    author = protocol.MemberRef(author_id, author_name)
    if deleted_at is not None:
        return protocol.WireMessage(
            uid, seq, updated_seq, author, "", created_at, client_id, None, True, reply_to
        )
    return protocol.WireMessage(
        uid,
        seq,
        updated_seq,
        author,
        body,
        created_at,
        client_id,
        edited_at,
        False,
        reply_to,
        wire_reactions(reactions),
        markup.render(body),
    )


def wire_reactions(reactions: list[dict[str, Any]] | None) -> list[protocol.Reaction] | None:
    if not reactions:
        return None
    return [
        protocol.Reaction(
            reaction["emoji"],
            [protocol.MemberRef(member["id"], member["name"]) for member in reaction["members"]],
        )
        for reaction in reactions
    ]
