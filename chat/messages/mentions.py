"""Mentions: whom a text names with `@`, and who is told of it.

Names are resolved in the commit, to members who may see the room. An `@` in code, in a link or in
an e-mail address names nobody.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from ..accounts.models import CONNECTED_SECONDS, Member, MemberBlock
from ..accounts.names import canonical_name
from ..accounts.permissions import Permission, is_allowed
from ..rooms import access
from ..rooms.models import Membership, Room
from .models import InboxItem, Message

# A text that names more people than this tells the first of them.
NAMED_MAX = 20
# `@room` and `@here` tell this many members at most.
EVERYONE_MAX = 1000
EVERYONE, PRESENT = "room", "here"

# What is code, or an address: the `@` in it is no mention.
_NO_TEXT = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\w+://\S+|mailto:\S+", re.DOTALL)
# An `@` at the beginning of a word, and as much after it as a name may have.
_AT = re.compile(r"(?<![\w.@/+-])@(?=\w)")
_WORD_END = re.compile(r"(?<=\w)(?!\w)")

# Whom to tell of a message, and why.
Told = dict[int, str]


def may_name(body: str) -> bool:
    """Whether the text may name someone. A no is certain, and costs next to nothing."""
    return "@" in body


def candidates(body: str) -> list[list[str]]:
    """For each `@` the names that may follow it, the longest first."""
    text = _NO_TEXT.sub(" ", body)
    found = []
    for at in list(_AT.finditer(text))[:NAMED_MAX]:
        line = text[at.end() : at.end() + settings.NAME_MAX_LENGTH].partition("\n")[0]
        ends = [end.start() for end in _WORD_END.finditer(line)]
        found.append([line[:end] for end in reversed(ends)])
    return found


def resolve(room: Room, posted: Sequence[Message]) -> dict[int, list[Member]]:
    """By number: the members whom each of these messages names; in two queries at most."""
    asked = {one.seq: candidates(one.body) for one in posted if may_name(one.body)}
    forms = {canonical_name(name) for names in asked.values() for one in names for name in one}
    if not forms:
        return {}
    members = {
        one.canonical_name: one for one in Member.objects.live().filter(canonical_name__in=forms)
    }
    allowed = access.who_may_see(room, [one.pk for one in members.values()])
    resolved: dict[int, list[Member]] = {}
    for seq, names in asked.items():
        for one in names:
            named = (members.get(canonical_name(name)) for name in one)
            member = next((m for m in named if m is not None and m.pk in allowed), None)
            if member is not None and member not in resolved.setdefault(seq, []):
                resolved[seq].append(member)
    return resolved


def told_of(
    room: Room,
    message: Message,
    named: Iterable[Member],
    targets: Mapping[int, Message],
) -> Told:
    """Who is told of the message: those it names, and the author of what it answers."""
    told: Told = {}
    answered = targets.get(message.reply_to) if message.reply_to is not None else None
    if answered is not None:
        told[answered.author_id] = InboxItem.Kind.REPLY
    for member in named:
        told[member.pk] = InboxItem.Kind.MENTION
    if may_name(message.body):
        told |= dict.fromkeys(_everyone(room, message), InboxItem.Kind.MENTION.value)
    told.pop(message.author_id, None)
    return _who_want_it(room, message.author_id, told) if told else told


def _everyone(room: Room, message: Message) -> set[int]:
    """The members whom `@room` or `@here` names, if the author has the permission."""
    words = {name.lower() for one in candidates(message.body) for name in one}
    if not words & {EVERYONE, PRESENT}:
        return set()
    author = Member.objects.get(pk=message.author_id)
    if not is_allowed(access.role_in(room, author.pk, author.role), Permission.WRITE_UNBOUND):
        return set()
    members = Membership.objects.filter(room=room)
    if EVERYONE not in words:
        since = timezone.now() - timedelta(seconds=CONNECTED_SECONDS)
        members = members.filter(member__connected_at__gt=since)
    return set(members.values_list("member", flat=True)[:EVERYONE_MAX])


def _who_want_it(room: Room, author_id: int, told: Told) -> Told:
    """Without those who may not see the room, want to hear nothing of it, or block the author."""
    allowed = access.who_may_see(room, told)
    silent = Membership.objects.filter(
        room=room, member__in=told, notify=Membership.Notify.NONE
    ).values_list("member", flat=True)
    blockers = MemberBlock.objects.filter(member__in=told, blocked=author_id)
    left_out = {*silent, *blockers.values_list("member", flat=True)}
    return {one: kind for one, kind in told.items() if one in allowed and one not in left_out}
