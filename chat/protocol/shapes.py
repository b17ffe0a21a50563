"""Shapes that commands, replies and events share."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from .refs import REF_MAX_LENGTH

Ref = Annotated[str, Meta(max_length=REF_MAX_LENGTH)]


RoomKey = Annotated[str, Meta(min_length=1, max_length=64)]


ClientId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9_-]+\Z")]


Seq = Annotated[int, Meta(ge=0, lt=2**53)]


Id = Annotated[int, Meta(ge=0, lt=2**53)]


Seconds = Annotated[int, Meta(ge=0, lt=2**31)]


Milliseconds = Annotated[int, Meta(ge=0, lt=2**53)]


Reason = Annotated[str, Meta(max_length=500)]


Emoji = Annotated[str, Meta(min_length=1, max_length=32)]


class MemberRef(Struct, frozen=True):
    """A member as others see one."""

    id: int
    name: str


class Reaction(Struct, frozen=True):
    emoji: str
    members: list[MemberRef]


class WireMessage(Struct, frozen=True, omit_defaults=True):
    """A message in its latest state; `id` is its uid. What is absent does not hold.

    `html` is the body's Markdown, rendered and sanitised; a body that needs none is plain text.
    """

    id: UUID
    seq: int
    updated_seq: int
    author: MemberRef
    body: str
    created_at: datetime
    client_id: str
    edited_at: datetime | None = None
    deleted: bool = False
    reply_to: int | None = None
    reactions: list[Reaction] | None = None
    html: str | None = None


class Position(Struct, frozen=True):
    """Where a reader stands: `epoch`, `to` and `to_id` of the last frame applied."""

    epoch: Annotated[str, Meta(max_length=64)]
    seq: Seq
    id: UUID | None = None
