"""What was not read: here while one was away, and in the other rooms of the list."""

import json
from http import HTTPStatus

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.messages import commit, unread
from chat.moderation.room_rules import open_room
from chat.realtime.read_markers import save_read_markers
from chat.rooms.models import Room
from tests.chat.conftest import browser_of
from tests.chat.web.test_views import boot_of, say


def test_missed_is_what_others_said_since_and_is_still_there(
    lobby: Room, alice: Member, mallory: Member
) -> None:
    seen = say(lobby, mallory, "seen")
    say(lobby, alice, "my own")
    say(lobby, mallory, "one")
    taken_back = say(lobby, mallory, "two")
    commit.commit_operation(lobby, commit.Delete(mallory.pk, taken_back))

    answer = browser_of(alice).get(f"/rooms/lobby/missed/{seen}/")

    assert answer.json() == {"count": 1, "more": False}


def test_where_it_is_many_nobody_counts_on(
    lobby: Room, alice: Member, mallory: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "COUNTED_MAX", 3)
    for number in range(3):
        say(lobby, mallory, f"number {number}")
    counted = browser_of(alice).get("/rooms/lobby/missed/0/").json()
    say(lobby, mallory, "one more")
    too_many = browser_of(alice).get("/rooms/lobby/missed/0/").json()

    assert counted == {"count": 3, "more": False}
    assert too_many == {"count": 3, "more": True}


def test_what_was_missed_is_for_members_of_rooms_that_are_there(
    lobby: Room, visitor: Client, alices_browser: Client
) -> None:
    assert visitor.get("/rooms/lobby/missed/0/").status_code == HTTPStatus.UNAUTHORIZED
    assert alices_browser.get("/rooms/nowhere/missed/0/").status_code == HTTPStatus.NOT_FOUND


def test_the_page_knows_how_far_each_room_was_read_and_goes(
    lobby: Room, alice: Member, mallory: Member
) -> None:
    garden = open_room(key="garden", name="Garden")
    read = say(garden, mallory, "one")
    save_read_markers({(alice.pk, garden.pk): read})
    newest = say(garden, mallory, "two")

    boot = boot_of(browser_of(alice).get("/rooms/lobby/"))

    assert boot["rooms"] == {"garden": read}
    assert boot["said"] == {"garden": newest}


def test_where_one_stood_is_known_in_a_room_beyond_the_list(lobby: Room, alice: Member) -> None:
    for number in range(unread.ROOMS_LISTED):
        open_room(key=f"a-{number}", name=f"A {number}")
    last = open_room(key="zebra", name="Zebra")
    save_read_markers({(alice.pk, last.pk): 7})

    assert boot_of(browser_of(alice).get("/rooms/zebra/"))["read"] == 7


def test_rooms_that_are_not_for_everyone_are_not_told_of(lobby: Room, alice: Member) -> None:
    hideout = open_room(key="hideout", name="Hideout", kind=Room.Kind.PRIVATE)
    say(hideout, alice, "secret")
    say(lobby, alice, "hello")

    assert unread.last_messages() == {"lobby": 1}


def test_emoji_have_names_and_no_tones_of_skin(visitor: Client) -> None:
    answer = visitor.get("/emoji.json")

    known = {character: names for character, *names in json.loads(answer.content)}
    assert "tada" in known["🎉"]
    assert "🎂" in known
    assert "👍🏽" not in known
    assert "public" in answer["Cache-Control"]


def test_pages_are_compressed_for_whoever_understands_it(lobby: Room, visitor: Client) -> None:
    answer = visitor.get("/rooms/lobby/", headers={"Accept-Encoding": "gzip"})

    assert answer["Content-Encoding"] == "gzip"
