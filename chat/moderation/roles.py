"""Who is moderator or owner: appointed by an owner, or by a link that an operator made."""

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone

from ..accounts import change_numbers
from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..errors import Forbidden, NotFound
from .authorization import SYSTEM, Actor, in_session, record
from .models import AuditEntry, Invitation

INVITATION_SECONDS = 3 * 86_400
_SALT = "chat.invitation"


def appoint(*, actor: Actor, member: Member, office: str, reason: str = "") -> None:
    """Make the member moderator or owner; with an empty office, neither."""
    with transaction.atomic():
        member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        actor.require(Permission.APPOINT, member)
        if office and member.released_at is not None:
            raise NotFound("This member has left.")
        if member.office != office:
            _give(actor, member, office, reason)


def invite(*, office: str = Member.Office.OWNER, seconds: int = INVITATION_SECONDS) -> str:
    """The token of a link that gives this office to the first member who takes it."""
    with transaction.atomic():
        invitation = Invitation.objects.create(
            office=office, until=timezone.now() + timedelta(seconds=seconds)
        )
        record(SYSTEM, AuditEntry.Action.INVITED, invitation=invitation.pk, office=office)
    return signing.dumps(invitation.pk, salt=_SALT)


def invitation_of(token: str) -> Invitation:
    """The invitation behind a link. NotFound if it is none, used, or too old: all look the same."""
    try:
        key = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        key = None
    invitation = Invitation.objects.filter(pk=key, taken_at=None, until__gt=timezone.now()).first()
    if invitation is None:
        raise NotFound("This invitation is not valid any more. Ask for a new one.")
    return invitation


def take_invitation(*, member: Member, token: str) -> str:
    """Give the invitation's office to this member, once. Of two who ask at once, one gets it."""
    invitation = invitation_of(token)
    with in_session(member.pk, member.session) as member:
        if member.office == Member.Office.OWNER:
            raise Forbidden("You are an owner already; keep the invitation for someone else.")
        free = Invitation.objects.filter(pk=invitation.pk, taken_at=None)
        if not free.update(taken_at=timezone.now(), taken_by=member):
            raise NotFound("This invitation is not valid any more. Ask for a new one.")
        _give(SYSTEM, member, invitation.office, f"invitation {invitation.pk}")
    return invitation.office


def _give(actor: Actor, member: Member, office: str, reason: str) -> None:
    before = member.office
    Member.objects.filter(pk=member.pk).update(office=office)
    action = AuditEntry.Action.APPOINTED if office else AuditEntry.Action.DISMISSED
    record(actor, action, member=member, reason=reason, office=office, before=before)
    change_numbers.record_moderation_change()
