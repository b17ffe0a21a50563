"""The pages, without JavaScript: read, join, write, leave."""

import json
import re
from datetime import timedelta
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from django.utils.crypto import get_random_string

from chat.accounts import guests
from chat.accounts.models import Member
from chat.accounts.sessions import member_of
from chat.messages import commit
from chat.messages.models import Message
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room
from tests.chat.conftest import browser_of

LOBBY_PATH = "/rooms/lobby/"


@pytest.fixture
def hideout(db: None) -> Room:
    """A room that is not for everyone."""
    return open_room(key="hideout", name="Hideout", kind=Room.Kind.PRIVATE)


def say(room: Room, member: Member, body: str) -> int:
    post = commit.Post(member.pk, get_random_string(12), body)
    return commit.commit_operation(room, post).seq


def text_of(response: Any) -> str:
    return str(response.content.decode())


def boot_of(response: Any) -> dict[str, object]:
    found = re.search(r'<script id="boot"[^>]*>(.*?)</script>', text_of(response), re.DOTALL)
    assert found
    boot: dict[str, object] = json.loads(found[1])
    return boot


def form_of(response: Any) -> dict[str, str]:
    """What the composer's form would send."""
    client_id = re.search(r'name="client_id" value="([^"]*)"', text_of(response))
    body = re.search(r'<textarea[^>]*name="body"[^>]*>([^<]*)</textarea>', text_of(response))
    assert client_id
    assert body
    return {"body": unescape(body[1]), "client_id": unescape(client_id[1])}


# --- Reading ----------------------------------------------------------------------------------


def test_a_visitor_reads_and_is_asked_for_a_name(
    lobby: Room, alice: Member, visitor: Client
) -> None:
    say(lobby, alice, "Good morning")

    response = visitor.get(LOBBY_PATH)

    assert "Good morning" in text_of(response)
    assert "no-store" in response["Cache-Control"]
    assert f'name="next" value="{LOBBY_PATH}"' in text_of(response)
    assert 'name="body"' not in text_of(response)
    assert boot_of(response)["me"] is None


def test_a_member_reads_and_writes(lobby: Room, alice: Member, alices_browser: Client) -> None:
    seq = say(lobby, alice, "Good morning")

    response = alices_browser.get(LOBBY_PATH)

    assert 'name="body"' in text_of(response)
    assert boot_of(response) == {
        "room": "lobby",
        "name": "Lobby",
        "topic": "",
        "kind": "public",
        "me": {"id": alice.pk, "name": "Alice"},
        "epoch": lobby.log.epoch,
        "to": seq,
        "to_id": str(Message.objects.get().uid),
        "more": False,
        "newer": False,
        "focus": None,
        "read": 0,
        "rooms": {},
        "said": {},
        "limits": {"body": 4000},
        "permissions": {
            "role": None,
            "muted_until": None,
            "locked": False,
            "slow_s": 0,
            "reports": None,
            "newcomers": None,
            "guest": True,
            "guests_read": False,
        },
        "first_steps": None,
        "has_account": False,
        "no_rooms": "",
        "site": {"comes_in": "anyone"},
        "rules_to_accept": 0,
    }


def test_reading_keeps_the_name(
    lobby: Room, alice: Member, alices_browser: Client, settings: LazySettings
) -> None:
    absent = timedelta(seconds=settings.GUEST_NAME_SECONDS + 60)
    Member.objects.update(last_seen_at=timezone.now() - absent)
    assert Member.objects.gone().exists()

    alices_browser.get(LOBBY_PATH)

    assert not Member.objects.gone().exists()


def test_a_message_is_shown_as_text_and_never_as_markup(
    lobby: Room, alice: Member, visitor: Client
) -> None:
    say(lobby, alice, "<script>alert(1)</script>")

    assert "<script>alert" not in text_of(visitor.get(LOBBY_PATH))
    assert "&lt;script&gt;alert" in text_of(visitor.get(LOBBY_PATH))


@pytest.mark.parametrize("key", ["nowhere", "No_Room", "x" * 200])
def test_a_room_that_is_not_there_is_not_found(lobby: Room, visitor: Client, key: str) -> None:
    assert visitor.get(f"/rooms/{key}/").status_code == HTTPStatus.NOT_FOUND


def test_a_room_one_may_not_enter_looks_like_one_that_is_not_there(
    hideout: Room, alices_browser: Client
) -> None:
    read = alices_browser.get("/rooms/hideout/")
    written = alices_browser.post("/rooms/hideout/messages/", {"body": "hi", "client_id": "a"})

    assert (read.status_code, written.status_code) == (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND)
    assert not Message.objects.exists()


# --- Writing ----------------------------------------------------------------------------------


def test_a_message_is_posted_by_a_form(lobby: Room, alice: Member, alices_browser: Client) -> None:
    form = {"body": "Good\r\nmorning", "client_id": "a-1"}

    response = alices_browser.post("/rooms/lobby/messages/", form)

    message = Message.objects.get()
    assert (message.author, message.author_name, message.body) == (alice, "Alice", "Good\nmorning")
    assert (response.status_code, response["Location"]) == (
        HTTPStatus.SEE_OTHER,
        f"/rooms/lobby/#m{message.seq}",
    )


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("a title\x0b\r\nits text\u2028and more", "a title\n\nits text\nand more"),
        ("a\x07 bell, \x9b1;31mred\x1b[0m\x85 and NUL\0", "a bell, red\n and NUL"),
        ("page\x0cbreak \ufdd0\U0001ffff\x08", "page\nbreak "),
        ("\ttab, \u200dیک‌‌family 👩‍👧", "\ttab, \u200dیک‌‌family 👩‍👧"),
    ],
)
def test_what_was_pasted_into_the_form_is_kept_but_for_what_cannot_be(
    lobby: Room, alices_browser: Client, pasted: str, kept: str
) -> None:
    response = alices_browser.post("/rooms/lobby/messages/", {"body": pasted, "client_id": "a-1"})

    assert response.status_code == HTTPStatus.SEE_OTHER
    assert Message.objects.get().body == kept


def test_the_same_form_twice_says_it_once(lobby: Room, alices_browser: Client) -> None:
    form = {"body": "Good morning", "client_id": "a-1"}

    first = alices_browser.post("/rooms/lobby/messages/", form)
    second = alices_browser.post("/rooms/lobby/messages/", form)

    assert Message.objects.count() == 1
    assert first["Location"] == second["Location"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [("  ", "A message needs some text."), ("y" * 4001, "4000 characters")],
)
def test_a_refused_text_is_kept_with_the_reason(
    lobby: Room, alices_browser: Client, body: str, reason: str
) -> None:
    form = {"body": body, "client_id": "a-1"}

    response = alices_browser.post("/rooms/lobby/messages/", form)

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert reason in response.context["error"]
    assert form_of(response) == form
    assert reason in text_of(response)
    assert not Message.objects.exists()


def test_a_changed_text_on_a_page_sent_before_gets_a_key_of_its_own(
    lobby: Room, alices_browser: Client
) -> None:
    alices_browser.post("/rooms/lobby/messages/", {"body": "Good morning", "client_id": "a-1"})

    response = alices_browser.post(
        "/rooms/lobby/messages/", {"body": "Good evening", "client_id": "a-1"}
    )

    assert response.status_code == HTTPStatus.CONFLICT
    again = form_of(response)
    assert again["body"] == "Good evening"
    assert alices_browser.post("/rooms/lobby/messages/", again).status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize("client_id", ["", "with space", "x" * 65, "ü"])
def test_a_key_that_no_page_gave_is_refused(
    lobby: Room, alices_browser: Client, client_id: str
) -> None:
    response = alices_browser.post(
        "/rooms/lobby/messages/", {"body": "Good morning", "client_id": client_id}
    )

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.context["error"] == "Reload the page and send again."
    assert not Message.objects.exists()


def test_nobody_writes_without_a_name(lobby: Room, visitor: Client) -> None:
    form = {"body": "Good morning", "client_id": "a-1"}

    response = visitor.post("/rooms/lobby/messages/", form)

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert f'name="next" value="{LOBBY_PATH}"' in text_of(response)
    assert not Message.objects.exists()


def test_nobody_writes_after_leaving(lobby: Room, alice: Member, alices_browser: Client) -> None:
    guests.leave(member=alice)
    form = {"body": "Good morning", "client_id": "a-1"}

    assert alices_browser.post("/rooms/lobby/messages/", form).status_code == HTTPStatus.FORBIDDEN
    assert not Message.objects.exists()


# --- Renaming, leaving, answering -------------------------------------------------------------


def test_renaming_renews_the_cookie(lobby: Room, alice: Member, alices_browser: Client) -> None:
    response = alices_browser.post("/rename/", {"name": "Alicia"})

    assert (response.status_code, response["Location"]) == (HTTPStatus.SEE_OTHER, LOBBY_PATH)
    assert boot_of(alices_browser.get(LOBBY_PATH))["me"] == {"id": alice.pk, "name": "Alicia"}
    assert member_of(response.wsgi_request) is None  # by the cookie of the old name


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("ALlCE", HTTPStatus.CONFLICT, "Free right now: ALlCE 2, ALlCE 3."),
        ("admin", HTTPStatus.UNPROCESSABLE_ENTITY, "is reserved"),
    ],
)
def test_a_refused_new_name_leaves_the_old_one(
    lobby: Room, alice: Member, mallory: Member, name: str, status: HTTPStatus, reason: str
) -> None:
    response = browser_of(mallory).post("/rename/", {"name": name})

    mallory.refresh_from_db()
    assert response.status_code == status
    assert reason in text_of(response)
    assert mallory.name == "Mallory"


def test_nobody_renames_without_a_name(lobby: Room, visitor: Client) -> None:
    response = visitor.post("/rename/", {"name": "Ada"})

    assert (response.status_code, response["Location"]) == (HTTPStatus.SEE_OTHER, "/")


def test_leaving_forgets_who_one_was(lobby: Room, alice: Member, alices_browser: Client) -> None:
    response = alices_browser.post("/leave/")

    alice.refresh_from_db()
    assert (response.status_code, response["Location"]) == (HTTPStatus.SEE_OTHER, "/")
    assert response.cookies["member"].value == ""
    assert alice.released_at is not None
    assert boot_of(alices_browser.get(LOBBY_PATH))["me"] is None


def test_leaving_without_a_name_is_no_error(lobby: Room, visitor: Client) -> None:
    assert visitor.post("/leave/").status_code == HTTPStatus.SEE_OTHER
