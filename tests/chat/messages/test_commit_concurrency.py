"""Many threads in several processes commit at once: one log comes of it, and it is in order."""

from collections import defaultdict
from itertools import pairwise

import pytest
from django.db import connection

from chat.accounts import guests
from chat.accounts.models import Member
from chat.messages.models import Message
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room

from .concurrent_commits import PROCESSES, THREADS, Call, Task, commit_at_once
from .logs import assert_whole

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 3.0

Key = tuple[int, int, str]  # room, author, client_id


@pytest.fixture(params=[1, 20], ids=["one room", "20 rooms"])
def rooms(request: pytest.FixtureRequest, db: None) -> list[Room]:
    return [open_room(key=f"room-{n}", name=f"Room {n}") for n in range(request.param)]


@pytest.fixture
def members(db: None) -> list[Member]:
    return guests.mint(count=PROCESSES * THREADS + 1, prefix="Guest ")


def test_one_whole_log_comes_of_many_who_commit_at_once(
    rooms: list[Room], members: list[Member]
) -> None:
    shared, *own = [member.pk for member in members]
    tasks = [
        Task(n, SECONDS, [room.pk for room in rooms], own[n * THREADS :][:THREADS], shared)
        for n in range(PROCESSES)
    ]

    calls = commit_at_once(connection.settings_dict, tasks)

    stored = {
        (m.room_id, m.author_id, m.client_id): (m.seq, str(m.uid), m.body)
        for m in Message.objects.all()
    }
    assert Message.objects.count() == len(stored)
    for room in rooms:
        assert_whole(room)
        times = list(Message.objects.in_room(room.pk).order_by("seq").values("created_at"))
        assert times == sorted(times, key=lambda row: row["created_at"])
    assert_answers_hold(calls, stored)
    assert_everyone_spoke_in_order(calls, stored)
    assert_nothing_overtook_what_was_answered_before_it(calls)


def assert_answers_hold(calls: list[Call], stored: dict[Key, tuple[int, str, str]]) -> None:
    """What was accepted is there as it was answered; what was never accepted is not."""
    accepted: set[Key] = set()
    unknown: set[Key] = set()
    codes: set[str] = set()
    for call in calls:
        for said in call.said:
            key = (call.room, said.author, said.client_id)
            codes.add(said.code)
            # Nothing sound is refused because of who else was committing.
            assert said.code != "invalid_text" or "\0" in said.body
            if not said.code:
                accepted.add(key)
                assert stored[key] == (said.seq, said.id, said.body)
            elif said.code == "unavailable":
                unknown.add(key)
    assert len(accepted) > 100
    assert codes <= {"", "invalid_text", "key_reused", "busy", "unavailable"}
    assert accepted <= set(stored) <= accepted | unknown


def assert_everyone_spoke_in_order(
    calls: list[Call], stored: dict[Key, tuple[int, str, str]]
) -> None:
    """What one caller said for the first time, in the order of saying, is in that order."""
    spoken: dict[tuple[str, int], dict[Key, None]] = defaultdict(dict)
    for call in calls:
        for said in call.said:
            if said.client_id.startswith(call.caller) and not said.code:
                spoken[call.caller, call.room][call.room, said.author, said.client_id] = None
    # Nearly everyone got a word in; on a busy machine somebody may not.
    assert len(spoken) > THREADS * PROCESSES // 2
    for keys in spoken.values():
        assert all(stored[a][0] < stored[b][0] for a, b in pairwise(keys))


def assert_nothing_overtook_what_was_answered_before_it(calls: list[Call]) -> None:
    """If a was answered before anyone began to say b, a has the smaller number."""
    began: dict[Key, int] = {}
    answered: dict[Key, tuple[int, int]] = {}
    for call in calls:
        for said in call.said:
            key = (call.room, said.author, said.client_id)
            began[key] = min(call.began, began.get(key, call.began))
            if not said.code:
                first, _ = answered.get(key, (call.answered, 0))
                answered[key] = (min(first, call.answered), said.seq)
    events: dict[int, list[tuple[int, bool, int]]] = defaultdict(list)
    for key, (at, seq) in answered.items():
        events[key[0]] += [(at, False, seq), (began[key], True, seq)]
    for in_room in events.values():
        highest = 0
        for _, begins, seq in sorted(in_room):
            if begins:
                assert seq > highest
            else:
                highest = max(highest, seq)
