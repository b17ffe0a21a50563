"""Groups of the provider give roles, at each sign-in, and take back only what they gave."""

from typing import Any

import pytest

from chat.accounts.models import Member
from chat.accounts.users import User
from chat.moderation import roles
from chat.moderation.authorization import SYSTEM
from chat.moderation.models import AuditEntry
from tests.kit.account_browsers import browser, guest

from .provider import Person, Provider
from .test_signing_in import keep_by_sso, sign_in

pytestmark = pytest.mark.django_db

OWNER, MODERATOR = Member.Office.OWNER, Member.Office.MODERATOR


@pytest.fixture(autouse=True)
def mapping(provider: Provider, settings: Any) -> None:
    settings.SSO_ROLES = {"chat-admins": "owner", "chat-helpers": "moderator"}


def signs_in_with(provider: Provider, groups: object) -> Member:
    provider.knows("greta", groups=groups)
    sign_in(browser(), Person("greta"))
    return Member.objects.get()


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ([], ""),
        (["others"], ""),
        (["chat-helpers"], MODERATOR),
        (["chat-helpers", "chat-admins"], OWNER),
        ("chat-admins", OWNER),
        (["CHAT-ADMINS"], ""),
        ({"chat-admins": True}, ""),
        ([["chat-admins"], 7, None], ""),
    ],
)
def test_groups_give_the_highest_of_their_roles(
    provider: Provider, groups: object, role: str
) -> None:
    assert signs_in_with(provider, groups).office == role


def test_a_role_by_groups_is_written_down_with_its_reason(provider: Provider) -> None:
    member = signs_in_with(provider, ["chat-admins"])

    entry = AuditEntry.objects.get(action=AuditEntry.Action.APPOINTED)
    assert entry.member == member
    assert entry.reason == "Groups of Example."
    # And the account has what belongs to an owner.
    assert User.objects.get().is_superuser


def test_the_role_goes_with_the_group(provider: Provider) -> None:
    signs_in_with(provider, ["chat-admins"])

    assert signs_in_with(provider, ["chat-helpers"]).office == MODERATOR
    assert signs_in_with(provider, []).office == ""
    assert AuditEntry.objects.filter(action=AuditEntry.Action.DISMISSED).exists()


def test_a_role_by_hand_stays_without_the_group(provider: Provider) -> None:
    member = signs_in_with(provider, [])
    roles.appoint(actor=SYSTEM, member=member, role=OWNER)

    assert signs_in_with(provider, []).office == OWNER
    assert signs_in_with(provider, ["chat-helpers"]).office == OWNER


def test_a_role_by_hand_stays_after_groups_gave_another_one(provider: Provider) -> None:
    member = signs_in_with(provider, ["chat-helpers"])
    roles.appoint(actor=SYSTEM, member=member, role=OWNER)
    roles.appoint(actor=SYSTEM, member=member, role=MODERATOR)

    assert signs_in_with(provider, []).office == MODERATOR


def test_the_same_role_again_is_not_written_down_again(provider: Provider) -> None:
    signs_in_with(provider, ["chat-helpers"])
    signs_in_with(provider, ["chat-helpers"])

    assert AuditEntry.objects.filter(action=AuditEntry.Action.APPOINTED).count() == 1


def test_a_guest_who_keeps_the_name_gets_the_role_too(provider: Provider) -> None:
    provider.knows("greta", groups=["chat-helpers"])

    keep_by_sso(guest("Gretchen"), Person("greta"))

    assert Member.objects.get().office == MODERATOR


def test_without_a_mapping_roles_stay_as_they_are(provider: Provider, settings: Any) -> None:
    signs_in_with(provider, ["chat-admins"])
    settings.SSO_ROLES = {}

    assert signs_in_with(provider, []).office == OWNER


@pytest.mark.parametrize(
    "claims",
    [
        {"groups": {"of": {"chat": ["chat-admins"]}}},
        {"groups": None, "groups.of.chat": ["chat-admins"]},
    ],
)
def test_groups_may_be_further_in(settings: Any, claims: dict[str, Any]) -> None:
    from chat.accounts.sso_claims import person_of

    settings.SSO_GROUPS_CLAIM = "groups.of.chat"

    assert person_of({"sub": "greta", **claims}).role == OWNER
