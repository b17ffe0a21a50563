"""Maintenance rests between its steps, and on SQLite longer while others write."""

import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from chat.maintenance import throttling
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many times as long as a step each rest was to take."""
    rests: list[float] = []
    monkeypatch.setattr(throttling, "rest", lambda began, times=1: rests.append(times))
    monkeypatch.setattr(throttling, "_other_writers", throttling._OtherWriters())
    return rests


@pytest.fixture
def garden() -> Room:
    return open_room(key="garden", name="Garden")


def step() -> None:
    Room.objects.filter(key="garden").update(name="Winter garden")


def test_who_is_alone_rests_as_long_as_a_step_took(garden: Room, rests: list[float]) -> None:
    for _ in range(3):
        throttling.run_throttled(step)

    assert rests == [1, 1, 1]


@pytest.mark.sqlite
def test_while_others_write_to_sqlite_too_they_have_it_nearly_always(
    garden: Room, rests: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    throttling.run_throttled(step)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as another, another:
        another.execute("UPDATE chat_room SET name = 'Summer garden'")
    throttling.run_throttled(step)
    throttling.run_throttled(step)
    monkeypatch.setattr(throttling, "ACTIVE_SECONDS", 0)
    throttling.run_throttled(step)

    assert rests == [1, throttling.RESTS, throttling.RESTS, 1]
