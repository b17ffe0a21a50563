"""Guests: they claim a name, rename, leave, and lose the name after a time of absence."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from ..errors import NameRefused, NotFound
from . import carried_over, change_numbers, handles, profile
from .account_models import Device
from .addresses import address_hash
from .models import Member, MemberQuerySet
from .names import canonical_name, clean_name
from .sessions import Identity
from .users import User

SUGGESTIONS = 2

# A session older by more numbers than this does not prove that a browser held the name.
OLD_SESSIONS_ACCEPTED = 1000


def claim_name(*, name: str, address: str = "", former: Identity | None = None) -> Member:
    """A new guest under this name. Of two who ask at once, one gets NameRefused.

    `former` is the member that this browser was before: it may take the name of its ended session
    back.
    """
    name = clean_name(name)
    canonical = canonical_name(name)
    _require_no_handle(name, canonical)
    try:
        with transaction.atomic():
            _end(Member.objects.gone().filter(canonical_name=canonical), released=True)
            if former is not None:
                _end(_names_held_by(former, canonical), released=True)
            return Member.objects.create(
                name=name, canonical_name=canonical, address_hash=address_hash(address)
            )
    except IntegrityError:
        raise _taken(name) from None


def _names_held_by(former: Identity, canonical: str) -> MemberQuerySet:
    """The guest with that name, if `former` is an ended session of theirs and they are not
    connected.

    The cookie proves that this browser had the name. A moderator's or owner's name cannot be taken
    back by a cookie.
    """
    theirs = Member.objects.live().filter(
        pk=former.id,
        canonical_name=canonical,
        kind=Member.Kind.GUEST,
        office="",
        session__gt=former.session,
        session__lt=former.session + OLD_SESSIONS_ACCEPTED,
    )
    is_proof = canonical_name(former.name) == canonical
    holder = theirs.first() if is_proof else None
    return theirs if holder is not None and not holder.is_connected else theirs.none()


def rename(*, member: Member, name: str) -> Member:
    """The member under the new name and in a new session. Moderators see the old one.

    Cookies with the old name end; open sockets continue in the new session.
    """
    name = clean_name(name)
    canonical = canonical_name(name)
    _require_no_handle(name, canonical, member)
    mine = Member.objects.live().filter(pk=member.pk, session=member.session)
    try:
        with transaction.atomic():
            me = mine.select_for_update(no_key=True).first()
            if me is None:
                raise NotFound(gettext("You have left; join again."))
            others = Member.objects.gone().exclude(pk=me.pk)
            _end(others.filter(canonical_name=canonical), released=True)
            if me.name != name:
                profile.note_former_name(me.pk, me.name)
                me.name, me.canonical_name, me.session = name, canonical, me.session + 1
                me.save(update_fields=["name", "canonical_name", "session"])
                carried_over.rename(me)
            return me
    except IntegrityError:
        raise _taken(name) from None


def leave(*, member: Member) -> None:
    """Give the name back and end every session. Leaving twice does no harm."""
    with transaction.atomic():
        _end(Member.objects.filter(pk=member.pk), released=True)


def end_session(*, member: Member) -> None:
    """Sign the member out everywhere. They keep the name until their absence ends it."""
    with transaction.atomic():
        _end(Member.objects.filter(pk=member.pk), released=False)


def _end(members: MemberQuerySet, *, released: bool) -> None:
    """End these members' sessions; with `released`, free their names too."""
    # Locked, because a member who comes back at this moment is not gone.
    ids = list(members.live().select_for_update(no_key=True).values_list("pk", flat=True))
    ended = Member.objects.filter(pk__in=ids)
    ended.update(session=F("session") + 1)
    Device.objects.filter(member__in=ids).delete()
    if released:
        if ended.exclude(office="").update(office=""):
            User.objects.filter(member__in=ids).update(is_staff=False, is_superuser=False)
            change_numbers.record_moderation_change()
        ended.update(released_at=timezone.now())
        profile.forget_said(ids)
    for member_id in ids:
        change_numbers.record_session_change(member_id)


def _require_no_handle(name: str, canonical: str, member: Member | None = None) -> None:
    """NameRefused if a mention of this name would be one of somebody's handle."""
    if handles.is_of_another(canonical, member.pk if member else None):
        text = gettext("“{name}” is somebody’s handle here. Choose another name.")
        raise NameRefused(text.format(name=name), suggestions=_free_variants(name))


def _taken(name: str) -> NameRefused:
    holder = Member.objects.live().filter(canonical_name=canonical_name(name)).first()
    return NameRefused(_why_taken(name, holder), suggestions=_free_variants(name))


def _why_taken(name: str, holder: Member | None) -> str:
    if holder is None:
        return gettext("“{name}” was taken a moment ago. Try again.").format(name=name)
    if holder.is_connected:
        return gettext("“{name}” is taken by someone who is here now.").format(name=name)
    if holder.keeps_name:
        text = gettext("“{name}” belongs to someone who keeps it while they are away.")
        return text.format(name=name)
    free_at = holder.last_seen_at + timedelta(seconds=settings.GUEST_NAME_SECONDS)
    minutes = max(1, int(-(-(free_at - timezone.now()).total_seconds() // 60)))
    text = ngettext(
        "“{name}” was used a moment ago; it is free again in a minute.",
        "“{name}” was used a moment ago; it is free again in {minutes} minutes.",
        minutes,
    )
    return text.format(name=name, minutes=minutes)


def _free_variants(name: str) -> tuple[str, ...]:
    """Two free names like this one: with small numbers, or else with large random ones."""
    numbers = [*range(2, 10), *(secrets.randbelow(9_000) + 1_000 for _ in range(8))]
    names = [_numbered(name, number) for number in numbers]
    variants = {canonical_name(variant): variant for variant in names}
    held = set(
        Member.objects.live()
        .filter(canonical_name__in=variants)
        .values_list("canonical_name", flat=True)
    )
    free = [variant for canonical, variant in variants.items() if canonical not in held]
    return tuple(free[:SUGGESTIONS])


def _numbered(name: str, number: int) -> str:
    suffix = f" {number}"
    return name[: settings.NAME_MAX_LENGTH - len(suffix)].rstrip() + suffix


def mint(*, count: int, prefix: str) -> list[Member]:
    """`count` guests named prefix1, prefix2, …; existing ones are returned as they are."""
    names = [f"{prefix}{number}" for number in range(1, count + 1)]
    canonical = [canonical_name(clean_name(name)) for name in names]
    new = [Member(name=n, canonical_name=c) for n, c in zip(names, canonical, strict=True)]
    Member.objects.bulk_create(new, ignore_conflicts=True)
    live = {m.canonical_name: m for m in Member.objects.live().filter(canonical_name__in=canonical)}
    return [live[name] for name in canonical]
