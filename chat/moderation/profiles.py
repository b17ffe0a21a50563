"""Profiles change: by the member, and by moderators who take out what does not belong there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import carried_over, handles, pictures
from ..accounts.models import Member
from ..accounts.names import COMBINING_MARKS_MAX, has_hidden, longest_run_of_marks
from ..accounts.permissions import Permission
from ..accounts.profile_models import Profile
from ..emoji import is_emoji
from ..errors import Forbidden, InvalidText, NotFound
from ..messages.text import clean_line
from .audit import record
from .authorization import Actor, lock_member
from .models import AuditEntry

# What a moderator can take out.
Part = Literal["picture", "texts"]
EMOJI_MAX_LENGTH = 32
TEXTS = ("pronouns", "about", "status_emoji", "status_text")


@dataclass(frozen=True, slots=True)
class Said:
    """What a member says about themselves from now on; None stays as it is."""

    pronouns: str | None = None
    about: str | None = None
    time_zone: str | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What a member does now, until then; without a time until they say something else."""

    emoji: str = ""
    text: str = ""
    until: datetime | None = None


def say(member: Member, said: Said) -> None:
    """Call it in a transaction that has locked the member. All of it is stored, or nothing."""
    cleaners: dict[str, tuple[str | None, Callable[[str], str]]] = {
        "pronouns": (said.pronouns, _pronouns),
        "about": (said.about, _about),
        "time_zone": (said.time_zone, _time_zone),
    }
    columns = {
        column: clean(text) for column, (text, clean) in cleaners.items() if text is not None
    }
    if said.handle is not None:
        handles.choose(member, said.handle)
    _store(member, **columns)


def set_status(member: Member, status: Status) -> None:
    """Call it in a transaction that has locked the member. An empty status ends the one before."""
    if status.emoji and (len(status.emoji) > EMOJI_MAX_LENGTH or not is_emoji(status.emoji)):
        raise InvalidText(gettext("Choose an emoji for the status."))
    text = _clean(status.text, settings.STATUS_MAX_LENGTH)
    until = status.until
    if until is not None:
        now = timezone.now()
        longest = timedelta(days=settings.STATUS_MAX_DAYS)
        if until.tzinfo is None or not now < until <= now + longest:
            raise InvalidText(
                gettext("A status ends within {days} days.").format(days=settings.STATUS_MAX_DAYS)
            )
    _store(member, status_emoji=status.emoji, status_text=text, status_until=until)


def set_picture(member: Member, upload: bytes) -> str:
    """The address of the new picture. It is read before anything is locked."""
    require_account(member)
    content = pictures.made_anew(upload)
    with transaction.atomic():
        member = lock_member(member)
        require_account(member)
        version = pictures.store(member, content)
        carried_over.record_change(member.pk)
    return version


def remove_picture(member: Member) -> None:
    """Call it in a transaction that has locked the member."""
    if pictures.remove(member):
        carried_over.record_change(member.pk)


def require_account(member: Member) -> None:
    if member.kind != Member.Kind.ACCOUNT:
        raise Forbidden(gettext("A picture needs an account: keep this name first."))


def clear(*, actor: Actor, member: Member, part: Part, reason: str = "") -> None:
    """Take out the picture or the texts, as a moderator. NotFound if there are none."""
    with transaction.atomic():
        member = lock_member(member)
        actor.require(Permission.DELETE, member)
        if part == "picture":
            is_gone = pictures.remove(member)
        else:
            held = Profile.objects.filter(member=member)
            is_gone = any(any(row) for row in held.values_list(*TEXTS))
            held.update(**dict.fromkeys(TEXTS, ""), status_until=None)
        if not is_gone:
            raise NotFound(gettext("There is nothing to remove any more."))
        record(actor, AuditEntry.Action.CLEARED_PROFILE, member=member, reason=reason, part=part)
        carried_over.record_change(member.pk)


def _store(member: Member, **columns: object) -> None:
    if columns:
        Profile.objects.update_or_create(member=member, defaults=columns)
    carried_over.record_change(member.pk)


def _pronouns(text: str) -> str:
    return _clean(text, settings.PRONOUNS_MAX_LENGTH)


def _about(text: str) -> str:
    return _clean(text, settings.ABOUT_MAX_LENGTH)


def _time_zone(name: str) -> str:
    if name and name not in available_timezones():
        raise InvalidText(gettext("Choose a time zone from the list."))
    return name


def _clean(text: str, most: int) -> str:
    """One line that can be seen and covers nothing around it."""
    line = clean_line(text, most)
    if has_hidden(line.replace("\ufe0f", "")):
        raise InvalidText(gettext("Leave out the invisible characters."))
    if longest_run_of_marks(line) > COMBINING_MARKS_MAX:
        raise InvalidText(gettext("Put fewer accents on one letter."))
    return line
