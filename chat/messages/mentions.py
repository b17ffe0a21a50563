"""Mentions: whom a text names with `@`, and who is told of it.

Names are resolved in the commit, to members who may see the room. An `@` in code, in a link or in
an e-mail address names nobody.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import carried_over, handles
from ..accounts.models import CONNECTED_SECONDS, Member, MemberBlock
from ..accounts.names import canonical_name
from ..accounts.permissions import Permission, is_allowed
from ..errors import NeedsConfirmation
from ..rooms import access
from ..rooms.models import Membership, Room
from .models import InboxItem, Message

# A text that names more people than this tells the first of them.
NAMED_MAX = 20
# `@room` and `@here` tell this many members at most.
EVERYONE_MAX = 1000
EVERYONE, PRESENT = "room", "here"
# Stands for everyone where a member's id is expected.
EVERYONE_ID = 0

# What is code, a link or an address: the `@` in it is no mention.
_NO_TEXT = re.compile(
    r"```.*?(?:```|\Z)|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)"
    r"|\[[^\]\n]*\]\((?:https?:|mailto:)[^)\n]*\)|\w+://\S+|mailto:\S+",
    re.DOTALL | re.IGNORECASE,
)
# An `@` at the beginning of a word, or after a letter of a script without spaces.
_AT = re.compile(r"(?:(?<![\w.@/+-])|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]))@(?=\w)")
_WORD_END = re.compile(r"(?<=\w)(?!\w)")
_CALLS_EVERYONE = re.compile(r"@(?:room|here)\b", re.IGNORECASE)

# Whom to tell of a message, and why.
Told = dict[int, str]
# As a message holds whom it names: the id of each, and the text after the `@`.
Stored = list[dict[str, Any]]


@dataclass(slots=True)
class Named:
    """Whom a text names. `texts`: what stands for each member after the `@`; `everyone`: `room` or
    `here`, if the author may use it.
    """

    members: list[Member] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    everyone: str = ""

    def stored(self) -> Stored:
        everyone = [{"id": EVERYONE_ID, "text": self.everyone}] if self.everyone else []
        return everyone + [{"id": key, "text": text} for key, text in self.texts.items()]


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


def resolve(room: Room, messages: Iterable[Message]) -> dict[int, Named]:
    """By number: whom each of these messages names, which is noted in the messages.

    Those that name nobody, or know already whom, are left out. In three queries for all names.
    """
    asked = {
        one.seq: (one, candidates(one.body))
        for one in messages
        if one.mentions is None and may_name(one.body)
    }
    members = _members_of(room, [names for _, names in asked.values()])
    resolved: dict[int, Named] = {}
    for seq, (message, names) in asked.items():
        resolved[seq] = named = Named()
        for one in names:
            _add(named, one, members)
        if named.everyone and not may_call_everyone(room, message.author_id):
            named.everyone = ""
        message.mentions = named.stored()
    return resolved


def names_of(resolved: Mapping[int, Named]) -> dict[int, str]:
    """The members in these, by id, under the names of now."""
    return {member.pk: member.name for named in resolved.values() for member in named.members}


def _members_of(room: Room, texts: Iterable[list[list[str]]]) -> dict[str, Member]:
    """By canonical name: the members with one of these names or handles who may see the room."""
    forms = {canonical_name(name) for names in texts for one in names for name in one}
    if not forms:
        return {}
    named = Member.objects.live().filter(canonical_name__in=forms)
    found = {one.canonical_name: one for one in named} | handles.owners(forms)
    allowed = access.who_may_see(room, [one.pk for one in found.values()])
    return {form: one for form, one in found.items() if one.pk in allowed}


def _add(named: Named, names: Sequence[str], members: Mapping[str, Member]) -> None:
    """Add whom the longest of these names means."""
    for name in names:
        member = members.get(canonical_name(name))
        if member is not None:
            if member.pk not in named.texts:
                named.members.append(member)
                named.texts[member.pk] = name
            return
    word = names[-1].lower() if names else ""
    if word == EVERYONE or (word == PRESENT and not named.everyone):
        named.everyone = word


# --- Everyone ---------------------------------------------------------------------------------


def calls_everyone(body: str) -> bool:
    """Whether the text may call everyone. A no is certain, and costs next to nothing."""
    return may_name(body) and _CALLS_EVERYONE.search(body) is not None


def may_call_everyone(room: Room, author_id: int) -> bool:
    author = Member.objects.get(pk=author_id)
    return is_allowed(access.role_in(room, author.pk, author.role), Permission.WRITE_UNBOUND)


def ask_first(room: Room, author_id: int, body: str) -> None:
    """NeedsConfirmation if this calls everyone, its author may do so, and that is many people."""
    count = reach(room, author_id, body)
    if count > settings.EVERYONE_UNASKED_MAX:
        raise NeedsConfirmation(gettext("This notifies {count} people.").format(count=count))


def reach(room: Room, author_id: int, body: str) -> int:
    """How many others would be told of this text because it calls everyone."""
    words = {names[-1].lower() for names in candidates(body) if names}
    if not words & {EVERYONE, PRESENT} or not may_call_everyone(room, author_id):
        return 0
    everyone = _everyone(room, EVERYONE if EVERYONE in words else PRESENT)
    return min(everyone.exclude(pk=author_id).count(), EVERYONE_MAX)


def _everyone(room: Room, word: str) -> QuerySet[Member]:
    """`@room`: those who joined; `@here`: those of them who are connected, and in a public room
    those who are connected and have read there.
    """
    is_in = Q(pk__in=Membership.objects.filter(room=room).values("member"))
    if word == EVERYONE:
        return Member.objects.live().filter(is_in)
    since = timezone.now() - timedelta(seconds=CONNECTED_SECONDS)
    if access.is_for_everyone(room):
        is_in |= Q(read_marks__room=room)
    return Member.objects.live().filter(is_in, connected_at__gt=since).distinct()


# --- Telling ----------------------------------------------------------------------------------


def answered_by(posted: Iterable[Message], targets: Mapping[int, Message]) -> dict[int, int]:
    """By the number of what was answered: who wrote it, in one query at most."""
    seqs = {message.reply_to for message in posted if message.reply_to is not None}
    authors = {seq: targets[seq].author_id for seq in seqs if seq in targets}
    accounts = carried_over.accounts_of(authors.values()) if authors else {}
    return {seq: accounts.get(author, author) for seq, author in authors.items()}


def told_of(room: Room, message: Message, named: Named | None, answered: Mapping[int, int]) -> Told:
    """Who is told of the message: those it names, and the author of what it answers."""
    told: Told = {}
    if message.reply_to is not None and message.reply_to in answered:
        told[answered[message.reply_to]] = InboxItem.Kind.REPLY
    if named is not None:
        called: Collection[int] = [member.pk for member in named.members]
        if named.everyone:
            everyone = _everyone(room, named.everyone)
            called = [*called, *everyone.values_list("pk", flat=True)[:EVERYONE_MAX]]
        told |= dict.fromkeys(called, InboxItem.Kind.MENTION.value)
    told.pop(message.author_id, None)
    return _who_want_it(room, message.author_id, told) if told else told


def _who_want_it(room: Room, author_id: int, told: Told) -> Told:
    """Without those who may not see the room, want to hear nothing of it, or block the author."""
    allowed = access.who_may_see(room, told)
    silent = Membership.objects.filter(
        room=room, member__in=told, notify=Membership.Notify.NONE
    ).values_list("member", flat=True)
    blockers = MemberBlock.objects.filter(member__in=told, blocked=author_id)
    left_out = {*silent, *blockers.values_list("member", flat=True)}
    return {one: kind for one, kind in told.items() if one in allowed and one not in left_out}
