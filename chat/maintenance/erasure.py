"""Erasure of a member: their account ends, and their texts, reactions and name are deleted as they
chose; the numbers of the log stay.

Clients see the deletions as changes. The work is done in small steps along the indexes, because a
member may have written a million messages. Each step says where the next one begins, so that it can
go on elsewhere.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..accounts import guests, profile
from ..accounts.models import Member
from ..errors import Busy, Unavailable
from ..messages import commit
from ..messages.models import Change, InboxHead, InboxItem, Message
from ..moderation import accounts
from ..moderation.models import Report
from ..rooms import direct_rooms, memberships
from ..rooms.models import ReadMark, Room, RoomHead
from .throttling import RESTS, rest, retry_if_busy, run_throttled

# Rows emptied in one step.
BATCH = 100
# Changes of one commit.
COMMITTED_TOGETHER = 10
# Numbers searched at once for changes by the member.
WINDOW = 5000
NOBODY = "Deleted member"
# What erased members and their messages were called by earlier versions.
NAMES_OF_NOBODY = (NOBODY, "someone")


@dataclass(frozen=True, slots=True)
class Choices:
    """What others still see: the name under what was said, and the texts."""

    keeps_name: bool = False
    keeps_texts: bool = False


class ErasurePosition(NamedTuple):
    """Where a step begins: whose, in which room, in which part of the work, after what."""

    author: int = 0
    room: int = 0
    part: str = ""
    last: str = ""


class Step(NamedTuple):
    """How many messages were done, and where the next step begins."""

    rows: int
    cursor: ErasurePosition


NOTHING_KEPT = Choices()
BEGINNING = ErasurePosition()
MESSAGES, CHANGES = "messages", "reactions"


def authors_of(member: Member) -> list[int]:
    """The ids under which the member wrote: their own, and those of guests they were before."""
    return sorted([member.pk, *member.former_guests.values_list("pk", flat=True)])


def count(member: Member) -> int:
    """How many messages of the member hold text."""
    return Message.objects.filter(author__in=authors_of(member), deleted_at=None).count()


def close(member: Member, choices: Choices = NOTHING_KEPT) -> None:
    """End the member's sessions, ways in, memberships and name. Call it in a transaction."""
    guests.leave(member=member)
    accounts.close(member)
    profile.forget(member)
    direct_rooms.close_all_of(member)
    memberships.remove_everywhere(member)
    for rows in (InboxItem, InboxHead, ReadMark):
        rows._default_manager.filter(member=member).delete()
    for author in authors_of(member):
        name = {} if choices.keeps_name else {"name": NOBODY}
        Member.objects.filter(pk=author).update(
            canonical_name=f"erased {author}", address_hash="", **name
        )


def erase(member: Member, choices: Choices = NOTHING_KEPT) -> Iterator[Step]:
    """Close the account and finish. If it is stopped, the next run finishes it."""
    with transaction.atomic():
        close(member, choices)
    yield from finish(member, choices)


def finish(
    member: Member, choices: Choices = NOTHING_KEPT, cursor: ErasurePosition = BEGINNING
) -> Iterator[Step]:
    """Delete the texts, reactions and name that are not to be kept, from the cursor on.

    Earlier backups and exports, and quotes by others, are not reached.
    """
    if choices.keeps_name and choices.keeps_texts:
        return
    while True:
        for author in authors_of(member):
            if author >= cursor.author:
                yield from _erase_author(Member(pk=author), choices, cursor)
        # A node may have committed one more message before it learned that the session ended.
        if choices.keeps_texts or count(member) == 0:
            return
        cursor = BEGINNING


def _erase_author(author: Member, choices: Choices, cursor: ErasurePosition) -> Iterator[Step]:
    is_ours = author.pk == cursor.author
    rooms = Room.objects.filter(pk__gte=cursor.room if is_ours else 0).order_by("pk")
    for room in rooms:
        begins = cursor if is_ours and room.pk == cursor.room else BEGINNING
        if begins.part != CHANGES:
            yield from _erase_messages(author, room, choices, begins.last)
        if not choices.keeps_texts:
            run_throttled(partial(_erase_reports, author, room))
        after = int(begins.last) if begins.part == CHANGES else 0
        yield from _erase_changes(author, room, choices, after)


def _erase_reports(author: Member, room: Room) -> None:
    """The copies of the texts that reports hold."""
    Report.objects.filter(author=author, room=room).exclude(body="").update(body="")


def _erase_messages(author: Member, room: Room, choices: Choices, last: str) -> Iterator[Step]:
    """Delete and empty the messages, in the order of the index on author, room and client_id."""
    changes = _Changes(room)
    written = Message.objects.filter(author=author, room=room).order_by("client_id")
    fields = ("client_id", "pk", "seq", "deleted_at")
    while batch := list(written.filter(client_id__gt=last).values_list(*fields)[: changes.rows]):
        pks = [pk for _, pk, *_ in batch]
        undeleted = [seq for _, _, seq, deleted_at in batch if deleted_at is None]
        deletions = [commit.Delete(author.pk, seq) for seq in undeleted]
        changes.commit([] if choices.keeps_texts else deletions)
        if not choices.keeps_texts:
            run_throttled(partial(_empty_messages, pks))
        if not choices.keeps_name:
            run_throttled(partial(_remove_name, pks))
        last = batch[-1][0]
        yield Step(len(undeleted), ErasurePosition(author.pk, room.pk, MESSAGES, last))


def _empty_messages(pks: Sequence[int]) -> None:
    """Remove the earlier texts that changes keep for moderators, and what no commit deletes."""
    kept = Change.objects.filter(message__in=pks, replaced__isnull=False)
    kept.update(replaced=None)
    messages = Message.objects.filter(pk__in=pks)
    # No commit deletes a message below the floor, so it is deleted here.
    messages.exclude(body="", mentions=None, deleted_at__isnull=False).update(
        body="", mentions=None, deleted_at=Coalesce("deleted_at", timezone.now())
    )


def _remove_name(pks: Sequence[int]) -> None:
    messages = Message.objects.filter(pk__in=pks)
    messages.exclude(author_name=NOBODY).update(author_name=NOBODY)


def _erase_changes(author: Member, room: Room, choices: Choices, at: int) -> Iterator[Step]:
    """Remove the member's reactions, which bear the name, and what their changes replaced.

    No index finds changes by their actor, so this walks through all numbers of the room.
    """
    kinds = [Change.Kind.REACTED] if choices.keeps_texts else list(Change.Kind)
    changes = _Changes(room)
    at = max(at, RoomHead.objects.get(room=room).floor)
    while at < RoomHead.objects.get(room=room).head:
        changed = Change.objects.filter(
            room=room,
            seq__gt=at,
            seq__lte=at + WINDOW,
            actor=author,
            kind__in=kinds,
            replaced__isnull=False,
        )
        # What is done holds nothing that was replaced: the same window goes on after it.
        while batch := list(changed.values_list("pk", "kind", "message")[: changes.rows]):
            reacted = [message for _, kind, message in batch if kind == Change.Kind.REACTED]
            changes.commit(_removals(author, reacted))
            run_throttled(partial(_erase_kept_reactions, author, reacted))
            done = Change.objects.filter(pk__in=[pk for pk, *_ in batch])
            run_throttled(partial(done.update, replaced=None))
            yield Step(0, ErasurePosition(author.pk, room.pk, CHANGES, str(at)))
        at += WINDOW
        yield Step(0, ErasurePosition(author.pk, room.pk, CHANGES, str(at)))


def _removals(member: Member, messages: Sequence[int]) -> list[commit.Operation]:
    return [
        commit.React(member.pk, seq, reaction["emoji"], False)
        for seq, reactions in Message.objects.filter(pk__in=messages).values_list(
            "seq", "reactions"
        )
        for reaction in reactions or []
        if _is_among(member, reaction)
    ]


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


class _Changes:
    """Commits changes of one room, a few at once, because the room waits for each commit. If others
    post meanwhile, long rests leave the room to them.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._last = RoomHead.objects.get(room=room).head
        self._is_busy = True

    @property
    def rows(self) -> int:
        """How many rows the next step takes: where others post, no more than one commit, so that
        the step ends before the lease of its task.
        """
        return min(BATCH, COMMITTED_TOGETHER) if self._is_busy else BATCH

    def commit(self, operations: Sequence[commit.Operation]) -> None:
        self._is_busy = False
        for start in range(0, len(operations), COMMITTED_TOGETHER):
            began = time.monotonic()
            together = operations[start : start + COMMITTED_TOGETHER]
            first, end = retry_if_busy(partial(_commit_together, self._room, together))
            self._is_busy = first not in (0, self._last + 1)
            self._last = max(self._last, end)
            rest(began, times=RESTS if self._is_busy else 1)


def _commit_together(room: Room, operations: Sequence[commit.Operation]) -> tuple[int, int]:
    """The first and the last number of the changes; 0 if there was nothing to change."""
    numbers = [0]
    for outcome in commit.commit_batch(room, operations):
        if isinstance(outcome, Busy | Unavailable):
            raise outcome
        if isinstance(outcome, commit.Accepted) and outcome.is_new:
            numbers.append(outcome.updated_seq)
    return min(numbers[1:], default=0), max(numbers)
