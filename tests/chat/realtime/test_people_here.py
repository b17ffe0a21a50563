"""One number for the site: each member once, on whichever nodes and in however many rooms."""

from typing import Any

from chat import bus
from chat.realtime.people_here import PeopleHere
from chat.realtime.presence import LEASE_SECONDS


class Registry:
    member_ids: set[int] = {1, 2}


def people_here() -> PeopleHere:
    registry: Any = Registry()
    return PeopleHere("web-1", registry)


def roster(node: str, room_id: int, *members: int, count: int | None = None) -> bus.Roster:
    named = [(member, f"Member {member}") for member in members]
    return bus.Roster(node=node, room_id=room_id, count=count or len(named), members=named)


def test_each_member_counts_once() -> None:
    here = people_here()
    for told in (
        roster("web-2", 1, 2, 3),
        roster("web-2", 2, 3, 4),
        roster("web-3", 1, 3),
        # What this node said itself.
        roster("web-1", 1, 99),
    ):
        here.on_message(told)

    assert here.count() == 4


def test_of_those_without_a_name_the_fullest_room_counts() -> None:
    here = people_here()
    here.on_message(roster("web-2", 1, 3, count=301))
    here.on_message(roster("web-2", 2, 3, count=201))

    assert here.count() == 303


def test_a_node_that_is_silent_has_nobody_after_a_while(monkeypatch: Any) -> None:
    here = people_here()
    now = 1000.0
    monkeypatch.setattr("chat.realtime.people_here.time.monotonic", lambda: now)
    here.on_message(roster("web-2", 1, 3))
    assert here.count() == 3

    now += LEASE_SECONDS + 1

    assert here.count() == 2
