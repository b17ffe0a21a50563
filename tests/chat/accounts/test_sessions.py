"""The member's cookie: believed for what was signed, and for as long as the session lasts."""

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from chat.accounts import guests
from chat.accounts.models import Member
from chat.accounts.sessions import (
    Identity,
    clear_cookie,
    former_of,
    identity_of_headers,
    issue,
    member_of,
    read,
    set_cookie,
)
from chat.moderation import admission


@pytest.fixture
def requests() -> RequestFactory:
    return RequestFactory()


def bearing(requests: RequestFactory, value: str) -> HttpRequest:
    requests.cookies["member"] = value
    return requests.get("/")


def test_a_cookie_names_the_member_it_was_issued_to(alice: Member) -> None:
    assert read(issue(alice)) == Identity(alice.pk, "Alice", alice.session)


def test_a_name_in_any_script_survives_the_cookie(db: None) -> None:
    olga = admission.join(name="Ольга 🌻")

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
    set_cookie(HttpRequest(), response, alice)

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

    set_cookie(HttpRequest(), response, alice)
    clear_cookie(HttpRequest(), goodbye)

    assert response.cookies["__Host-member"]["secure"]
    assert goodbye.cookies["__Host-member"]["secure"]
    assert goodbye.cookies["__Host-member"].value == ""


def test_a_request_is_the_members_while_the_session_lasts(
    alice: Member, requests: RequestFactory
) -> None:
    request = bearing(requests, issue(alice))

    assert member_of(request) == alice
    guests.end_session(member=alice)
    assert member_of(request) is None


def test_a_cookie_is_nobodys_after_leaving(alice: Member, requests: RequestFactory) -> None:
    request = bearing(requests, issue(alice))
    assert member_of(request) == alice

    guests.leave(member=alice)

    assert member_of(request) is None


def test_a_request_without_a_cookie_is_nobodys(db: None, requests: RequestFactory) -> None:
    assert member_of(requests.get("/")) is None


# --- One reader for pages and sockets -----------------------------------------------------------


def read_by_both(requests: RequestFactory, header: str) -> Identity | None:
    """Whom this Cookie header names, to the page and to the socket alike."""
    member = member_of(requests.get("/", headers={"Cookie": header}))
    identity = identity_of_headers([(b"cookie", header.encode("latin-1"))])
    assert (member and (member.pk, member.session)) == (
        identity and (identity.id, identity.session)
    )
    return identity


HEADERS = {
    "alone": "member={alice}",
    "twice": "member={alice}; member={mallory}",
    "garbage first": "member=garbage; member={alice}",
    "empty first": "member=; member={alice}",
    "garbage last": "member={alice}; member=garbage",
    "quoted": 'member="{alice}"',
    "spaces": "theme=dark ;  member = {alice} ",
    "tabs": "theme=dark;\tmember\t=\t{alice}\t",
    "no space": "theme=dark;member={alice};x=y",
    "empty pairs": ";;  ; member={alice};;",
    "a name alone": "member; member={alice}",
    "the same in capitals": "MEMBER={mallory}; member={alice}",
    "a longer name": "xmember={mallory}; member={alice}; memberx={mallory}",
    "bytes of another script": "theme=\xe9\xff; member={alice}",
    "seven that are none": "member=x; " * 7 + "member={alice}",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_pages_and_sockets_take_the_same_of_all_cookies(
    requests: RequestFactory, alice: Member, mallory: Member, header: str
) -> None:
    identity = read_by_both(requests, header.format(alice=issue(alice), mallory=issue(mallory)))

    assert identity is not None
    assert identity.name == "Alice"


@pytest.mark.parametrize(
    "header",
    [
        "member=x; " * 8 + "member={alice}",
        "member=%22{alice}%22",
        "member='{alice}'",
        "member={alice}x",
    ],
)
def test_pages_and_sockets_agree_on_what_is_no_cookie(
    requests: RequestFactory, alice: Member, header: str
) -> None:
    """Who sends very many has none: each would cost us a signature."""
    assert read_by_both(requests, header.format(alice=issue(alice))) is None


# --- Several sites on one host --------------------------------------------------------------------


class Jar:
    """The cookies of one browser for one host: it gives them to every port."""

    def __init__(self, requests: RequestFactory) -> None:
        self.cookies: dict[str, str] = {}
        self._requests = requests

    def request(self) -> HttpRequest:
        header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return self._requests.get("/", headers={"Cookie": header})

    def sign_in(self, member: Member) -> None:
        response = HttpResponse()
        set_cookie(self.request(), response, member)
        self.cookies |= {name: morsel.value for name, morsel in response.cookies.items()}

    def sign_out(self) -> None:
        response = HttpResponse()
        clear_cookie(self.request(), response)
        for name in response.cookies:
            self.cookies.pop(name, None)


@pytest.mark.parametrize("same_key", [True, False])
def test_two_sites_of_a_host_do_not_sign_each_other_out(
    requests: RequestFactory,
    alice: Member,
    mallory: Member,
    settings: LazySettings,
    same_key: bool,
) -> None:
    def at(number: int) -> None:
        settings.SITE_ORIGINS = [f"http://localhost:800{number}"]
        settings.SECRET_KEY = "the key" if same_key else f"the key of {number}"

    jar = Jar(requests)
    at(1)
    jar.sign_in(alice)
    at(2)
    jar.sign_in(mallory)
    assert member_of(jar.request()) == mallory
    at(1)
    assert member_of(jar.request()) == alice
    jar.sign_in(alice)
    at(2)
    assert member_of(jar.request()) == mallory
    jar.sign_out()
    at(1)
    assert member_of(jar.request()) == alice


def test_a_cookie_from_before_sites_had_names_is_believed_and_renewed_in_its_place(
    requests: RequestFactory, alice: Member
) -> None:
    jar = Jar(requests)
    jar.cookies["member"] = signing.dumps([alice.pk, "Alice", alice.session], salt="chat.member")
    assert member_of(jar.request()) == alice

    jar.sign_in(alice)

    assert list(jar.cookies) == ["member"]
    assert member_of(jar.request()) == alice


# --- A database that was restored, or begun anew ------------------------------------------------


def test_a_cookie_is_not_another_members_who_got_the_same_id(
    requests: RequestFactory, alice: Member
) -> None:
    request = bearing(requests, issue(alice))
    Member.objects.filter(pk=alice.pk).delete()

    later = Member.objects.create(
        id=alice.pk, name="Bob", canonical_name="bob", created_at=timezone.now()
    )
    Member.objects.update(created_at=timezone.now() + timedelta(minutes=5))

    assert later.pk == alice.pk
    assert member_of(request) is None
    assert former_of(request) is None


def test_whom_a_browser_was_is_remembered_beyond_the_session(
    requests: RequestFactory, alice: Member
) -> None:
    request = bearing(requests, issue(alice))

    guests.leave(member=alice)

    former = former_of(request)
    assert (member_of(request), former and former.id) == (None, alice.pk)
