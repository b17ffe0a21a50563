"""Rooms of one name that are made at the same moment: each gets a key of its own."""

import pytest

from chat.moderation import room_actions
from chat.moderation.authorization import SYSTEM
from chat.rooms.models import Room

from .test_door_races import AT_ONCE, at_once

# Several at once, on connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)


def test_everyone_gets_a_room_of_their_own() -> None:
    for name in ("Garden", "Kitchen", "Cellar"):
        at_once(lambda _, name=name: room_actions.create(actor=SYSTEM, name=name, kind="public"))  # type: ignore[misc]

        assert Room.objects.filter(name=name).count() == AT_ONCE
