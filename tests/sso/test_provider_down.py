"""The provider may be slow, broken or away: people are told, and nothing else waits."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection

from chat.accounts import sso_http, sso_provider
from chat.accounts.sso_attempts import Attempt
from chat.accounts.sso_models import SsoIdentity
from chat.errors import ProviderUnavailable
from chat.maintenance import doctor_checks
from chat.maintenance.findings import Finding
from tests.authenticator import Authenticator
from tests.kit import account_browsers
from tests.kit.account_browsers import browser, guest, is_in

from .provider import Person, Provider
from .test_refused import back_from
from .test_signing_in import sign_in, text

pytestmark = pytest.mark.django_db

DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize("mode", ["gone", "broken", "huge"])
def test_a_provider_that_gives_no_answer_is_said_with_what_else_there_is(
    provider: Provider, mode: str
) -> None:
    provider.tell(mode=mode)

    answer = browser().get("/sign-in/sso/?next=/rooms/lobby/")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Example does not answer. Try again in a minute, or sign in another way" in text(answer)
    assert "/sign-in/?next=/rooms/lobby/" in text(answer)


@pytest.mark.parametrize("mode", ["stalled", "slow"])
def test_a_provider_that_lets_people_wait_is_given_up(
    provider: Provider, settings: Any, mode: str
) -> None:
    settings.SSO_ANSWER_SECONDS = 1
    provider.tell(mode=mode)
    began = time.monotonic()

    answer = browser().get("/sign-in/sso/")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("at", ["/token", "/jwks", "/me"])
def test_a_provider_that_goes_away_meanwhile_signs_nobody_in(provider: Provider, at: str) -> None:
    client = browser()
    back = back_from(client, Person("greta"))
    provider.tell(mode="gone", at=at)

    assert client.get(back).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert not is_in(client)
    assert not SsoIdentity.objects.exists()


def test_passkeys_work_while_the_provider_is_away(provider: Provider) -> None:
    key = Authenticator()
    account_browsers.keep(guest(), key)
    provider.tell(mode="stalled")
    client = browser()

    assert account_browsers.sign_in(client, key).status_code == HTTPStatus.OK
    assert is_in(client)


def test_a_provider_that_did_not_answer_is_left_alone_for_a_while(
    provider: Provider, settings: Any
) -> None:
    provider.tell(mode="gone")
    browser().get("/sign-in/sso/")
    asked = provider.tell(mode="up")

    refused = browser().get("/sign-in/sso/")
    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert provider.tell() == asked

    sso_provider.forget()
    client = browser()
    sign_in(client, Person("greta"))
    assert is_in(client)


def test_with_enough_people_waiting_the_next_is_refused_at_once(
    provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sso_http, "SILENCE_SECONDS", 2)
    settings.SSO_ANSWER_SECONDS = 2
    provider.tell(mode="stalled")
    ask = partial(sso_provider.address_for, Attempt.new("/"), "http://localhost/")
    with ThreadPoolExecutor(settings.SSO_WAITING_MAX) as people:
        waiting = [people.submit(ask) for _ in range(settings.SSO_WAITING_MAX)]
        while sso_provider.waiting() < settings.SSO_WAITING_MAX:
            time.sleep(0.01)
        began = time.monotonic()

        with pytest.raises(ProviderUnavailable):
            ask()

        assert time.monotonic() - began < 1
        assert not any(one.done() for one in waiting)
        assert all(isinstance(one.exception(), ProviderUnavailable) for one in waiting)


@pytest.mark.usefixtures("provider")
def test_nobody_holds_a_connection_to_the_database_while_they_wait(
    django_assert_num_queries: Any,
) -> None:
    client = browser()
    with django_assert_num_queries(0):
        client.get("/sign-in/sso/")
    assert connection.vendor


# --- What is kept -----------------------------------------------------------------------------


def test_what_it_publishes_is_fetched_once(provider: Provider) -> None:
    for name in ("greta", "gustav"):
        sign_in(browser(), Person(name))

    asked = provider.tell()

    assert (asked[DISCOVERY], asked["/jwks"]) == (1, 1)


def test_new_keys_are_fetched_when_one_signs_with_them(provider: Provider, settings: Any) -> None:
    settings.SSO_KEYS_SECONDS = 0
    sign_in(browser(), Person("greta"))
    provider.tell(rotate=True)
    client = browser()

    sign_in(client, Person("greta"))

    assert is_in(client)
    assert provider.tell()["/jwks"] == 2


def test_unknown_keys_do_not_make_us_ask_again_and_again(provider: Provider) -> None:
    sign_in(browser(), Person("greta"))
    provider.tell(rotate=True)

    for _ in range(3):
        client = browser()
        sign_in(client, Person("greta"))
        assert not is_in(client)

    assert provider.tell()["/jwks"] == 1


def test_a_provider_that_calls_itself_something_else_is_not_ours(
    provider: Provider, settings: Any
) -> None:
    settings.SSO_ISSUER = provider.issuer.replace("localhost", "127.0.0.1")

    assert browser().get("/sign-in/sso/").status_code == HTTPStatus.SERVICE_UNAVAILABLE


# --- What doctor says -------------------------------------------------------------------------


def findings() -> list[Finding]:
    return [one for one in doctor_checks.examine() if one.what.startswith("single sign-on")]


def test_doctor_finds_a_provider_that_works(provider: Provider) -> None:
    [finding] = findings()

    assert finding.state == "well"
    assert provider.issuer in finding.what


def test_doctor_says_what_to_do_about_one_that_does_not(provider: Provider) -> None:
    provider.tell(mode="broken")

    [finding] = findings()

    assert finding.state == "ill"
    assert "500" in finding.what
    assert "passkeys and codes" in finding.advice


def test_doctor_says_that_the_provider_calls_itself_otherwise(
    provider: Provider, settings: Any
) -> None:
    settings.SSO_ISSUER = provider.issuer.replace("localhost", "127.0.0.1")

    [finding] = findings()

    assert finding.state == "ill"
    assert provider.issuer in finding.what


@pytest.mark.parametrize("clock", [-3600, 3600])
def test_doctor_says_that_the_clocks_are_too_far_apart(provider: Provider, clock: int) -> None:
    provider.tell(clock=clock)

    [finding] = findings()

    assert finding.state == "ill"
    assert "clock" in finding.what


def test_doctor_says_that_an_issuer_needs_a_client_id(provider: Provider, settings: Any) -> None:
    settings.SSO_CLIENT_ID = ""

    found = [one for one in doctor_checks.examine() if "SSO_CLIENT_ID" in one.what + one.advice]

    assert [one.state for one in found] == ["ill"]


def test_doctor_misses_the_groups_that_roles_need(provider: Provider, settings: Any) -> None:
    settings.SSO_ROLES = {"chat-admins": "owner"}
    settings.SSO_GROUPS_CLAIM = "roles"

    assert [finding.state for finding in findings()] == ["well", "watch"]


def test_doctor_finds_nothing_wrong_without_single_sign_on(settings: Any) -> None:
    settings.SSO_ISSUER = ""

    [finding] = findings()

    assert (finding.state, finding.what) == ("well", "single sign-on: off")
