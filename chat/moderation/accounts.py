"""Accounts: a guest keeps the name, a browser signs in, and what an operator does about both."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from ..accounts import (
    account_roles,
    change_numbers,
    devices,
    fresh_proof,
    passkeys,
    passwords,
    recovery_codes,
)
from ..accounts import sign_in_links as links
from ..accounts.account_models import Device, SignInLink
from ..accounts.models import Member
from ..accounts.names import canonical_name
from ..accounts.sessions import Identity
from ..accounts.users import User
from ..errors import Forbidden, NotFound
from . import admission, door
from .audit import record
from .authorization import SYSTEM, Actor, in_session, lock_member
from .models import AuditEntry


class SignedIn(NamedTuple):
    """The member, and the device of theirs that this browser is now."""

    member: Member
    device: Device


class KeptName(NamedTuple):
    """`codes`: the recovery codes of a new account; an account that gets a passkey more has its
    own. `device`: what this browser is now, if it was none.
    """

    member: Member
    device: Device | None
    codes: list[str]


def keep_name(
    *, site: passkeys.Site, member: Member, answer: Mapping[str, Any], label: str
) -> KeptName:
    """Give the member this passkey. A guest becomes an account with the same id.

    The guest's session ends, for its cookie may have been copied; the browser goes on as a device.
    """
    with in_session(member.pk, member.session) as me:
        columns = passkeys.verify_new(site, me, answer)
        user = User.objects.filter(member=me).first()
        if user is not None:
            passkeys.add(user, columns, label)
            return KeptName(me, None, [])
        user = make_account(me)
        passkeys.add(user, columns, label)
        devices.sign_out_everywhere(me)
        return KeptName(me, devices.sign_in(me, label), recovery_codes.renew(user))


def keep_name_by_password(*, member: Member, password: str, label: str) -> KeptName:
    """Give the member this password. A guest becomes an account with the same id."""
    with in_session(member.pk, member.session) as me:
        user = User.objects.filter(member=me).first()
        passwords.check(password, user)
        is_new = user is None
        user = user or make_account(me)
        user.set_password(password)
        user.save(update_fields=["password"])
        if not is_new:
            return KeptName(me, None, [])
        devices.sign_out_everywhere(me)
        return KeptName(me, devices.sign_in(me, label), recovery_codes.renew(user))


def make_account(member: Member) -> User:
    """The new account of a guest. The colon keeps its user name apart from all typed ones."""
    user = User(username=f"member:{member.pk}", member=member)
    user.set_unusable_password()
    user.save()
    member.kind = Member.Kind.ACCOUNT
    member.save(update_fields=["kind"])
    account_roles.follow(member)
    change_numbers.record_moderation_change()
    return user


# --- Coming in with a new account ---------------------------------------------------------------


def come_in_by_password(
    *,
    name: str,
    password: str,
    way: door.Way,
    label: str,
    address: str = "",
    former: Identity | None = None,
) -> KeptName:
    """A new member who has an account with this password from the start."""
    passwords.check(password, None)
    with transaction.atomic():
        member = admission.come_in(name=name, way=way, address=address, former=former).member
        return keep_name_by_password(member=member, password=password, label=label)


# --- Signing in -------------------------------------------------------------------------------


def by_passkey(
    *, site: passkeys.Site, answer: Mapping[str, Any], label: str, address: str
) -> SignedIn:
    with transaction.atomic():
        return let_in(passkeys.verify(site, answer), label, address)


def by_password(*, name: str, password: str, label: str, address: str) -> SignedIn:
    # Hashing takes a while: not within the transaction.
    member = passwords.verify(name, password)
    with transaction.atomic():
        return let_in(member, label, address)


def by_recovery_code(*, code: str, label: str, address: str) -> SignedIn:
    with transaction.atomic():
        user = recovery_codes.use(code)
        if user is None or user.member is None:
            raise Forbidden(gettext("No account has this code. Each code works once."))
        return let_in(user.member, label, address)


def by_link(*, link: SignInLink, label: str, address: str) -> SignedIn:
    with transaction.atomic():
        member = links.spend(link).member
        if member is None:
            raise passkeys.not_known()
        # Another device let this one in: whoever sat there.
        proved = link.kind != SignInLink.Kind.DEVICE
        recovery = link.kind == SignInLink.Kind.RECOVERY
        return let_in(member, label, address, proved=proved, recovery=recovery)


def let_in(
    member: Member,
    label: str,
    address: str,
    *,
    proved: bool = True,
    single_sign_on: bool = False,
    recovery: bool = False,
) -> SignedIn:
    """A new device of the member. A ban and a disabled account keep everyone out alike."""
    member = lock_member(member)
    door.check_sign_in(member, single_sign_on=single_sign_on, recovery=recovery)
    if member.released_at is not None or not User.objects.filter(member=member, is_active=True):
        raise Forbidden(gettext("This account is disabled. Ask the people who run this chatroom."))
    former = Identity(member.pk, member.name, member.session)
    if refusal := admission.why_not_join(address=address, former=former):
        raise Forbidden(refusal)
    return SignedIn(member, devices.sign_in(member, label, proved=proved))


# --- Proving it again -------------------------------------------------------------------------


def prove_by_passkey(
    *, site: passkeys.Site, member: Member, device: int, answer: Mapping[str, Any]
) -> None:
    """Note a fresh proof on this device. Forbidden unless it is the member's own passkey."""
    with transaction.atomic():
        if passkeys.verify(site, answer).pk != member.pk:
            raise passkeys.not_known()
        fresh_proof.note(member, device)


def prove_by_password(*, member: Member, device: int, password: str) -> None:
    """The same by the member's password."""
    passwords.verify(member.name, password)
    fresh_proof.note(member, device)


def prove_by_recovery_code(*, member: Member, device: int, code: str) -> None:
    """The same by one of the member's recovery codes, which is spent by it."""
    with transaction.atomic():
        user = recovery_codes.use(code)
        if user is None or user.member_id != member.pk:
            raise Forbidden(gettext("Your account does not have this code. Each works once."))
        fresh_proof.note(member, device)


# --- What operators do ------------------------------------------------------------------------


def account_of(name_or_id: str) -> User:
    """The account of the member with this name or number."""
    live = Member.objects.live()
    named = live.filter(canonical_name=canonical_name(name_or_id))
    numbered = live.filter(pk=int(name_or_id)) if name_or_id.isdecimal() else live.none()
    found = User.objects.select_related("member").filter(member__in=named | numbered)
    accounts = list(found[:2])
    if len(accounts) != 1:
        text = gettext("No account is called {name}. `account list` shows all with their numbers.")
        raise NotFound(text.format(name=name_or_id))
    return accounts[0]


def sign_out_everywhere(*, actor: Actor, member: Member) -> None:
    """End all sessions of the member, on their own wish or an operator's."""
    with transaction.atomic():
        member = lock_member(member)
        devices.sign_out_everywhere(member)
        record(actor, AuditEntry.Action.SIGNED_OUT, member=member)


def set_disabled(*, user: User, disabled: bool, actor: Actor = SYSTEM, reason: str = "") -> None:
    """A disabled account is signed out everywhere and signs in nowhere; the name stays its own."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=not disabled)
        if user.member is None:
            return
        member = lock_member(user.member)
        if disabled:
            devices.sign_out_everywhere(member)
        action = AuditEntry.Action.DISABLED if disabled else AuditEntry.Action.ENABLED
        record(actor, action, member=member, reason=reason)


def recovery_link(*, user: User, actor: Actor = SYSTEM) -> str:
    """The token of a link that signs the owner of this account in once."""
    with transaction.atomic():
        record(actor, AuditEntry.Action.RECOVERY_LINK, member=user.member)
        return links.make_recovery(user)


def close(member: Member) -> None:
    """Nothing signs in to the member's account any more. Call it where the member is erased."""
    user = User.objects.filter(member=member).first()
    if user is None:
        return
    ways = user.passkeys, user.recovery_codes, user.sign_in_links, user.sso_identities
    for ways_in in ways:
        ways_in.all().delete()
    user.set_unusable_password()
    user.is_active = user.is_staff = user.is_superuser = False
    user.save()
