"""Erasure of a member: their texts, reactions and name are deleted; the numbers of the log stay.

Clients see the deletions as changes. The work is done in small steps along the indexes, because a
member may have written a million messages.
"""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..accounts import guests, profile
from ..accounts.models import Member
from ..errors import Busy, Unavailable
from ..messages import commit
from ..messages.models import Change, Message
from ..moderation import accounts
from ..rooms import memberships
from ..rooms.models import Room, RoomHead
from .throttling import RESTS, rest, retry_if_busy, run_throttled

# Rows emptied in one step.
BATCH = 100
# Numbers searched at once for changes by the member.
WINDOW = 5000
NOBODY = "someone"


def count(member: Member) -> int:
    """How many messages of the member hold text."""
    return Message.objects.filter(author=member, deleted_at=None).count()


def erase(member: Member) -> Iterator[int]:
    """Delete all texts and reactions of the member, and their name. Yields the rows of each step.

    If it is stopped, the next run finishes it. Earlier backups and exports, and quotes by others,
    are not reached.
    """
    with transaction.atomic():
        guests.leave(member=member)
        accounts.close(member)
        profile.forget(member)
        memberships.remove_everywhere(member)
        Member.objects.filter(pk=member.pk).update(
            name=NOBODY, canonical_name=f"erased {member.pk}", address_hash=""
        )
    is_done = False
    while not is_done:
        for room in Room.objects.order_by("pk"):
            yield from _erase_messages(member, room)
            yield from _erase_changes(member, room)
        # A node may have committed one more message before it learned that the session ended.
        is_done = count(member) == 0


def _erase_messages(member: Member, room: Room) -> Iterator[int]:
    """Delete and empty the messages, in the order of the index on author, room and client_id."""
    written = Message.objects.filter(author=member, room=room).order_by("client_id")
    fields = ("client_id", "pk", "seq", "deleted_at")
    last = ""
    while batch := list(written.filter(client_id__gt=last).values_list(*fields)[:BATCH]):
        undeleted = [seq for _, _, seq, deleted_at in batch if deleted_at is None]
        _commit(room, [commit.Delete(member.pk, seq) for seq in undeleted])
        run_throttled(partial(_empty_messages, [pk for _, pk, *_ in batch]))
        last = batch[-1][0]
        yield len(undeleted)


def _empty_messages(pks: Sequence[int]) -> None:
    """Remove the name, and the earlier texts that changes keep for moderators."""
    kept = Change.objects.filter(message__in=pks, replaced__isnull=False)
    kept.update(replaced=None)
    messages = Message.objects.filter(pk__in=pks)
    # No commit deletes a message below the floor, so it is deleted here.
    messages.exclude(author_name=NOBODY, body="", deleted_at__isnull=False).update(
        author_name=NOBODY,
        body="",
        mentions=None,
        deleted_at=Coalesce("deleted_at", timezone.now()),
    )


def _erase_changes(member: Member, room: Room) -> Iterator[int]:
    """Remove the member's reactions and what their changes replaced.

    No index finds changes by their actor, so this walks through all numbers of the room.
    """
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
            yield _remove_reactions(member, room, messages)
            run_throttled(partial(_erase_kept_reactions, member, messages))
        for start in range(0, len(pks), BATCH):
            rows = Change.objects.filter(pk__in=pks[start : start + BATCH])
            run_throttled(partial(rows.update, replaced=None))
        at += WINDOW


def _remove_reactions(member: Member, room: Room, messages: Sequence[int]) -> int:
    removals = [
        commit.React(member.pk, seq, reaction["emoji"], False)
        for seq, reactions in Message.objects.filter(pk__in=messages).values_list(
            "seq", "reactions"
        )
        for reaction in reactions or []
        if _is_among(member, reaction)
    ]
    _commit(room, removals)
    return len(removals)


def _erase_kept_reactions(member: Member, messages: Sequence[int]) -> None:
    """Remove the member's reactions that are kept with the deletions of messages."""
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


def _commit(room: Room, operations: Sequence[commit.Operation]) -> None:
    """Commit these one by one, because the room waits for each. If others post meanwhile, long
    rests leave the room to them.
    """
    last = 0
    for operation in operations:
        began = time.monotonic()
        number = retry_if_busy(partial(_commit_one, room, operation))
        rest(began, times=1 if number == last + 1 else RESTS)
        last = number


def _commit_one(room: Room, operation: commit.Operation) -> int:
    """The number of the change; 0 if there was nothing to change."""
    [outcome] = commit.commit_batch(room, [operation])
    if isinstance(outcome, Busy | Unavailable):
        raise outcome
    return outcome.updated_seq if isinstance(outcome, commit.Accepted) else 0
