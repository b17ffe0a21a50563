"""Pictures and names over HTTP: uploads, what is served, and what attackers try."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.accounts import profile
from chat.accounts.models import Member
from chat.accounts.profile_models import Handle, ProfilePicture
from chat.accounts.sessions import read
from chat.moderation import profiles
from chat.moderation.authorization import SYSTEM
from chat.realtime.rate_limits import LIMITS
from tests.chat.accounts.test_handles import account
from tests.chat.accounts.test_pictures import bomb, picture
from tests.chat.conftest import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    LIMITS.forget_all()


@pytest.fixture
def greta() -> Member:
    return account("Greta")


@pytest.fixture
def gretas_browser(greta: Member) -> Client:
    return browser_of(greta)


def upload(browser: Client, content: bytes, kind: str = "image/png") -> Any:
    return browser.post("/account/picture/", content, content_type=kind)


def rename(browser: Client, name: str) -> Any:
    return browser.post("/account/name/", json.dumps({"name": name}), "application/json")


# --- Pictures ---------------------------------------------------------------------------------


def test_an_uploaded_picture_is_served_under_an_address_that_never_changes(
    gretas_browser: Client, visitor: Client, greta: Member
) -> None:
    address = upload(gretas_browser, picture("JPEG")).json()["picture"]

    served = visitor.get(address)

    assert served.status_code == HTTPStatus.OK
    assert served.content == profile.picture_of(greta)
    assert served["Content-Type"] == "image/webp"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "sandbox" in served["Content-Security-Policy"]
    assert not served.cookies


def test_a_picture_that_was_replaced_or_taken_out_is_served_no_more(
    gretas_browser: Client, visitor: Client, greta: Member
) -> None:
    first = upload(gretas_browser, picture()).json()["picture"]
    second = upload(gretas_browser, picture()).json()["picture"]
    assert visitor.get(first).status_code == HTTPStatus.NOT_FOUND

    profiles.clear(actor=SYSTEM, member=greta, part="picture")

    assert visitor.get(second).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "path", ["/pictures/1-x.webp", "/pictures/0-0.webp", "/pictures/99999999999999999999-a.webp"]
)
def test_what_is_no_picture_is_not_found(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("claimed", ["image/png", "image/webp", "text/html", "image/svg+xml"])
def test_what_the_file_is_counts_and_not_what_it_is_called(
    gretas_browser: Client, claimed: str
) -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"

    refused = upload(gretas_browser, svg, claimed)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refused.json() == {"detail": "Choose a picture in PNG, JPEG or WebP."}
    assert upload(gretas_browser, picture("WEBP"), claimed).status_code == HTTPStatus.OK


def test_a_bomb_and_a_huge_file_are_refused_in_words(gretas_browser: Client) -> None:
    refused = upload(gretas_browser, bomb(60_000, 60_000))
    assert refused.json() == {"detail": "Choose a picture of at most 12 million pixels."}
    refused = upload(gretas_browser, picture() + b"\0" * (1 << 20))
    assert refused.json() == {"detail": "Choose a picture of at most 1 MB."}

    assert not ProfilePicture.objects.exists()


def test_guests_and_visitors_upload_nothing(alices_browser: Client, visitor: Client) -> None:
    refused = upload(alices_browser, picture())
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "keep this name first" in refused.json()["detail"]
    assert upload(visitor, picture()).status_code == HTTPStatus.FORBIDDEN

    assert not ProfilePicture.objects.exists()


def test_another_site_uploads_nothing_with_my_cookie(greta: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = browser_of(greta).cookies

    assert upload(browser, picture()).status_code == HTTPStatus.FORBIDDEN
    assert rename(browser, "Evil").status_code == HTTPStatus.FORBIDDEN


def test_uploads_have_a_limit(gretas_browser: Client) -> None:
    statuses = {upload(gretas_browser, b"no picture").status_code for _ in range(25)}

    assert statuses == {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS}


# --- Names ------------------------------------------------------------------------------------


def test_a_changed_name_keeps_the_member_and_the_session_goes_on(
    alices_browser: Client, alice: Member
) -> None:
    answer = rename(alices_browser, " Alicia ")

    assert answer.json() == {"name": "Alicia"}
    identity = read(alices_browser.cookies["member"].value)
    assert identity is not None
    assert (identity.id, identity.name) == (alice.pk, "Alicia")
    assert alices_browser.get("/rooms/lobby/").status_code == HTTPStatus.OK


def test_a_name_that_is_taken_or_reserved_is_refused_with_free_ones(
    alices_browser: Client, greta: Member
) -> None:
    taken = rename(alices_browser, "greta")
    assert taken.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Free right now: greta 2, greta 3." in taken.json()["detail"]
    Handle.objects.create(canonical_name="gl", handle="gl", member=greta)
    assert "handle" in rename(alices_browser, "GL").json()["detail"]

    for name in ("", "admin", "x" * 33, "a\u202eb"):
        assert rename(alices_browser, name).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_page_shows_old_messages_under_the_name_of_now(
    alices_browser: Client, visitor: Client
) -> None:
    form = {"body": "hello", "client_id": f"c-{timezone.now():%s}"}
    alices_browser.post("/rooms/lobby/messages/", form)

    rename(alices_browser, "Alicia")

    page = visitor.get("/rooms/lobby/").content.decode()
    assert '<span class="message-author" dir="auto">Alicia</span>' in page
