"""What does not come from our provider, for this browser, just now, signs nobody in."""

import base64
import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.accounts.sso_models import SsoIdentity
from tests.kit.account_browsers import browser, guest, is_in, me, post

from .provider import Person, Provider
from .test_signing_in import HERE, keep_by_sso, sign_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

FORBIDDEN = HTTPStatus.FORBIDDEN
NOT_VERIFIED = "could not be verified"


def back_from(client: Client, person: Person, path: str = "/sign-in/sso/") -> str:
    """The address to which the provider sends this browser back."""
    back = person.sign_in(client.get(path)["Location"], until=HERE)
    return f"/{back.removeprefix(HERE)}"


def is_refused(client: Client, why: str = NOT_VERIFIED) -> bool:
    answer = sign_in(client, Person("greta"))
    return answer.status_code == FORBIDDEN and why in text(answer) and not is_in(client)


# --- The id token ---------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", [-50, 50])
def test_a_clock_within_the_tolerance_is_accepted(provider: Provider, clock: int) -> None:
    provider.tell(clock=clock)
    client = browser()

    sign_in(client, Person("greta"))

    assert is_in(client)


@pytest.mark.parametrize("clock", [-120, 90])
def test_a_clock_beyond_the_tolerance_is_refused(provider: Provider, clock: int) -> None:
    provider.tell(clock=clock)

    assert is_refused(browser())


@pytest.mark.parametrize("apart", [-60, 60])
def test_a_minute_is_still_accepted_to_the_second(provider: Provider, apart: int) -> None:
    # The tolerance is counted from when this browser began, so a slow machine changes nothing.
    client = browser()
    back = back_from(client, Person("greta"))
    provider.tell(claims={"iat": _began(client) + apart})

    client.get(back)

    assert is_in(client)


def _began(client: Client) -> int:
    packed = client.cookies["sso"].value.split(":")[0].lstrip(".")
    [*_, began, _next, _keep, _prove] = json.loads(
        base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    )
    return int(began)


def test_one_second_more_is_refused(provider: Provider) -> None:
    client = browser()
    back = back_from(client, Person("greta"))
    provider.tell(claims={"iat": _began(client) - 61})

    assert NOT_VERIFIED in text(client.get(back))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-client"},
        {"aud": ["chatroom", "another-client"]},
        {"aud": ["chatroom", "another-client"], "azp": "another-client"},
        {"iss": "https://evil.example"},
        {"nonce": "of-another-browser"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"iat": None},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=json.dumps,
)
def test_an_id_token_for_something_else_is_refused(
    provider: Provider, claims: dict[str, Any]
) -> None:
    provider.tell(claims=claims)

    answer = sign_in(browser(), Person("greta"))

    assert answer.status_code == FORBIDDEN
    assert not Member.objects.exists()


@pytest.mark.parametrize("algorithm", ["none", "HS256", "another key"])
def test_a_signature_that_others_can_make_is_refused(provider: Provider, algorithm: str) -> None:
    provider.tell(alg=algorithm)

    assert is_refused(browser())


def test_what_is_said_later_about_somebody_else_is_refused(provider: Provider) -> None:
    provider.tell(claims={"sub": "mallory"})

    assert is_refused(browser())


# --- The browser ----------------------------------------------------------------------------------


def test_an_answer_in_another_browser_signs_nobody_in() -> None:
    """Login CSRF: Mallory would have Greta act, and be read, under Mallory's account."""
    back = back_from(browser(), Person("mallory"))
    greta = browser()

    assert greta.get(back).status_code == FORBIDDEN
    assert not is_in(greta)


def test_nor_while_the_other_browser_signs_in_itself() -> None:
    back = back_from(browser(), Person("mallory"))
    greta = browser()
    greta.get("/sign-in/sso/")

    assert "was begun elsewhere" in text(greta.get(back))
    assert not is_in(greta)


def test_a_code_of_another_sign_in_is_worth_nothing() -> None:
    mallory, greta = browser(), browser()
    stolen = back_from(greta, Person("greta"))
    mine = back_from(mallory, Person("mallory"))
    code = stolen.partition("code=")[2].partition("&")[0]
    my_code = mine.partition("code=")[2].partition("&")[0]

    answer = mallory.get(mine.replace(my_code, code))

    assert answer.status_code == FORBIDDEN
    assert not is_in(mallory)


def test_an_answer_counts_once() -> None:
    client = browser()
    back = back_from(client, Person("greta"))
    cookie = client.cookies["sso"].value
    client.get(back)
    replay = browser()
    replay.cookies["sso"] = cookie

    assert replay.get(back).status_code == FORBIDDEN
    assert not is_in(replay)


def test_an_answer_of_another_provider_is_not_taken_for_ours() -> None:
    client = browser()
    back = back_from(client, Person("greta"))

    answer = client.get(back.replace("iss=http", "iss=https"))

    assert answer.status_code == FORBIDDEN
    assert not is_in(client)


def test_who_says_no_at_the_provider_is_told_what_else_there_is() -> None:
    client = browser()
    state = client.get("/sign-in/sso/")["Location"].partition("state=")[2].partition("&")[0]

    answer = client.get(f"/sign-in/sso/callback/?error=access_denied&state={state}")

    assert "Example did not sign you in" in text(answer)
    assert "/sign-in/?next=" in text(answer)


def test_a_cookie_that_we_did_not_make_begins_nothing() -> None:
    client = browser()
    back = back_from(client, Person("greta"))
    client.cookies["sso"] = client.cookies["sso"].value[:-3] + "abc"

    assert client.get(back).status_code == FORBIDDEN
    assert client.post("/sign-in/sso/finish/", {"keep": "1"}).status_code == FORBIDDEN


def test_what_was_begun_is_no_proof_of_who_somebody_is() -> None:
    client = guest("Gretchen")
    client.get("/sign-in/sso/")

    assert client.post("/sign-in/sso/finish/", {"keep": "1"}).status_code == FORBIDDEN
    assert not SsoIdentity.objects.exists()


def test_the_wish_to_keep_a_name_is_worth_nothing_to_another_member() -> None:
    """Mallory sends Gustav the address under which Mallory's name would be kept."""
    wish = post(guest("Mallory"), "/account/sso/", {}).json()["next"]
    gustav = guest("Gustav")

    asked = sign_in(gustav, Person("gustav"), wish)

    assert "Who do you want to be?" in text(asked)
    assert not SsoIdentity.objects.exists()


def test_a_form_of_another_site_keeps_no_name() -> None:
    client = guest("Gretchen")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    assert strict.post("/account/sso/", "{}", "application/json").status_code == FORBIDDEN
    assert strict.post("/sign-in/sso/finish/", {"keep": "1"}).status_code == FORBIDDEN


def test_a_session_that_was_there_before_is_not_that_of_the_account() -> None:
    """Session fixation: what Mallory planted stays Mallory's guest."""
    planted = guest("Mallory")
    client = browser()
    client.cookies["member"] = planted.cookies["member"].value
    sign_in(client, Person("greta"))
    client.post("/sign-in/sso/finish/", {"keep": "1"})

    assert is_in(client)
    assert not is_in(planted)


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"]
)
def test_nobody_is_led_to_another_site(path: str) -> None:
    client = browser()

    answer = sign_in(client, Person("greta"), f"/sign-in/sso/?next={path}")

    assert answer["Location"] == "/rooms/lobby/#composer-body"
    wish = post(guest("Gustav"), "/account/sso/", {"next": path}).json()["next"]
    assert "evil" not in wish


def test_an_identity_belongs_to_one_account() -> None:
    greta, gustav = guest("Gretchen"), guest("Gustav")
    keep_by_sso(greta, Person("greta"))
    asked = keep_by_sso(gustav, Person("greta"))

    assert "You have an account already" in text(asked)
    gustav.post("/sign-in/sso/finish/", {"keep": "1"})

    assert SsoIdentity.objects.get().user.member == me(greta)
    assert Member.objects.get(name="Gustav").kind == Member.Kind.GUEST


# --- Domains --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({}, "not verified"),
        ({"email": "greta@example.org"}, "not verified"),
        ({"email": "greta@example.org", "email_verified": False}, "not verified"),
        ({"email": "greta@example.org", "email_verified": "yes"}, "not verified"),
        ({"email": "greta@evil.example", "email_verified": True}, "does not belong"),
        ({"email": "greta@sub.example.org", "email_verified": True}, "does not belong"),
        ({"email": "greta@example.org@evil.example", "email_verified": True}, "does not belong"),
        ({"email": "example.org", "email_verified": True}, "does not belong"),
    ],
)
def test_where_domains_are_demanded_others_stay_out(
    provider: Provider, settings: Any, claims: dict[str, Any], why: str
) -> None:
    settings.SSO_EMAIL_DOMAINS = ["example.org"]
    provider.knows("greta", **claims)

    assert is_refused(browser(), why)


@pytest.mark.parametrize("email", ["greta@example.org", "Greta@EXAMPLE.org"])
def test_a_verified_address_of_the_domain_comes_in(
    provider: Provider, settings: Any, email: str
) -> None:
    settings.SSO_EMAIL_DOMAINS = ["Example.org"]
    provider.knows("greta", email=email, email_verified=True)
    client = browser()

    sign_in(client, Person("greta"))

    assert is_in(client)


def test_an_account_whose_domain_is_not_allowed_any_more_stays_out(
    provider: Provider, settings: Any
) -> None:
    provider.knows("greta", email="greta@old.example", email_verified=True)
    sign_in(browser(), Person("greta"))
    settings.SSO_EMAIL_DOMAINS = ["example.org"]

    assert is_refused(browser(), "does not belong")
