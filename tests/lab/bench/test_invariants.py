"""What is wrong with a view of a log, as sentences that stay the same while it is wrong."""

import pytest

from lab.bench.invariants import Broken, Shown, View, behind, broken
from lab.bench.truth import RoomLog, Stored

pytestmark = pytest.mark.once


def log(*numbers: int, body: str = "Hello, Bob!") -> RoomLog:
    rows = {n: Stored(n, f"id-{n}", (1, f"message-{n}"), float(n), body) for n in numbers}
    return RoomLog(max(numbers), f"id-{max(numbers)}", "epoch", rows)


def view(*shown: Shown, last: int = 0) -> View:
    numbers = [one.seq for one in shown]
    return View("Bob", "lobby", list(shown), min(numbers), last or max(numbers))


def test_a_hole_is_told_in_the_same_words_while_the_tab_reads_on() -> None:
    early = list(broken(view(Shown(1, "id-1"), Shown(3, "id-3")), log(1, 2, 3)))
    later = list(
        broken(view(Shown(1, "id-1"), Shown(3, "id-3"), Shown(4, "id-4")), log(1, 2, 3, 4))
    )

    assert early == later == [Broken("lost", "Bob, lobby: has read on and does not show 2")]


def test_numbers_of_changes_are_no_holes() -> None:
    assert list(broken(view(Shown(1, "id-1"), Shown(4, "id-4")), log(1, 4))) == []


def test_what_came_before_the_page_is_not_missing() -> None:
    assert list(broken(view(Shown(3, "id-3")), log(1, 2, 3))) == []


def test_a_row_without_an_id_is_known_by_its_text() -> None:
    same, other = Shown(1, "", " Hello, Bob! "), Shown(1, "", "Hello, Eve!")

    assert list(broken(view(same), log(1))) == []
    assert [one.kind for one in broken(view(other), log(1))] == ["divergent"]
    # Markup reads otherwise on a page.
    assert list(broken(view(other), log(1, body="*Hello*"))) == []


def test_behind_is_counted_from_the_first_message_that_is_unread() -> None:
    assert behind(view(Shown(1, "id-1")), log(1, 5, 9), now=12.0) == 7.0
    assert behind(view(Shown(1, "id-1"), last=9), log(1, 5, 9), now=12.0) == 0.0
