"""Profiles: what members say about themselves, and how they look to others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from . import carried_over, handles
from .models import Member
from .profile_models import FormerName, Handle, Profile, ProfilePicture

# So many former names of a member are kept.
FORMER_NAMES_KEPT = 50


@dataclass(frozen=True, slots=True)
class Face:
    """How a member looks wherever they are named. `picture`: its address, if they have one."""

    id: int
    name: str
    handle: str = ""
    picture: str = ""
    status_emoji: str = ""
    status_text: str = ""
    status_until: datetime | None = None


def faces(member_ids: Iterable[int]) -> dict[int, Face]:
    """By id, how these members look now; in three queries. A former guest looks as the account of
    now.
    """
    asked = list(member_ids)
    accounts = carried_over.accounts_of(asked)
    ids = {accounts.get(one, one) for one in asked}
    columns = ("picture", "status_emoji", "status_text", "status_until")
    said = Member.objects.filter(pk__in=ids).values_list(
        "pk", "name", *(f"profile__{column}" for column in columns)
    )
    by_member = dict(Handle.objects.in_use().filter(member__in=ids).values_list("member", "handle"))
    now = timezone.now()
    found = {}
    for pk, name, picture, emoji, text, until in said:
        is_over = until is not None and until <= now
        found[pk] = Face(
            id=pk,
            name=name,
            handle=by_member.get(pk, ""),
            picture=picture_address(pk, picture or ""),
            status_emoji="" if is_over else emoji or "",
            status_text="" if is_over else text or "",
            status_until=None if is_over else until,
        )
    looks = {one: found.get(accounts.get(one, one)) for one in asked}
    return {one: replace(look, id=one) for one, look in looks.items() if look is not None}


def face(member: Member) -> Face:
    return faces([member.pk])[member.pk]


def picture_address(member_id: int, version: str) -> str:
    """Where the picture is served: another picture has another address."""
    return f"/pictures/{member_id}-{version}.webp" if version else ""


def of(member: Member) -> Profile:
    """What the member says; an empty profile of someone who says nothing."""
    return Profile.objects.filter(member=member).first() or Profile(member=member)


def former_names(member: Member) -> list[FormerName]:
    """The names that the member had before, the newest first."""
    return list(member.former_names.order_by("-pk")[:FORMER_NAMES_KEPT])


def note_former_name(member_id: int, name: str) -> None:
    """Keep this name for moderators. Call it in the transaction that changes it."""
    FormerName.objects.create(member_id=member_id, name=name)
    theirs = FormerName.objects.filter(member=member_id)
    kept = theirs.order_by("-pk").values_list("pk", flat=True)[:FORMER_NAMES_KEPT]
    theirs.exclude(pk__in=list(kept)).delete()


def exported(member: Member) -> dict[str, Any]:
    """All that the profile holds, but for the picture's bytes: for those who want their data."""
    said = of(member)
    return {
        "name": member.name,
        "handle": handles.of(member),
        "pronouns": said.pronouns,
        "about": said.about,
        "time_zone": said.time_zone,
        "status": {
            "emoji": said.status_emoji,
            "text": said.status_text,
            "until": said.status_until,
        },
        "picture": picture_address(member.pk, said.picture),
        "former_names": [
            {"name": former.name, "until": former.until} for former in former_names(member)
        ],
    }


def picture_of(member: Member) -> bytes | None:
    """The bytes of the picture, as WebP."""
    found = ProfilePicture.objects.filter(member=member).values_list("content", flat=True).first()
    return bytes(found) if found is not None else None


def forget(member: Member) -> None:
    """Delete all that the member said about themselves, the picture and the former names.

    Call it in a transaction. A handle is free for others after a while.
    """
    handles.forget(member)
    FormerName.objects.filter(member=member).delete()
    forget_said([member.pk])


def forget_said(member_ids: Sequence[int]) -> None:
    """Delete what these said about themselves. Their former names stay, for moderators."""
    Profile.objects.filter(member__in=member_ids).delete()
    ProfilePicture.objects.filter(member__in=member_ids).delete()
