"""Erasing a member: what they said and their name go, the numbers stay, and everyone sees it go."""

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils import timezone

from ..models import Change, Member, Message, Room
from . import log, membership
from .pace import gently

# Taken back in one commit of a live room.
BATCH = 100
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
        membership.leave(member=member)
        Member.objects.filter(pk=member.pk).update(
            name=NOBODY, canonical_name=f"erased {member.pk}", address_hash=""
        )
    for room in Room.objects.order_by("pk"):
        yield from _take_back(member, room)
        yield from _take_reactions_away(member, room)
    said = Message.objects.filter(author=member)
    # What a change replaced is kept for moderators, until now.
    gently(lambda: Change.objects.filter(message__in=said).update(replaced=None))
    gently(lambda: Change.objects.filter(actor=member).update(replaced=None))
    gently(lambda: said.exclude(author_name=NOBODY).update(author_name=NOBODY, body=""))


def _take_back(member: Member, room: Room) -> Iterator[int]:
    said = Message.objects.filter(author=member, room=room, deleted_at=None).order_by("seq")
    while seqs := list(said.values_list("seq", flat=True)[:BATCH]):
        _commit(room, [log.Delete(member.pk, seq) for seq in seqs])
        # What is below the floor no commit reaches; it is deleted all the same.
        said.filter(seq__in=seqs).update(body="", deleted_at=timezone.now())
        yield len(seqs)


def _take_reactions_away(member: Member, room: Room) -> Iterator[int]:
    reacted = Change.objects.filter(room=room, actor=member, kind=Change.Kind.REACTED)
    seqs = reacted.values_list("message__seq", flat=True).distinct()
    for message in Message.objects.filter(room=room, seq__in=seqs).exclude(reactions=None):
        theirs = [
            log.React(member.pk, NOBODY, message.seq, reaction["emoji"], False)
            for reaction in message.reactions or []
            if member.pk in [who["id"] for who in reaction["members"]]
        ]
        if theirs:
            _commit(room, theirs)
            yield len(theirs)


def _commit(room: Room, intents: Sequence[log.Intent]) -> None:
    gently(lambda: log.commit(room, intents))
