"""Joining by the form, without JavaScript, and what other forms have in common with it."""

from http import HTTPStatus

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.accounts.names import clean_name
from chat.rooms.models import Room

from .test_views import LOBBY_PATH, boot_of, text_of


def test_the_front_page_asks_for_a_name(lobby: Room, visitor: Client) -> None:
    response = visitor.get("/")

    assert response.status_code == HTTPStatus.OK
    assert 'name="name"' in text_of(response)
    assert "no-store" in response["Cache-Control"]


def test_the_front_page_leads_who_has_a_name_into_the_lobby(
    lobby: Room, alices_browser: Client
) -> None:
    response = alices_browser.get("/")

    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, LOBBY_PATH)


def test_joining_leads_into_the_lobby_under_the_new_name(lobby: Room, visitor: Client) -> None:
    response = visitor.post("/join/", {"name": " Ada "})

    # The field that one writes in has the focus, without JavaScript too.
    there = f"{LOBBY_PATH}#composer-body"
    assert (response.status_code, response["Location"]) == (HTTPStatus.SEE_OTHER, there)
    ada = Member.objects.get(name="Ada")
    assert boot_of(visitor.get(LOBBY_PATH))["me"] == {"id": ada.pk, "name": "Ada"}


def test_joining_keeps_the_place_where_one_was_going(lobby: Room, visitor: Client) -> None:
    response = visitor.post("/join/", {"name": "Ada", "next": "/rooms/garden/"})

    assert response["Location"] == "/rooms/garden/#composer-body"


def test_joining_at_a_message_leads_to_the_message(lobby: Room, visitor: Client) -> None:
    response = visitor.post("/join/", {"name": "Ada", "next": "/rooms/garden/7/"})

    assert response["Location"] == "/rooms/garden/7/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "evil"],
)
def test_joining_never_leads_to_another_site(lobby: Room, visitor: Client, elsewhere: str) -> None:
    response = visitor.post("/join/", {"name": "Ada", "next": elsewhere})

    assert response["Location"] == f"{LOBBY_PATH}#composer-body"


def test_a_taken_name_is_answered_with_two_free_ones(
    lobby: Room, alice: Member, visitor: Client
) -> None:
    response = visitor.post("/join/", {"name": "alice", "next": "/rooms/garden/"})

    assert response.status_code == HTTPStatus.CONFLICT
    assert "was used a moment ago; it is free again in 10 minutes." in text_of(response)
    assert response.context["suggestions"] == ("alice 2", "alice 3")
    assert response.context["next"] == "/rooms/garden/"
    assert all(f'value="{name}"' in text_of(response) for name in ("alice 2", "alice 3"))
    assert not response.cookies.get("member")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("", "Type a name."),
        ("admin", "is reserved"),
        ("\u202eecila", "Leave out the invisible characters."),
        ("a\x00b", "not allowed"),
    ],
)
def test_an_impossible_name_is_answered_with_advice(
    lobby: Room, visitor: Client, name: str, advice: str
) -> None:
    response = visitor.post("/join/", {"name": name})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert advice in text_of(response)
    assert not Member.objects.exists()


def test_a_name_is_shown_as_text_and_never_as_markup(lobby: Room, visitor: Client) -> None:
    name = clean_name("<b>Ada</b>")

    visitor.post("/join/", {"name": name})

    assert "<b>Ada" not in text_of(visitor.get(LOBBY_PATH))
    assert boot_of(visitor.get(LOBBY_PATH))["me"] == {"id": Member.objects.get().pk, "name": name}


def test_joining_twice_is_joining(lobby: Room, alice: Member, alices_browser: Client) -> None:
    response = alices_browser.post("/join/", {"name": "Somebody else"})

    assert response.status_code == HTTPStatus.SEE_OTHER
    assert Member.objects.get() == alice


def test_forms_from_other_sites_are_refused(lobby: Room) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/join/", {"name": "Ada"}).status_code == HTTPStatus.FORBIDDEN
    assert not Member.objects.exists()


@pytest.mark.parametrize("path", ["/join/", "/leave/", "/rename/", "/rooms/lobby/messages/"])
def test_forms_are_never_submitted_by_a_link(lobby: Room, visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED
