"""Messages as they travel: rows of the database as structs of the protocol."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from .. import protocol
from ..accounts.models import Member
from . import markup
from .models import Message, MessageQuerySet

# The columns that `wire_message` takes, in its order.
WIRE_COLUMNS = (
    "uid",
    "seq",
    "updated_seq",
    "author_id",
    # The name of now; in live frames it is that of the commit.
    "author__name",
    "body",
    "created_at",
    "client_id",
    "edited_at",
    "deleted_at",
    "reply_to",
    "reactions",
    "mentions",
)

# Members by id, under the names of now.
Names = Mapping[int, str]
_NO_NAMES: Names = {}


def wire_messages(messages: MessageQuerySet, limit: int) -> list[protocol.WireMessage]:
    """The first `limit` of these rows. Read as tuples: model instances take far longer to make."""
    return from_rows(list(messages.values_list(*WIRE_COLUMNS)[:limit]))


def from_rows(rows: list[tuple[Any, ...]]) -> list[protocol.WireMessage]:
    """Rows of WIRE_COLUMNS. One more query, if some of them name members."""
    names = names_in(row[-1] for row in rows)
    return [wire_message(*row, names=names) for row in rows]


def of_messages(messages: Sequence[Message], known: Names) -> list[protocol.WireMessage]:
    """Messages as they travel; `known`: the names of now of some of those whom they name."""
    names = names_in((one.mentions for one in messages), known)
    return [
        wire_message(
            message.uid,
            message.seq,
            message.updated_seq,
            message.author_id,
            message.author_name,
            message.body,
            message.created_at,
            message.client_id,
            message.edited_at,
            message.deleted_at,
            message.reply_to,
            message.reactions,
            message.mentions,
            names=names,
        )
        for message in messages
    ]


def names_in(mentions: Iterable[list[dict[str, Any]] | None], known: Names = _NO_NAMES) -> Names:
    """The names of now of those whom messages name, as far as they are not known already."""
    ids = {one["id"] for named in mentions for one in named or ()} - known.keys()
    if not ids - {0}:
        return known
    found = Member.objects.filter(pk__in=ids).values_list("pk", "name")
    return {**known, **dict(found)}


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
    mentions: list[dict[str, Any]] | None = None,
    *,
    names: Names = _NO_NAMES,
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
        None if mentions is None else [_mention(one, names) for one in mentions],
    )


def _mention(mention: dict[str, Any], names: Names) -> protocol.Mention:
    text = mention["text"]
    name = names.get(mention["id"], text)
    return protocol.Mention(mention["id"], name, None if name == text else text)


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
