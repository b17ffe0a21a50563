"""Passwords, where they are switched on: one more way in, and what guessers get."""

import hashlib
import random
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import hashers
from django.test import Client

from chat.accounts.breached_passwords import is_breached
from chat.moderation import accounts
from chat.moderation.authorization import SYSTEM
from chat.realtime.rate_limits import LIMITS
from tests.authenticator import Authenticator
from tests.kit.account_browsers import browser, guest, is_in, keep, me, member, post

pytestmark = pytest.mark.django_db

GOOD = "seven quiet herons"


@pytest.fixture(autouse=True)
def switched_on(settings: LazySettings) -> None:
    settings.PASSWORDS = True


@pytest.fixture
def greta() -> Client:
    client = guest()
    assert choose(client, GOOD).status_code == HTTPStatus.OK
    return client


def choose(client: Client, password: str) -> Any:
    return post(client, "/account/password/", {"password": password})


def sign_in(client: Client, name: str, password: str, **where: Any) -> Any:
    form = {"name": name, "password": password}
    return client.post("/sign-in/password/", form, **where)


def test_a_guest_keeps_the_name_with_a_password_and_comes_back(greta: Client) -> None:
    other = browser()

    assert sign_in(other, "greta", GOOD).status_code == HTTPStatus.SEE_OTHER

    assert me(other) == me(greta) == member()
    assert member().user.password.startswith("argon2")


def test_an_account_with_a_passkey_takes_a_password_and_stays_signed_in() -> None:
    client = guest()
    keep(client, Authenticator())

    assert choose(client, GOOD).json() == {"codes": []}

    assert is_in(client)
    assert sign_in(browser(), "Greta", GOOD).status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize("bad", ["short", "password123", "x" * 257, ""])
def test_a_bad_password_is_refused_with_the_reason_and_makes_no_account(bad: str) -> None:
    client = guest()

    refused = choose(client, bad)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "password" in refused.json()["detail"]
    assert member().kind == "guest"


def test_a_breached_password_is_refused_by_a_file(settings: LazySettings, tmp_path: Path) -> None:
    settings.BREACHED_PASSWORDS_FILE = str(list_of(tmp_path, GOOD))

    assert "attackers" in choose(guest(), GOOD).json()["detail"]


def test_every_line_of_the_list_is_found_and_nothing_else(tmp_path: Path) -> None:
    chance = random.Random(20)
    known = [f"known {chance.random()}" for _ in range(300)]
    file = list_of(tmp_path, *known)

    assert all(is_breached(password, file) for password in known)
    assert not any(is_breached(f"unknown {number}", file) for number in range(300))


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def list_of(folder: Path, *passwords: str) -> Path:
    digests = sorted(sha1(one) for one in passwords)
    lines = [f"{digest}:{number}\n" for number, digest in enumerate(digests)]
    file = folder / "breached.txt"
    file.write_text("".join(lines))
    return file


def test_unknown_names_are_refused_like_wrong_passwords(
    greta: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(guest("Paula"), Authenticator())
    hashed: list[str] = []
    plain = hashers.Argon2PasswordHasher.encode

    def counted(hasher: Any, password: str, salt: str) -> Any:
        hashed.append(password)
        return plain(hasher, password, salt)

    monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", counted)
    verified: list[str] = []
    check = hashers.Argon2PasswordHasher.verify

    def noted(hasher: Any, password: str, encoded: str) -> Any:
        verified.append(password)
        return check(hasher, password, encoded)

    monkeypatch.setattr(hashers.Argon2PasswordHasher, "verify", noted)

    pages = []
    for name in ("Greta", "Paula", "Nobody"):
        work = len(hashed) + len(verified)
        pages.append(sign_in(browser(), name, "wrong password"))
        # As much work, so as much time.
        assert len(hashed) + len(verified) == work + 1

    assert {page.status_code for page in pages} == {HTTPStatus.FORBIDDEN}
    assert all(b"do not belong together" in page.content for page in pages)


def test_guessers_from_everywhere_do_not_lock_the_owners_browser_out(greta: Client) -> None:
    known = browser()
    sign_in(known, "Greta", GOOD)
    accounts.sign_out_everywhere(actor=SYSTEM, member=member())
    LIMITS.forget_all()
    stranger = Client(SERVER_NAME="localhost", SERVER_PORT="8000")
    tries = [
        sign_in(stranger, "Greta", f"guess {number}", REMOTE_ADDR=f"203.0.{number}.1")
        for number in range(21)
    ]

    assert tries[-1].status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert sign_in(known, "Greta", GOOD).status_code == HTTPStatus.SEE_OTHER


def test_where_passwords_are_off_there_are_none(settings: LazySettings, greta: Client) -> None:
    settings.PASSWORDS = False

    assert sign_in(browser(), "Greta", GOOD).status_code == HTTPStatus.NOT_FOUND
    assert choose(greta, GOOD).status_code == HTTPStatus.NOT_FOUND
    assert b"current-password" not in browser().get("/sign-in/").content


def test_a_disabled_account_has_no_password(greta: Client) -> None:
    accounts.set_disabled(user=member().user, disabled=True)

    assert sign_in(browser(), "Greta", GOOD).status_code == HTTPStatus.FORBIDDEN
