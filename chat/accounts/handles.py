"""Handles: short names for mentions. Each belongs to one account, and to nobody else for a while
after it was given up: old mentions must not become those of another member.
"""

import re
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..errors import Forbidden, NameRefused
from .models import Member
from .names import canonical_name, is_reserved, title_in
from .profile_models import HANDLE_MAX_LENGTH, Handle

SHORTEST = 2
_FORM = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
# They call everyone, or read as a part of the site.
RESERVED = ("room", "rooms", "me", "null", "undefined", "system", "help")


def clean_handle(raw: str) -> str:
    """The handle as it is stored. NameRefused says what is wrong with it."""
    handle = raw.strip().removeprefix("@")
    if not SHORTEST <= len(handle) <= HANDLE_MAX_LENGTH:
        text = gettext("A handle has {least} to {most} characters.")
        raise NameRefused(text.format(least=SHORTEST, most=HANDLE_MAX_LENGTH))
    if not _FORM.fullmatch(handle):
        raise NameRefused(
            gettext(
                "Use small letters from a to z, digits, and - or _ between them, such as “greta_l”."
            )
        )
    if handle in RESERVED or is_reserved(handle) or title_in(handle):
        text = gettext("“{handle}” is reserved. Choose another handle.")
        raise NameRefused(text.format(handle=handle))
    return handle


def of(member: Member) -> str:
    """The member's handle; empty if there is none."""
    handle = Handle.objects.in_use().filter(member=member).first()
    return handle.handle if handle else ""


def owners(canonical_names: Collection[str]) -> dict[str, Member]:
    """By canonical name: the members who have such a handle now."""
    found = Handle.objects.in_use().filter(
        canonical_name__in=canonical_names, member__released_at=None
    )
    return {one.canonical_name: one.member for one in found.select_related("member") if one.member}


def choose(member: Member, raw: str) -> None:
    """Give the member this handle, or none. Call it in a transaction that has locked the member.

    Of two who ask for one handle at once, one gets NameRefused. The former handle is held back.
    """
    handle = clean_handle(raw) if raw.strip() else ""
    if handle == of(member):
        return
    if handle and member.kind != Member.Kind.ACCOUNT:
        raise Forbidden(gettext("A handle needs an account: keep this name first."))
    canonical = canonical_name(handle)
    if handle:
        _require_free(member, handle, canonical)
    _give_up(member)
    if not handle:
        return
    values = {"handle": handle, "member": member, "held_until": None}
    mine = Handle.objects.filter(canonical_name=canonical)
    try:
        with transaction.atomic():
            if not mine.update(**values):
                Handle.objects.create(canonical_name=canonical, **values)
    except IntegrityError:
        raise _taken(handle) from None


def forget(member: Member) -> None:
    """The member is gone for good. The handles stay held back, and say nobody's name."""
    _give_up(member)
    Handle.objects.filter(member=member).update(member=None)


def is_of_another(canonical: str, member_id: int | None = None) -> bool:
    """Whether a display name like this would read as someone else's handle."""
    held = Handle.objects.held().filter(canonical_name=canonical)
    return any(
        owner != member_id or owner is None for owner in held.values_list("member", flat=True)
    )


def _require_free(member: Member, handle: str, canonical: str) -> None:
    named = Member.objects.live().filter(canonical_name=canonical).exclude(pk=member.pk)
    # The row is locked: another may choose it at this moment.
    held = Handle.objects.select_for_update().filter(canonical_name=canonical).first()
    is_held = held is not None and held.member_id != member.pk
    if held is not None and held.held_until is not None and held.held_until <= timezone.now():
        is_held = False
    if is_held or named.exists():
        raise _taken(handle)


def _give_up(member: Member) -> None:
    until = timezone.now() + timedelta(days=settings.HANDLE_HELD_DAYS)
    Handle.objects.in_use().filter(member=member).update(held_until=until)


def _taken(handle: str) -> NameRefused:
    text = gettext("“{handle}” is taken, or looks like a name that is. Choose another handle.")
    return NameRefused(text.format(handle=handle))
