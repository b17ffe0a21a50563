"""Roles: an owner appoints moderators and owners. The first owner comes by an operator's link."""

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import account_roles, change_numbers
from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..accounts.sso_models import SsoIdentity
from ..errors import Forbidden, NotFound
from .audit import record
from .authorization import SYSTEM, Actor, in_session, lock_member
from .models import AuditEntry, Invitation

INVITATION_SECONDS = 3 * 86_400
_SALT = "chat.invitation"


def appoint(*, actor: Actor, member: Member, role: str, reason: str = "") -> None:
    """Make the member moderator or owner; with an empty role, neither."""
    with transaction.atomic():
        member = lock_member(member)
        actor.require(Permission.APPOINT, member)
        if role and member.released_at is not None:
            raise NotFound(gettext("This member has left."))
        if member.office != role:
            _set_role(actor, member, role, reason)


def invite(*, role: str = Member.Office.OWNER, seconds: int = INVITATION_SECONDS) -> str:
    """The token of a link that gives this role to the first member who takes it."""
    with transaction.atomic():
        invitation = Invitation.objects.create(
            office=role, until=timezone.now() + timedelta(seconds=seconds)
        )
        record(SYSTEM, AuditEntry.Action.INVITED, invitation=invitation.pk, office=role)
    return signing.dumps(invitation.pk, salt=_SALT)


def invitation_of(token: str) -> Invitation:
    """The invitation of a link. NotFound if it is unknown, used or expired: all look the same."""
    try:
        key = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        key = None
    invitation = Invitation.objects.filter(pk=key, taken_at=None, until__gt=timezone.now()).first()
    if invitation is None:
        raise NotFound(gettext("This invitation is not valid any more. Ask for a new one."))
    return invitation


def take_invitation(*, member: Member, token: str) -> str:
    """Give the invitation's role to this member. Of two who ask at once, one gets it."""
    invitation = invitation_of(token)
    with in_session(member.pk, member.session) as member:
        if member.office == Member.Office.OWNER:
            raise Forbidden(
                gettext("You are an owner already; keep the invitation for someone else.")
            )
        free = Invitation.objects.filter(pk=invitation.pk, taken_at=None)
        if not free.update(taken_at=timezone.now(), taken_by=member):
            raise NotFound(gettext("This invitation is not valid any more. Ask for a new one."))
        _set_role(SYSTEM, member, invitation.office, f"invitation {invitation.pk}")
    return invitation.office


def _set_role(actor: Actor, member: Member, role: str, reason: str) -> None:
    before = member.office
    Member.objects.filter(pk=member.pk).update(office=role)
    member.office = role
    account_roles.follow(member)
    # From now on it is given by hand; sso_accounts.py notes what groups give.
    SsoIdentity.objects.filter(user__member=member).exclude(role_given="").update(role_given="")
    action = AuditEntry.Action.APPOINTED if role else AuditEntry.Action.DISMISSED
    record(actor, action, member=member, reason=reason, office=role, before=before)
    change_numbers.record_moderation_change()
