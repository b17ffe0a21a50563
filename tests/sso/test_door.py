"""Single sign-on and the choices of the site settings about who may come in."""

from http import HTTPStatus
from typing import Any

import pytest

from chat.accounts.models import Member
from chat.accounts.site_models import RulesAccepted
from chat.maintenance.doctor_checks import examine
from chat.moderation import roles, site_invitations
from chat.moderation.authorization import SYSTEM
from tests.authenticator import Authenticator
from tests.kit import account_browsers
from tests.kit.account_browsers import browser, guest, is_in, keep, post
from tests.kit.sites import set_site

from .provider import Person, Provider
from .test_signing_in import keep_by_sso, sign_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def test_with_single_sign_on_only_it_is_the_way_in() -> None:
    set_site(who_may_come_in="sso")
    client = browser()
    page = text(client.get("/"))
    assert page.count("Sign in with Example") == 1
    assert "join-name" not in page

    sign_in(client, Person("greta"))
    other = browser()
    sign_in(other, Person("greta"))

    assert is_in(client)
    assert is_in(other)


def test_the_domains_of_the_site_settings_take_the_place_of_the_environments(
    provider: Provider, settings: Any
) -> None:
    settings.SSO_EMAIL_DOMAINS = ["old.example"]
    set_site(who_may_come_in="sso", allowed_domains="example.org")
    for name, domain in (("greta", "example.org"), ("gustav", "old.example")):
        provider.knows(name, email=f"{name}@{domain}", email_verified=True)
        sign_in(browser(), Person(name))

    assert [member.name for member in Member.objects.all()] == ["Greta"]


def test_where_one_is_invited_somebody_new_needs_an_invitation() -> None:
    set_site(who_may_come_in="invited")

    refused = sign_in(browser(), Person("greta"))
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "You need an invitation" in text(refused)

    link = f"/welcome/{site_invitations.create(actor=SYSTEM, uses=1)[1]}/"
    client = browser()
    sign_in(client, Person("greta"), f"/sign-in/sso/?next={link}")
    assert is_in(client)


def test_who_has_an_account_already_needs_no_invitation() -> None:
    sign_in(browser(), Person("greta"))
    set_site(who_may_come_in="invited", approval=True)
    client = browser()

    sign_in(client, Person("greta"))

    assert is_in(client)


def test_the_rules_are_shown_after_signing_in() -> None:
    set_site(rules="Be kind.")

    answer = sign_in(browser(), Person("greta"))

    assert answer["Location"] == "/rules/?next=%2Frooms%2Flobby%2F%23composer-body"
    assert not RulesAccepted.objects.exists()


def test_a_guest_who_is_in_keeps_the_name_while_the_door_is_closed() -> None:
    client = guest("Gretchen")
    set_site(who_may_come_in="sso")

    sign_in(client, Person("greta"))
    client.post("/sign-in/sso/finish/", {"keep": "1"})

    assert is_in(client)
    assert Member.objects.get().kind == Member.Kind.ACCOUNT
    assert account_browsers.me(client) == Member.objects.get()


def test_doctor_finds_a_site_that_nobody_can_enter(settings: Any) -> None:
    set_site(who_may_come_in="sso")
    settings.SSO_ISSUER = ""

    [finding] = [one for one in examine() if "single sign-on only" in one.what]

    assert finding.state == "ill"


def test_where_it_is_the_only_way_nobody_cuts_themselves_off() -> None:
    client = guest("Greta")
    keep(client, Authenticator())
    keep_by_sso(client, Person("greta"))
    set_site(who_may_come_in="sso")

    refused = post(client, "/account/sso/remove/")

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "could not sign in again" in refused.json()["detail"]
    assert client.get("/account/").json()["sso"] is True

    # An owner's passkey works there.
    roles.appoint(actor=SYSTEM, member=Member.objects.get(name="Greta"), role="owner")
    assert post(client, "/account/sso/remove/").status_code == HTTPStatus.OK
