"""What moderators delete is hidden, recorded, and restored whole."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from chat.accounts.models import Member
from chat.errors import Forbidden, NotFound
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation import (
    message_moderation,
)
from chat.moderation.authorization import SYSTEM, Actor
from chat.moderation.models import AuditEntry
from chat.rooms.models import Room

from ..messages import logs
from ..messages.logs import assert_whole, fetch, react, say
from . import moderation_fixtures
from .moderation_fixtures import with_office

garden, bob, announced = logs.garden, logs.bob, logs.announced
morgan, olivia = moderation_fixtures.morgan, moderation_fixtures.olivia

pytestmark = pytest.mark.django_db(transaction=True)


# --- Taking down and putting up again ---------------------------------------------------------


def test_what_a_moderator_deletes_is_hidden_and_can_be_restored_whole(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now")
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "Buy now!"))
    commit.commit_operation(garden, react(bob, 1))
    [before] = fetch(garden)

    message_moderation.delete(actor=Actor(morgan), room=garden, seq=1, reason="An  advertisement")
    [hidden] = fetch(garden)
    restored = message_moderation.restore(actor=Actor(morgan), room=garden, seq=1, reason="A joke")
    [after] = fetch(garden)

    assert (hidden.deleted, hidden.body) == (True, "")
    assert restored.updated_seq == after.updated_seq == 5
    assert (after.body, after.reactions) == (before.body, before.reactions)
    assert (after.deleted, after.edited_at) == (False, before.edited_at)
    kinds = Change.objects.order_by("seq").values_list("kind", "actor")
    assert list(kinds)[2:] == [("hidden", morgan.pk), ("restored", morgan.pk)]
    assert_whole(garden)
    recorded = AuditEntry.objects.order_by("pk").values_list(
        "action", "actor", "member", "room", "seq", "reason"
    )
    assert list(recorded)[-2:] == [
        ("deleted", morgan.pk, alice.pk, garden.pk, 1, "An advertisement"),
        ("restored", morgan.pk, alice.pk, garden.pk, 1, "A joke"),
    ]


def test_doing_it_twice_is_recorded_once(garden: Room, alice: Member, morgan: Member) -> None:
    say(garden, alice, "Buy now")
    said = AuditEntry.objects.count()

    for act in (
        message_moderation.delete,
        message_moderation.delete,
        message_moderation.restore,
        message_moderation.restore,
    ):
        act(actor=Actor(morgan), room=garden, seq=1)

    assert AuditEntry.objects.count() == said + 2
    assert Change.objects.count() == 2


def test_what_its_author_took_back_stays_so(garden: Room, alice: Member, olivia: Member) -> None:
    say(garden, alice, "Oh no")
    commit.commit_operation(garden, commit.Delete(alice.pk, 1))

    with pytest.raises(Forbidden, match="Its author"):
        message_moderation.restore(actor=Actor(olivia), room=garden, seq=1)

    assert fetch(garden)[0].deleted


def test_restoring_is_possible_for_thirty_days(garden: Room, alice: Member, morgan: Member) -> None:
    say(garden, alice, "Buy now")
    message_moderation.delete(actor=Actor(morgan), room=garden, seq=1)
    days = timedelta(days=settings.RESTORABLE_DAYS)
    Message.objects.update(deleted_at=timezone.now() - days - timedelta(minutes=1))

    with pytest.raises(NotFound, match="30 days"):
        message_moderation.restore(actor=Actor(morgan), room=garden, seq=1)

    Message.objects.update(deleted_at=timezone.now() - days + timedelta(minutes=1))
    message_moderation.restore(actor=Actor(morgan), room=garden, seq=1)
    assert fetch(garden)[0].body == "Buy now"


def test_a_restored_message_is_the_same_to_whoever_sends_it_again(
    garden: Room, alice: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now", "key")
    message_moderation.delete(actor=Actor(morgan), room=garden, seq=1)
    hidden = say(garden, alice, "Buy now", "key")
    message_moderation.restore(actor=Actor(morgan), room=garden, seq=1)

    assert hidden == say(garden, alice, "Buy now", "key") == 1


def test_deleting_ones_own_is_no_moderation(garden: Room, morgan: Member) -> None:
    say(garden, morgan, "Oh no")
    said = AuditEntry.objects.count()

    message_moderation.delete(actor=Actor(morgan), room=garden, seq=1)

    assert Change.objects.get().kind == "deleted"
    assert AuditEntry.objects.count() == said


def test_nobody_deletes_what_their_equals_said(
    garden: Room, alice: Member, bob: Member, morgan: Member, olivia: Member
) -> None:
    say(garden, alice, "1")
    say(garden, morgan, "2")
    say(garden, olivia, "3")

    for actor, seq in ((bob, 1), (morgan, 3), (with_office("Max", "moderator"), 2)):
        with pytest.raises(Forbidden):
            message_moderation.delete(actor=Actor(actor), room=garden, seq=seq)
    message_moderation.delete(actor=Actor(olivia), room=garden, seq=2)
    message_moderation.delete(actor=SYSTEM, room=garden, seq=3)

    assert [message.deleted for message in fetch(garden)] == [False, True, True]
