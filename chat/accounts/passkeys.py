"""Passkeys: keeping a name with one, and signing in with it (WebAuthn, docs/adr/0048).

They are discoverable and verify their user: nobody types a name or a password.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ..errors import Forbidden, InvalidText
from . import challenges
from .account_models import Passkey
from .models import Member
from .users import User

PASSKEYS_MAX = 20
KEEP, SIGN_IN = "keep", "sign in"
REQUIRED = UserVerificationRequirement.REQUIRED

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a passkey is made or used: the domain it belongs to, its name, and the origins from
    which the page may ask. `browser`: a secret of the browser that asks.
    """

    domain: str
    name: str
    origins: frozenset[str]
    browser: str

    def server(self) -> Fido2Server:
        relying_party = PublicKeyCredentialRpEntity(name=self.name, id=self.domain)
        return Fido2Server(relying_party, verify_origin=lambda origin: origin in self.origins)


# --- Making one -------------------------------------------------------------------------------


def creation_options(site: Site, member: Member) -> Json:
    """What the browser needs to make a passkey for this member."""
    known = Passkey.objects.filter(user__member=member).values_list("credential", flat=True)
    options, _ = site.server().register_begin(
        PublicKeyCredentialUserEntity(
            id=user_handle(member), name=member.name, display_name=member.name
        ),
        credentials=[AttestedCredentialData(bytes(credential)) for credential in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=REQUIRED,
        challenge=challenges.make(_keep(member), site.browser),
    )
    public_key: Json = dict(options)["publicKey"]
    return public_key


def verify_new(site: Site, member: Member, answer: Mapping[str, Any]) -> Json:
    """The columns of the new passkey. Forbidden if the answer is not to our question."""
    try:
        response = RegistrationResponse.from_dict(answer)
        challenge = response.response.client_data.challenge
        challenges.check(challenge, _keep(member), site.browser)
        made = site.server().register_complete(_state(challenge), response)
    except (ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
        raise _not_understood() from error
    if made.credential_data is None:
        raise _not_understood()
    challenges.spend(challenge)
    return {
        "credential_id": websafe_encode(made.credential_data.credential_id),
        "credential": bytes(made.credential_data),
        "sign_count": made.counter,
    }


def add(user: User, columns: Json, label: str) -> Passkey:
    """Store a passkey that was verified. Call it in a transaction that has locked the member."""
    if user.passkeys.count() >= PASSKEYS_MAX:
        text = gettext("An account has at most {limit} passkeys. Remove one first.")
        raise Forbidden(text.format(limit=PASSKEYS_MAX))
    if Passkey.objects.filter(credential_id=columns["credential_id"]).exists():
        raise _not_understood()
    return Passkey.objects.create(user=user, label=label, **columns)


# --- Signing in -------------------------------------------------------------------------------


def request_options(site: Site) -> Json:
    """What the browser needs to offer the passkeys that it has for this site."""
    challenge = challenges.make(SIGN_IN, site.browser)
    options, _ = site.server().authenticate_begin(user_verification=REQUIRED, challenge=challenge)
    public_key: Json = dict(options)["publicKey"]
    return public_key


def verify(site: Site, answer: Mapping[str, Any]) -> Member:
    """Whose passkey answered. Forbidden, in the same words, whatever is wrong with the answer."""
    try:
        response = AuthenticationResponse.from_dict(answer)
        challenge = response.response.client_data.challenge
        challenges.check(challenge, SIGN_IN, site.browser)
        credential_id = websafe_encode(response.raw_id)
    except (ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
        raise not_known() from error
    with transaction.atomic():
        # Locked, so that of two answers with one counter the second is refused.
        locked = Passkey.objects.select_for_update(of=("self",)).select_related("user__member")
        passkey = locked.filter(credential_id=credential_id).first()
        if passkey is None or passkey.user.member is None:
            raise not_known()
        member = passkey.user.member
        handle = response.response.user_handle
        if handle is not None and handle != user_handle(member):
            raise not_known()
        try:
            known = [AttestedCredentialData(bytes(passkey.credential))]
            site.server().authenticate_complete(_state(challenge), known, response)
        except ValueError as error:
            raise not_known() from error
        _check_counter(passkey, response.response.authenticator_data.counter)
        challenges.spend(challenge)
        return member


def _check_counter(passkey: Passkey, counter: int) -> None:
    """A counter that does not rise is a sign of a copy. Passkeys that are synchronised have 0."""
    if (counter or passkey.sign_count) and counter <= passkey.sign_count:
        raise Forbidden(
            gettext("This passkey may have been copied. Sign in another way, and remove it.")
        )
    passkey.sign_count, passkey.last_used_at = counter, timezone.now()
    passkey.save(update_fields=["sign_count", "last_used_at"])


def user_handle(member: Member) -> bytes:
    """What authenticators know the account by: always the same, and nothing about the person."""
    return hashlib.sha256(f"{member.pk} {member.created_at.isoformat()}".encode()).digest()


def not_known() -> Forbidden:
    return Forbidden(gettext("That did not work. Try again, or sign in another way."))


def _not_understood() -> InvalidText:
    return InvalidText(gettext("Your browser’s answer was not understood. Try again."))


def _keep(member: Member) -> str:
    return f"{KEEP} {member.pk}"


def _state(challenge: bytes) -> Json:
    return {"challenge": websafe_encode(challenge), "user_verification": REQUIRED}
