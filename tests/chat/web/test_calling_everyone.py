"""A form without JavaScript asks before it calls many people, as the page does."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.messages.models import InboxItem, Message
from chat.moderation import room_actions
from chat.moderation.authorization import Actor
from chat.rooms import memberships
from chat.rooms.models import Room

CALL = {"body": "@room Dinner is ready", "client_id": "form-1"}
COUNT = 22


@pytest.fixture
def hall(lobby: Room, alice: Member) -> Room:
    """A room that Alice owns, with more people than are called without a question."""
    hall = room_actions.create(actor=Actor(alice), name="Hall", kind="private")
    others = Member.objects.bulk_create(
        Member(name=f"Guest {n}", canonical_name=f"guest {n}") for n in range(COUNT)
    )
    memberships.add(hall, [one.pk for one in others])
    return hall


def send(browser: Client, room: Room, **fields: str) -> Any:
    return browser.post(f"/rooms/{room.key}/messages/", CALL | fields)


def test_calling_many_is_asked_first_and_keeps_the_text(hall: Room, alices_browser: Client) -> None:
    asked = send(alices_browser, hall)

    page = asked.content.decode()
    assert asked.status_code == HTTPStatus.CONFLICT
    assert f"This notifies {COUNT} people." in page
    assert CALL["body"] in page
    assert 'value="form-1"' in page
    assert 'name="confirmed" value="yes">Notify and send' in page
    assert not Message.objects.filter(room=hall).exists()


def test_the_button_of_the_question_sends_it(hall: Room, alices_browser: Client) -> None:
    sent = send(alices_browser, hall, confirmed="yes")

    assert sent.status_code == HTTPStatus.SEE_OTHER
    assert InboxItem.objects.filter(room=hall).count() == COUNT


def test_calling_a_few_is_not_asked(hall: Room, alices_browser: Client, settings: Any) -> None:
    settings.EVERYONE_UNASKED_MAX = COUNT

    assert send(alices_browser, hall).status_code == HTTPStatus.SEE_OTHER


def test_one_who_may_not_call_everyone_is_not_asked(hall: Room, alices_browser: Client) -> None:
    hall.memberships.filter(member__name="Alice").update(role="member")

    assert send(alices_browser, hall).status_code == HTTPStatus.SEE_OTHER
    assert not InboxItem.objects.filter(room=hall).exists()
