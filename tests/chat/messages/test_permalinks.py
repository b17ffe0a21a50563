"""The lasting address of a message: the room, opened at it."""

import json
import re
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.errors import NotFound
from chat.messages import commit, history
from chat.messages.models import Message
from chat.moderation import admission
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room

pytestmark = pytest.mark.django_db

NEIGHBOURS = 40


@pytest.fixture
def talk(lobby: Room, alice: Member) -> Room:
    """A hundred messages, numbered 1 to 100."""
    commit.commit_batch(lobby, [say(alice, f"number {n}.") for n in range(1, 101)])
    return lobby


def say(member: Member, body: str) -> commit.Post:
    return commit.Post(member.pk, re.sub(r"\W", "-", body), body)


def numbers(page: history.Page) -> list[int]:
    return [message.seq for message in page.messages]


def boot_of(response: Any) -> dict[str, Any]:
    found = re.search(
        r'<script id="boot"[^>]*>(.*?)</script>', response.content.decode(), re.DOTALL
    )
    assert found
    boot: dict[str, Any] = json.loads(found[1])
    return boot


# --- The page around a message ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("seq", "first", "last", "more", "newer"),
    [
        (1, 1, 41, False, True),
        (41, 1, 81, False, True),
        (42, 2, 82, True, True),
        (59, 19, 99, True, True),
        (60, 20, 100, True, False),
        (100, 60, 100, True, False),
    ],
)
def test_a_message_is_shown_among_its_neighbours(
    talk: Room, seq: int, first: int, last: int, more: bool, newer: bool
) -> None:
    page = history.page_around(talk, seq)

    assert numbers(page) == list(range(first, last + 1))
    assert (page.more, page.newer) == (more, newer)
    assert (page.head, page.last_id) == (100, Message.objects.get(seq=100).uid)


def test_numbers_of_changes_are_passed_over(talk: Room, alice: Member) -> None:
    commit.commit_batch(talk, [commit.Edit(alice.pk, n, f"new {n}") for n in range(1, 61)])
    commit.commit_batch(talk, [say(alice, f"later {n}") for n in range(3)])

    page = history.page_around(talk, 100)

    assert numbers(page) == [*range(60, 101), 161, 162, 163]
    assert page.messages[0].body == "new 60"
    assert (page.head, page.newer) == (163, False)


@pytest.mark.parametrize("seq", [0, 101, 2**63, 10**30])
def test_where_no_message_is_there_is_no_page(talk: Room, seq: int) -> None:
    with pytest.raises(NotFound):
        history.page_around(talk, seq)


def test_another_rooms_messages_are_not_neighbours(talk: Room, alice: Member) -> None:
    garden = open_room(key="garden", name="Garden")
    commit.commit_batch(garden, [say(alice, "among roses")])

    assert numbers(history.page_around(garden, 1)) == [1]
    with pytest.raises(NotFound):
        history.page_around(garden, 2)


# --- The address ------------------------------------------------------------------------------


def test_the_address_opens_the_room_at_the_message(talk: Room, visitor: Client) -> None:
    response = visitor.get("/rooms/lobby/50/")

    page = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert "no-store" in response["Cache-Control"]
    assert [n for n in range(1, 101) if f"number {n}." in page] == list(range(10, 91))
    assert 'id="m50"' in page
    boot = boot_of(response)
    assert (boot["focus"], boot["more"], boot["newer"], boot["to"]) == (50, True, True, 100)
    assert boot["to_id"] == str(Message.objects.get(seq=100).uid)


def test_the_room_itself_has_no_focus_and_all_that_is_new(talk: Room, visitor: Client) -> None:
    boot = boot_of(visitor.get("/rooms/lobby/"))

    assert (boot["focus"], boot["newer"]) == (None, False)


def test_a_member_can_write_there(talk: Room, alices_browser: Client) -> None:
    response = alices_browser.get("/rooms/lobby/50/")

    assert 'name="body"' in response.content.decode()
    assert boot_of(response)["me"]["name"] == "Alice"


def test_a_deleted_message_keeps_its_address(talk: Room, alice: Member, visitor: Client) -> None:
    commit.commit_operation(talk, commit.Delete(alice.pk, 50))

    page = visitor.get("/rooms/lobby/50/").content.decode()

    assert "Message deleted" in page
    assert "number 50." not in page


def test_the_number_of_a_change_leads_to_its_message(
    talk: Room, alice: Member, visitor: Client
) -> None:
    change = commit.commit_operation(talk, commit.Edit(alice.pk, 50, "another")).updated_seq

    response = visitor.get(f"/rooms/lobby/{change}/")

    assert response.status_code == HTTPStatus.FOUND
    assert response["Location"] == "/rooms/lobby/50/"


@pytest.mark.parametrize("seq", ["0", "101", "9223372036854775808", "1" * 100])
def test_no_other_number_has_an_address(talk: Room, visitor: Client, seq: str) -> None:
    assert visitor.get(f"/rooms/lobby/{seq}/").status_code == HTTPStatus.NOT_FOUND


def test_a_message_one_may_not_read_looks_like_one_that_is_not_there(
    alice: Member, alices_browser: Client
) -> None:
    hideout = open_room(key="hideout", name="Hideout", kind=Room.Kind.PRIVATE)
    seq = commit.commit_operation(hideout, say(alice, "hidden")).seq
    bob = admission.join(name="Bob")
    change = commit.commit_operation(hideout, commit.React(bob.pk, seq, "👍", True)).updated_seq

    answers = [alices_browser.get(f"/rooms/hideout/{n}/") for n in (seq, change, change + 1)]

    assert {answer.status_code for answer in answers} == {HTTPStatus.NOT_FOUND}
