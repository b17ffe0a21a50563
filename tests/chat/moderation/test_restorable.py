"""Which deleted messages a moderator is offered to restore: those that can be, and no others."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.crypto import get_random_string

from chat.accounts.models import Member
from chat.errors import ChatError
from chat.messages import commit
from chat.messages.models import Message
from chat.moderation import message_moderation
from chat.moderation.authorization import SYSTEM, Actor
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room
from tests.chat.conftest import browser_of


@pytest.fixture
def moderators_browser(alice: Member) -> Client:
    Member.objects.filter(pk=alice.pk).update(office=Member.Office.MODERATOR)
    alice.refresh_from_db()
    return browser_of(alice)


def say(room: Room, member: Member) -> int:
    return commit.commit_operation(
        room, commit.Post(member.pk, get_random_string(12), "Buy now")
    ).seq


def offered(browser: Client, seqs: str, room: str = "lobby") -> list[int]:
    return list(browser.get(f"/rooms/{room}/restorable/?seqs={seqs}").json()["seqs"])


def test_it_is_what_restoring_would_bring_back(
    lobby: Room, alice: Member, mallory: Member, moderators_browser: Client
) -> None:
    hidden, taken_back, kept, old, again, erased = (say(lobby, mallory) for _ in range(6))
    for seq in (hidden, old, again, erased):
        message_moderation.delete(actor=SYSTEM, room=lobby, seq=seq, reason="spam")
    message_moderation.delete(actor=Actor(mallory), room=lobby, seq=taken_back)
    Message.objects.filter(seq=old).update(deleted_at=timezone.now() - timedelta(days=31))
    message_moderation.restore(actor=SYSTEM, room=lobby, seq=again)
    message_moderation.delete(actor=Actor(mallory), room=lobby, seq=again)
    Message.objects.get(seq=erased).changes.update(replaced=None)

    found = offered(moderators_browser, f"{hidden},{taken_back},{kept},{old},{again},{erased},999")

    assert found == [hidden]
    for seq in (taken_back, old, again, erased):
        with pytest.raises(ChatError):
            message_moderation.restore(actor=Actor(alice), room=lobby, seq=seq)
    message_moderation.restore(actor=Actor(alice), room=lobby, seq=hidden)
    assert offered(moderators_browser, str(hidden)) == []


@pytest.mark.parametrize("seqs", ["", ",,", "x", "-1", "1" * 40, "1;2", "\x00"])
def test_numbers_that_are_none_are_passed_over(
    lobby: Room, moderators_browser: Client, seqs: str
) -> None:
    assert offered(moderators_browser, seqs) == []


def test_only_moderators_may_ask_and_of_rooms_that_they_see(
    lobby: Room, alices_browser: Client, visitor: Client
) -> None:
    assert alices_browser.get("/rooms/lobby/restorable/").status_code == HTTPStatus.FORBIDDEN
    assert visitor.get("/rooms/lobby/restorable/").status_code == HTTPStatus.FORBIDDEN


def test_a_room_that_is_not_for_the_moderator_is_not_there(
    lobby: Room, moderators_browser: Client
) -> None:
    open_room(key="hideout", name="Hideout", kind=Room.Kind.PRIVATE)

    for key in ("hideout", "nowhere"):
        answer = moderators_browser.get(f"/rooms/{key}/restorable/?seqs=1")
        assert answer.status_code == HTTPStatus.NOT_FOUND
