"""Erasing a member: what they said and their name go, the numbers stay, and everyone sees it go.

All of it in small steps along the indexes: a member may have said a million things.
"""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..accounts import guests
from ..accounts.models import Member
from ..errors import Busy, Unavailable
from ..messages import commit
from ..messages.models import Change, Message
from ..rooms.models import Room, RoomHead
from .throttling import RESTS, gently, patiently, rest

# Forgotten in one step, of which nobody in the room knows.
BATCH = 100
# Numbers looked through at once for what the member changed.
WINDOW = 5000
NOBODY = "someone"


def count(member: Member) -> int:
    """How many messages of theirs hold text."""
    return Message.objects.filter(author=member, deleted_at=None).count()


def erase(member: Member) -> Iterator[int]:
    """Take back all they said and reacted, and forget who they were. Yields what each step did.

    Stopped in the middle, it is finished by the next run. Backups and exports made before, and
    what others quoted, are not reached.
    """
    with transaction.atomic():
        guests.leave(member=member)
        Member.objects.filter(pk=member.pk).update(
            name=NOBODY, canonical_name=f"erased {member.pk}", address_hash=""
        )
    standing = True
    while standing:
        for room in Room.objects.order_by("pk"):
            yield from _forget_said(member, room)
            yield from _forget_changed(member, room)
        # A node may have taken in one more while it heard of the end of the session.
        standing = count(member) > 0


def _forget_said(member: Member, room: Room) -> Iterator[int]:
    """In the order of the index that finds all that a member said in a room."""
    said = Message.objects.filter(author=member, room=room).order_by("client_id")
    fields = ("client_id", "pk", "seq", "deleted_at")
    last = ""
    while batch := list(said.filter(client_id__gt=last).values_list(*fields)[:BATCH]):
        standing = [seq for _, _, seq, deleted_at in batch if deleted_at is None]
        _commit(room, [commit.Delete(member.pk, seq) for seq in standing])
        gently(partial(_forget_messages, [pk for _, pk, *_ in batch]))
        last = batch[-1][0]
        yield len(standing)


def _forget_messages(pks: Sequence[int]) -> None:
    """What a change replaced was kept for moderators, until now."""
    kept = Change.objects.filter(message__in=pks, replaced__isnull=False)
    kept.update(replaced=None)
    messages = Message.objects.filter(pk__in=pks)
    # What is below the floor no commit has reached; it is deleted all the same.
    messages.exclude(author_name=NOBODY, body="", deleted_at__isnull=False).update(
        author_name=NOBODY, body="", deleted_at=Coalesce("deleted_at", timezone.now())
    )


def _forget_changed(member: Member, room: Room) -> Iterator[int]:
    """Numbers in order, to the head as it is by then: no index knows who changed what."""
    at = RoomHead.objects.get(room=room).floor
    while at < RoomHead.objects.get(room=room).head:
        changed = Change.objects.filter(
            room=room, seq__gt=at, seq__lte=at + WINDOW, actor=member, replaced__isnull=False
        )
        pks, reacted = [], []
        for pk, kind, message in changed.values_list("pk", "kind", "message"):
            pks.append(pk)
            if kind == Change.Kind.REACTED:
                reacted.append(message)
        for start in range(0, len(reacted), BATCH):
            messages = reacted[start : start + BATCH]
            yield _take_reactions_away(member, room, messages)
            gently(partial(_forget_reactions, member, messages))
        for start in range(0, len(pks), BATCH):
            rows = Change.objects.filter(pk__in=pks[start : start + BATCH])
            gently(partial(rows.update, replaced=None))
        at += WINDOW


def _take_reactions_away(member: Member, room: Room, messages: Sequence[int]) -> int:
    theirs = [
        commit.React(member.pk, seq, reaction["emoji"], False)
        for seq, reactions in Message.objects.filter(pk__in=messages).values_list(
            "seq", "reactions"
        )
        for reaction in reactions or []
        if _is_among(member, reaction)
    ]
    _commit(room, theirs)
    return len(theirs)


def _forget_reactions(member: Member, messages: Sequence[int]) -> None:
    """From what others took back, too."""
    removals = [Change.Kind.DELETED, Change.Kind.HIDDEN]
    for change in Change.objects.filter(
        message__in=messages, kind__in=removals, replaced__isnull=False
    ):
        replaced = change.replaced or {}
        reactions = replaced.get("reactions") or []
        if any(_is_among(member, reaction) for reaction in reactions):
            change.replaced = replaced | {"reactions": _without(member, reactions)}
            change.save(update_fields=["replaced"])


def _is_among(member: Member, reaction: dict[str, Any]) -> bool:
    return any(who["id"] == member.pk for who in reaction["members"])


def _without(member: Member, reactions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    others = [
        reaction | {"members": [who for who in reaction["members"] if who["id"] != member.pk]}
        for reaction in reactions
    ]
    return [reaction for reaction in others if reaction["members"]]


def _commit(room: Room, intents: Sequence[commit.Operation]) -> None:
    """One by one: the room waits for each, and if anyone speaks there has long rests in between."""
    last = 0
    for intent in intents:
        began = time.monotonic()
        number = patiently(partial(_commit_one, room, intent))
        rest(began, times=1 if number == last + 1 else RESTS)
        last = number


def _commit_one(room: Room, intent: commit.Operation) -> int:
    """The number of the change; 0 if there was none to make."""
    [outcome] = commit.commit_batch(room, [intent])
    if isinstance(outcome, Busy | Unavailable):
        raise outcome
    return outcome.updated_seq if isinstance(outcome, commit.Accepted) else 0
