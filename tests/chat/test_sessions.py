"""The member's cookie: believed for what was signed, and for as long as the session lasts."""

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from chat.models import Member
from chat.services import membership
from chat.sessions import (
    Identity,
    clear_cookie,
    identity_of_headers,
    issue,
    member_of,
    read,
    set_cookie,
)


@pytest.fixture
def requests() -> RequestFactory:
    return RequestFactory()


def bearing(requests: RequestFactory, value: str) -> HttpRequest:
    requests.cookies["member"] = value
    return requests.get("/")


def test_a_cookie_names_the_member_it_was_issued_to(alice: Member) -> None:
    assert read(issue(alice)) == Identity(alice.pk, "Alice", alice.session)


def test_a_name_in_any_script_survives_the_cookie(db: None) -> None:
    olga = membership.join(name="Ольга 🌻")

    assert issue(olga).isascii()
    assert read(issue(olga)) == Identity(olga.pk, "Ольга 🌻", olga.session)


def test_a_cookie_is_refused_when_one_character_of_it_changes(alice: Member) -> None:
    value = issue(alice)

    assert read(value) is not None
    for place, character in enumerate(value):
        other = "A" if character != "A" else "B"
        assert read(value[:place] + other + value[place + 1 :]) is None


def test_a_cookie_survives_a_rotation_of_the_key_while_the_last_one_is_kept(
    alice: Member, settings: LazySettings
) -> None:
    value, last_key = issue(alice), settings.SECRET_KEY
    settings.SECRET_KEY = "another key, as long and as random as a key should be"
    assert read(value) is None

    settings.SECRET_KEY_FALLBACKS = [last_key]

    assert read(value) == Identity(alice.pk, "Alice", alice.session)


def test_a_cookie_signed_for_something_else_is_refused(alice: Member) -> None:
    assert read(signing.dumps([alice.pk, "Alice", 1], salt="password-reset")) is None


def test_a_cookie_ends_with_its_age(
    alice: Member, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEMBER_COOKIE_AGE = timedelta(days=14).total_seconds()
    value = issue(alice)
    now = time.time()

    monkeypatch.setattr("time.time", lambda: now + 13 * 86_400)
    assert read(value) is not None
    monkeypatch.setattr("time.time", lambda: now + 15 * 86_400)
    assert read(value) is None


@given(st.text(st.characters()))
def test_garbage_is_nobody(value: str) -> None:
    assert read(value) is None


@given(st.binary())
def test_garbage_in_headers_is_nobody(value: bytes) -> None:
    assert identity_of_headers([(b"cookie", value)]) is None
    assert identity_of_headers([(b"cookie", b"member=" + value)]) is None


def test_a_handshake_finds_the_cookie_among_others(alice: Member) -> None:
    cookies = f"csrftoken=x; member={issue(alice)}; theme=dark".encode()

    identity = identity_of_headers([(b"host", b"localhost"), (b"cookie", cookies)])

    assert identity == Identity(alice.pk, "Alice", alice.session)


def test_a_handshake_finds_the_cookie_in_a_second_header(alice: Member) -> None:
    headers = [(b"cookie", b"theme=dark"), (b"cookie", f"member={issue(alice)}".encode())]

    assert identity_of_headers(headers) == Identity(alice.pk, "Alice", alice.session)


def test_a_cookie_of_another_name_is_not_read(alice: Member) -> None:
    assert identity_of_headers([(b"cookie", f"xmember={issue(alice)}".encode())]) is None


def test_scripts_and_other_sites_cannot_use_the_cookie(alice: Member) -> None:
    response = HttpResponse()
    set_cookie(response, alice)

    cookie = response.cookies["member"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert cookie["max-age"] == 14 * 86_400
    assert not cookie["secure"]


def test_over_https_the_cookie_never_travels_in_the_clear(
    alice: Member, settings: LazySettings
) -> None:
    settings.SERVED_OVER_HTTPS = True
    settings.MEMBER_COOKIE = "__Host-member"
    response, goodbye = HttpResponse(), HttpResponse()

    set_cookie(response, alice)
    clear_cookie(goodbye)

    assert response.cookies["__Host-member"]["secure"]
    assert goodbye.cookies["__Host-member"]["secure"]
    assert goodbye.cookies["__Host-member"].value == ""


def test_a_request_is_the_members_while_the_session_lasts(
    alice: Member, requests: RequestFactory
) -> None:
    request = bearing(requests, issue(alice))

    assert member_of(request) == alice
    membership.end_session(member=alice)
    assert member_of(request) is None


def test_a_cookie_is_nobodys_after_leaving(alice: Member, requests: RequestFactory) -> None:
    request = bearing(requests, issue(alice))
    assert member_of(request) == alice

    membership.leave(member=alice)

    assert member_of(request) is None


def test_a_request_without_a_cookie_is_nobodys(db: None, requests: RequestFactory) -> None:
    assert member_of(requests.get("/")) is None
