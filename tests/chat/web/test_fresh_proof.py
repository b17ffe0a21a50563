"""What could cost someone the account asks again who is there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.accounts.account_models import Device
from chat.accounts.users import User
from tests.authenticator import Authenticator
from tests.chat.web.test_sign_in_links import decide, link_of, state
from tests.kit import account_browsers
from tests.kit.account_browsers import browser, guest, keep, member, post, sign_in

key, greta = account_browsers.key, account_browsers.greta

pytestmark = pytest.mark.django_db

CHANGES = [
    "/account/codes/",
    "/account/passkeys/1/remove/",
    "/account/keep/options/",
    "/account/keep/",
    "/account/password/",
]


@pytest.fixture
def codes(key: Authenticator, greta: Client) -> list[str]:
    codes: list[str] = post(greta, "/account/codes/").json()["codes"]
    return codes


def pass_minutes(minutes: int) -> None:
    Device.objects.update(proved_at=timezone.now() - timedelta(minutes=minutes))


def wants_proof(answer: Any) -> bool:
    return answer.status_code == 403 and answer.json().get("proof") is True


def prove(client: Client, key: Authenticator) -> Any:
    options = client.get("/sign-in/options/").json()
    return post(client, "/account/proof/passkey/", key.sign(options))


@pytest.mark.parametrize("path", CHANGES)
def test_an_open_laptop_changes_no_way_in(greta: Client, path: str) -> None:
    pass_minutes(6)

    assert wants_proof(post(greta, path, {"password": "seven quiet herons"}))


def test_within_five_minutes_of_signing_in_nothing_is_asked(
    greta: Client, key: Authenticator
) -> None:
    other = browser()
    sign_in(other, key)
    pass_minutes(4)

    assert post(other, "/account/codes/").status_code == 200


def test_a_passkey_proves_it_for_this_device_alone(greta: Client, key: Authenticator) -> None:
    other = browser()
    sign_in(other, key)
    pass_minutes(6)

    assert prove(greta, key).status_code == 200

    assert post(greta, "/account/codes/").status_code == 200
    assert wants_proof(post(other, "/account/codes/"))


def test_the_passkey_of_somebody_else_proves_nothing(greta: Client) -> None:
    theirs = Authenticator()
    keep(guest("Karl"), theirs)
    pass_minutes(6)

    assert prove(greta, theirs).status_code == 403
    assert wants_proof(post(greta, "/account/codes/"))


def test_a_recovery_code_proves_it_and_is_spent(greta: Client, codes: list[str]) -> None:
    pass_minutes(6)

    page = greta.post("/account/proof/", {"code": codes[0], "next": "/rooms/lobby/"})

    assert page.status_code == 303
    assert page["Location"] == "/rooms/lobby/"
    assert User.objects.get(member=member()).recovery_codes.count() == 9
    assert post(greta, "/account/codes/").status_code == 200


def test_a_code_of_somebody_else_proves_nothing_and_stays_good(
    greta: Client, codes: list[str]
) -> None:
    karl = guest("Karl")
    keep(karl, Authenticator())
    pass_minutes(6)

    assert karl.post("/account/proof/", {"code": codes[0]}).status_code == 403
    assert browser().post("/sign-in/code/", {"code": codes[0]}).status_code == 303


def test_who_was_let_in_by_another_device_has_proved_nothing(
    greta: Client, key: Authenticator
) -> None:
    path, link_id = link_of(greta)
    phone = browser()
    phone.post(path, {"ask": "1"})
    decide(greta, link_id, state(greta, link_id)["number"])
    phone.post(path, {})

    assert wants_proof(post(phone, "/account/codes/"))
    assert prove(phone, key).status_code == 200
    assert post(phone, "/account/codes/").status_code == 200


def test_signing_out_everywhere_is_never_held_up(greta: Client) -> None:
    pass_minutes(60)

    assert post(greta, "/account/sign-out/").status_code == 200


def test_guesses_of_a_password_are_few_and_lead_to_this_site_only(
    greta: Client, settings: Any
) -> None:
    settings.PASSWORDS = settings.RATE_LIMITS = True
    post(greta, "/account/password/", {"password": "seven quiet herons"})
    pass_minutes(6)
    guess = {"password": "wrong", "next": "https://evil.example/"}

    answers = [greta.post("/account/proof/", guess).status_code for _ in range(12)]

    assert answers[0] == 403
    assert answers[-1] == 429
    page = greta.get("/account/proof/?next=https://evil.example/").content.decode()
    assert "evil" not in page
