"""What a stranger learns from the ways in: whether a name, code or link is known is told neither by
words nor by time. Time is compared by its causes: the hashes computed, and the statements asked.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

import pytest
from django.conf import LazySettings
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.accounts import site_settings
from chat.accounts.account_models import SignInLink
from chat.accounts.site_models import SiteSettings
from chat.accounts.users import User
from chat.moderation import accounts, admission
from tests.authenticator import Authenticator
from tests.kit.account_browsers import browser, guest, keep, post, sign_in

pytestmark = pytest.mark.django_db

PASSWORD = "seven quiet herons"
# What is another one in each answer: the form's token, and the nonce of scripts.
ONLY_ONCE = re.compile(r'(?:name="csrfmiddlewaretoken" value|nonce)="[^"]*"')
VALUES = re.compile(r"'[^']*'|\"s\d+_x\d+\"|\b\d+\b")


class Seen(NamedTuple):
    """What a try was answered, and what it cost."""

    status: int
    words: str
    hashes: int
    statements: list[str]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each password that was hashed, to store it or to compare it."""
    done: list[str] = []
    for method in ("encode", "verify"):
        plain = getattr(hashers.Argon2PasswordHasher, method)

        def counted(hasher: Any, password: str, *others: Any, plain: Any = plain) -> Any:
            done.append(password)
            return plain(hasher, password, *others)

        monkeypatch.setattr(hashers.Argon2PasswordHasher, method, counted)
    return done


@pytest.fixture
def seen(hashed: list[str]) -> Callable[..., Seen]:
    """Tries a way in; `typed` is what is known or not, and may stand in the answer again."""

    def tried(attempt: Callable[[], Any], typed: str = "") -> Seen:
        before = len(hashed)
        with CaptureQueriesContext(connection) as queries:
            answer = attempt()
        words = ONLY_ONCE.sub("", answer.content.decode())
        if typed:
            words = words.replace(typed, "what was typed")
        asked = [VALUES.sub("?", query["sql"]) for query in queries]
        # Each process reads the settings of the site now and then, for whoever comes.
        statements = [one for one in asked if "chat_sitesettings" not in one]
        return Seen(answer.status_code, words, len(hashed) - before, statements)

    return tried


def with_password(name: str) -> User:
    post(guest(name), "/account/password/", {"password": PASSWORD})
    return User.objects.get(member__name=name)


def test_a_name_with_a_password_without_one_disabled_and_unknown_are_alike(
    settings: LazySettings, seen: Callable[..., Seen]
) -> None:
    settings.PASSWORDS = True
    with_password("Greta")
    keep(guest("Paula"), Authenticator())
    accounts.set_disabled(user=with_password("Doris"), disabled=True)
    guest("Gus")

    def attempt(name: str) -> Seen:
        form = {"name": name, "password": "wrong password"}
        return seen(lambda: browser().post("/sign-in/password/", form), name)

    tries = [attempt(name) for name in ("Greta", "Paula", "Doris", "Gus", "Norah")]

    assert tries[0].status == HTTPStatus.FORBIDDEN
    assert tries[0].hashes == 1
    assert tries == [tries[0]] * 5


def test_the_admin_tells_nobody_who_has_an_account(seen: Callable[..., Seen]) -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    keep(guest("Paula"), Authenticator())
    member_name = User.objects.get(member__name="Paula").username

    def attempt(name: str) -> Seen:
        form = {"username": name, "password": "wrong password", "next": "/admin/"}
        return seen(lambda: browser().post("/admin/login/", form), name)

    tries = [attempt(name) for name in ("root", member_name, "nobody")]

    assert "correct username and password" in tries[0].words
    assert tries[0].hashes == 1
    assert tries == [tries[0]] * 3


def test_a_question_for_passkeys_names_none_whoever_is_there(seen: Callable[..., Seen]) -> None:
    def asked() -> Seen:
        answer = browser().get("/sign-in/options/")
        assert sorted(answer.json()) == ["challenge", "rpId", "userVerification"]
        return seen(lambda: browser().get("/sign-in/options/"))

    nobody_there = asked()
    keep(guest(), Authenticator())

    assert asked().statements == nobody_there.statements == []


def test_a_passkey_that_is_known_and_one_that_is_not_are_refused_alike(
    seen: Callable[..., Seen],
) -> None:
    key, stranger = Authenticator(), Authenticator()
    keep(guest(), key)
    key.key = stranger.key
    tries = []
    for one in (key, stranger):
        client = browser()
        answer = one.sign(client.get("/sign-in/options/").json())
        tries.append(seen(lambda c=client, a=answer: post(c, "/sign-in/passkey/", a)))

    assert tries[0].status == HTTPStatus.FORBIDDEN
    assert tries[0] == tries[1]


def test_a_code_that_was_used_and_one_that_never_was_are_alike(seen: Callable[..., Seen]) -> None:
    code = keep(guest(), Authenticator()).json()["codes"][0]
    browser().post("/sign-in/code/", {"code": code})

    tries = [
        seen(lambda c=one: browser().post("/sign-in/code/", {"code": c}), one)
        for one in (code, "abcd-efgh-jkmn-pqrs")
    ]

    assert tries[0].status == HTTPStatus.FORBIDDEN
    assert tries[0] == tries[1]


def device_link(client: Client) -> str:
    """The token of a new link for another device."""
    link: str = post(client, "/account/links/").json()["link"]
    return link.rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_recovery_link_that_is_over_is_one_that_never_was(
    seen: Callable[..., Seen], method: str
) -> None:
    greta = guest()
    keep(greta, Authenticator())
    user = User.objects.get(member__name="Greta")
    used = accounts.recovery_link(user=user)
    browser().post(f"/sign-in/recover/{used}/")
    expired = accounts.recovery_link(user=user)
    SignInLink.objects.filter(used_at=None).update(until=timezone.now() - timedelta(seconds=1))
    tokens = (used, expired, device_link(greta), "n" * 32)

    tries = [
        seen(lambda t=token: getattr(browser(), method)(f"/sign-in/recover/{t}/"), token)
        for token in tokens
    ]

    assert tries[0].status == HTTPStatus.NOT_FOUND
    assert tries == [tries[0]] * 4


@pytest.mark.parametrize("form", [None, {}, {"ask": "1"}], ids=["look", "come in", "ask"])
def test_a_devices_link_that_is_over_is_one_that_never_was(
    seen: Callable[..., Seen], form: dict[str, str] | None
) -> None:
    greta = guest()
    keep(greta, Authenticator())
    user = User.objects.get(member__name="Greta")
    replaced = device_link(greta)
    refused = device_link(greta)
    browser().post(f"/sign-in/device/{refused}/", {"ask": "1"})
    SignInLink.objects.filter(used_at=None).update(refused_at=timezone.now())
    tokens = (replaced, refused, accounts.recovery_link(user=user), "n" * 32)

    def attempt(token: str) -> Any:
        path = f"/sign-in/device/{token}/"
        return browser().get(path) if form is None else browser().post(path, form)

    tries = [seen(lambda t=token: attempt(t), token) for token in tokens]

    assert tries[0].status == HTTPStatus.NOT_FOUND
    assert tries == [tries[0]] * 4


@pytest.mark.parametrize("comes_in", ["invited", "accounts", "sso"])
def test_a_closed_door_tells_nobody_which_names_are_taken(
    seen: Callable[..., Seen], comes_in: str
) -> None:
    admission.join(name="Greta")
    site_settings.save(SiteSettings(who_may_come_in=comes_in))

    tries = [
        seen(lambda n=name: browser().post("/join/", {"name": n}), name)
        for name in ("Greta", "Norah")
    ]

    assert tries[0].status == HTTPStatus.FORBIDDEN
    assert tries[0] == tries[1]


def test_who_proved_it_is_told_what_is_wrong(seen: Callable[..., Seen]) -> None:
    """The owner of a disabled account gets another answer, which strangers do not reach."""
    key = Authenticator()
    keep(guest(), key)
    accounts.set_disabled(user=User.objects.get(member__name="Greta"), disabled=True)

    assert "disabled" in sign_in(browser(), key).json()["detail"]
