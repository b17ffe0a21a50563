"""The demo room: lively, and no livelier the second time."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.accounts import guests
from chat.accounts.models import Member
from chat.messages.models import Change, Message
from chat.moderation import admission
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room


def populate(**options: object) -> None:
    call_command("populate", verbosity=0, **options)


def test_a_dozen_people_talk(lobby: Room) -> None:
    populate()

    assert Message.objects.in_room(lobby.pk).count() == 200
    assert Member.objects.live().count() == 12
    assert Message.objects.exclude(reply_to=None).count() > 20
    assert Message.objects.exclude(reactions=None).count() > 20
    assert Message.objects.exclude(edited_at=None).exists()
    assert Message.objects.exclude(deleted_at=None).exists()
    assert {kind for (kind,) in Change.objects.values_list("kind").distinct()} == {
        "edited",
        "deleted",
        "reacted",
    }


def test_the_log_is_whole(lobby: Room) -> None:
    populate()

    lobby.log.refresh_from_db()
    numbers = [*Message.objects.values_list("seq", flat=True)]
    numbers += Change.objects.values_list("seq", flat=True)
    assert sorted(numbers) == list(range(1, lobby.log.head + 1))


def test_running_it_twice_adds_nothing(lobby: Room) -> None:
    populate(messages=40)
    first = (Message.objects.count(), Change.objects.count(), Member.objects.count())
    assert first[0] == 40

    populate(messages=40)

    assert (Message.objects.count(), Change.objects.count(), Member.objects.count()) == first


@pytest.mark.django_db(transaction=True)
def test_a_second_run_asks_for_no_repeat_and_says_what_it_did(
    django_assert_max_num_queries: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL logs each row that a constraint refuses."""
    open_room(key="garden", name="Garden")
    call_command("populate", room="garden", messages=40)
    assert "Garden: 40 are new" in capsys.readouterr().out

    with django_assert_max_num_queries(30):
        call_command("populate", room="garden", messages=40)

    told = capsys.readouterr().out
    assert "people say 40 messages" in told
    assert "Garden: 0 are new, the others were there already." in told


def test_it_finds_its_people_again_after_they_have_left(lobby: Room) -> None:
    populate(messages=40)
    guests.leave(member=Member.objects.get(name="Maya"))
    visitor = admission.join(name="Maya")

    populate(messages=40)

    assert Message.objects.count() == 40
    assert not visitor.messages.exists()


def test_it_fills_any_room(db: None) -> None:
    garden = open_room(key="garden", name="Garden")

    populate(room="garden", messages=5)

    assert Message.objects.in_room(garden.pk).count() == Message.objects.count() == 5


def test_it_puts_no_words_into_a_visitors_mouth(lobby: Room) -> None:
    visitor = admission.join(name="Maya")

    with pytest.raises(CommandError, match="was used a moment ago"):
        populate()
    assert not visitor.messages.exists()


def test_it_needs_a_room(db: None) -> None:
    with pytest.raises(CommandError, match="There is no room “nowhere”"):
        populate(room="nowhere")
