"""Single sign-on: who the provider names signs in to the account that is theirs, or gets one."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import devices, fresh_proof
from ..accounts.models import Member
from ..accounts.permissions import Role, higher
from ..accounts.sessions import Identity
from ..accounts.sso_claims import SsoPerson
from ..accounts.sso_models import SsoIdentity
from ..accounts.users import User
from ..errors import Forbidden, NameRefused
from . import admission, door, roles
from .accounts import KeptName, SignedIn, let_in, make_account
from .authorization import SYSTEM, in_session


def account_of(person: SsoPerson) -> Member | None:
    """Whose account this person signs in to; None if they have none yet."""
    found = SsoIdentity.objects.filter(issuer=person.issuer, subject=person.subject)
    identity = found.select_related("user__member").first()
    return identity.user.member if identity else None


def sign_in(*, person: SsoPerson, label: str, address: str) -> SignedIn:
    """Sign in to the account of this person, with the role that their groups give."""
    with transaction.atomic():
        member = account_of(person)
        if member is None:
            raise Forbidden(gettext("You have no account here yet. Begin again."))
        signed_in = _let_in(member, person, label, address)
        _follow_groups(signed_in.member, person)
        return signed_in


@dataclass(frozen=True, slots=True)
class Arriving:
    """Someone whom the provider names comes in: by this way, in this browser."""

    person: SsoPerson
    way: door.Way
    label: str
    address: str
    former: Identity | None


def join(who: Arriving, name: str) -> tuple[SignedIn, admission.Arrival | None]:
    """A new account under this name. NameRefused if it cannot be had; Forbidden by a closed door.

    No arrival, if the person has just got an account in another tab.
    """
    person, label, address = who.person, who.label, who.address
    way = replace(who.way, single_sign_on=True)
    try:
        with transaction.atomic():
            arrival = admission.come_in(name=name, way=way, address=address, former=who.former)
            _give_identity(make_account(arrival.member), person)
            signed_in = _let_in(arrival.member, person, label, address)
            _follow_groups(signed_in.member, person)
            return signed_in, arrival
    except (IntegrityError, NameRefused):
        if account_of(person) is None:
            raise
        return sign_in(person=person, label=label, address=address), None


def join_as_called(who: Arriving) -> tuple[SignedIn, admission.Arrival | None]:
    """The same under the first of the person's names that can be had. NameRefused if none can."""
    refused = NameRefused(gettext("Type the name that you want to have here."))
    for name in who.person.names:
        try:
            return join(who, name)
        except NameRefused as error:
            refused = error
    raise refused


def keep_name(*, member: Member, person: SsoPerson, label: str) -> KeptName:
    """Give the member this person's sign-in. A guest becomes an account with the same id.

    The guest's session ends, for its cookie may have been copied; the browser goes on as a device.
    """
    try:
        with in_session(member.pk, member.session) as me:
            user = User.objects.filter(member=me).first()
            is_new = user is None
            _give_identity(user or make_account(me), person)
            _follow_groups(me, person)
            if not is_new:
                return KeptName(me, None, [])
            devices.sign_out_everywhere(me)
            return KeptName(me, devices.sign_in(me, label, proved=person.proved), [])
    except IntegrityError:
        text = gettext("Someone here signs in by that already. Begin again.")
        raise Forbidden(text) from None


def prove(*, member: Member, device: int, person: SsoPerson) -> None:
    """Note a fresh proof on this device. Forbidden unless the provider has just seen its owner."""
    if not person.proved or account_of(person) != member:
        raise Forbidden(gettext("That did not confirm that it is you. Try again."))
    fresh_proof.note(member, device)


def disconnect(user: User) -> None:
    """The provider signs nobody in to this account any more. Call it with the member locked."""
    others = user.passkeys.exists() or user.recovery_codes.exists() or user.has_usable_password()
    if not others:
        raise Forbidden(gettext("This is the only way into your account. Add a passkey first."))
    if user.member is not None and not door.is_open_without_provider(user.member):
        text = gettext("Only single sign-on is open here: without it you could not sign in again.")
        raise Forbidden(text)
    user.sso_identities.all().delete()


def _let_in(member: Member, person: SsoPerson, label: str, address: str) -> SignedIn:
    return let_in(member, label, address, proved=person.proved, single_sign_on=True)


def _give_identity(user: User, person: SsoPerson) -> None:
    SsoIdentity.objects.create(user=user, issuer=person.issuer, subject=person.subject)


def _follow_groups(member: Member, person: SsoPerson) -> None:
    """Give the role that the groups of the provider give now. Without a mapping, nothing changes.

    A higher role that was given by hand stays, and one that came from groups goes with them. What
    is given by hand later counts as by hand (roles.py).
    """
    mine = SsoIdentity.objects.filter(issuer=person.issuer, subject=person.subject)
    mine.update(last_used_at=timezone.now())
    if not settings.SSO_ROLES or member.office == person.role:
        return
    came_from_groups = mine.filter(role_given=member.office).exclude(role_given="").exists()
    is_raised = higher(_role(person.role), _role(member.office)) != _role(member.office)
    if is_raised or came_from_groups:
        reason = gettext("Groups of {provider}.").format(provider=settings.SSO_NAME)
        roles.appoint(actor=SYSTEM, member=member, role=person.role, reason=reason)
        mine.update(role_given=person.role)


def _role(office: str) -> Role:
    return Role(office) if office else Role.MEMBER
