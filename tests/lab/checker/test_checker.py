"""The judge, judged: a sound history passes, and each broken one is found out by its own rule."""

from collections.abc import Callable

import msgspec
import pytest

from lab.checker.records import Added, Deliver, Ended, Enter, Final, Removed, Restored, Row
from lab.checker.rules import RULES

from .story import BOB, SECOND, Story, row, seen

pytestmark = pytest.mark.once


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_sound_history_passes(story: Story) -> None:
    assert story.findings() == {}


# --- One rule broken, and it alone says so ----------------------------------------------------


def an_acknowledged_message_is_not_stored(story: Story) -> None:
    story.send("invoke", "a-9")
    story.send("ok", "a-9", seq=9, id="id-9")


def a_client_never_saw_a_message_before_its_cursor(story: Story) -> None:
    story.change(Deliver, 7, messages=[])


def one_message_has_two_numbers(story: Story) -> None:
    story.send("ok", "a-3", seq=3, id="id-3")
    story.send("ok", "a-3", seq=5, id="id-5")
    story.records.append(msgspec.structs.replace(row(5), cid="a-3"))
    for actor in ("alice", "bob"):
        story.deliver(actor, 5, 5, [seen(5, cid="a-3", hash="hash-a-3")])
    story.change(Row, -1, hash="hash-a-3")
    story.end(5)


def a_stretch_comes_twice(story: Story) -> None:
    story.deliver("bob", 4, 4, [])


def an_unanswered_message_is_stored_twice(story: Story) -> None:
    story.send("invoke", "a-5")
    story.send("info", "a-5")
    for seq in (5, 6):
        twin = seen(seq, cid="a-5", hash="hash-a-5")
        for actor in ("alice", "bob"):
            story.deliver(actor, seq, seq, [twin])
        story.records.append(msgspec.structs.replace(row(seq), cid="a-5", hash="hash-a-5"))
    story.end(6)


def two_clients_see_different_messages_under_one_number(story: Story) -> None:
    story.change(Deliver, 7, messages=[seen(3, id="id-x")])
    story.change(Row, 2, id="id-3")
    # A restore explains that the message is not in the log, but not that both were seen.
    restored = Restored(t=story.tick(), actor="nemesis", room="other", epoch="one", head=0)
    story.records.append(restored)


def a_client_holds_an_old_text(story: Story) -> None:
    story.change(Deliver, -1, messages=[])


def the_log_has_a_hole(story: Story) -> None:
    story.drop(Row, -1)


def a_client_is_given_a_hole(story: Story) -> None:
    story.drop(Deliver, -1)
    story.edit(2, 5)
    story.end(5)


def a_frame_is_out_of_order(story: Story) -> None:
    story.change(Deliver, 6, first=2, messages=[seen(3), seen(2)])
    story.drop(Deliver, 4)


def the_later_of_two_messages_comes_first(story: Story) -> None:
    story.send("invoke", "a-6")
    story.send("invoke", "a-5")
    for seq in (5, 6):
        for actor in ("alice", "bob"):
            story.deliver(actor, seq, seq, [seen(seq)])
        story.send("ok", f"a-{seq}", seq=seq, id=f"id-{seq}")
        story.records.append(row(seq))
    story.end(6)


def what_was_refused_is_shown(story: Story) -> None:
    story.send("invoke", "a-5")
    story.send("fail", "a-5", code="too_long")
    for actor in ("alice", "bob"):
        story.deliver(actor, 5, 5, [seen(5)])
    story.records.append(row(5))
    story.end(5)


def what_nobody_sent_is_shown(story: Story) -> None:
    for actor in ("alice", "bob"):
        story.deliver(actor, 5, 5, [seen(5)])
    story.records.append(row(5))
    story.end(5)


def a_message_is_shown_before_it_is_sent(story: Story) -> None:
    story.change(Deliver, 2, t=story.records[2].t - 1)


def what_is_said_later_stands_before(story: Story) -> None:
    story.send("invoke", "b-6", actor="bob", sender=BOB)
    story.send("ok", "b-6", seq=6, id="id-6", actor="bob", sender=BOB)
    story.send("invoke", "a-5")
    bobs = {"sender": BOB, "cid": "b-6", "hash": "hash-b-6"}
    for actor in ("alice", "bob"):
        story.deliver(actor, 5, 6, [seen(5), seen(6, **bobs)])
    story.send("ok", "a-5", seq=5, id="id-5")
    story.records += [row(5), msgspec.structs.replace(row(6), **bobs)]
    story.end(6)


def one_who_left_hears_on(story: Story) -> None:
    story.add(Ended, actor="nemesis", sender=BOB)
    story.change(Ended, 0, t=story.t - 3 * SECOND)
    story.say(5)
    story.end(5)


def one_who_was_removed_hears_on(story: Story) -> None:
    story.add(Removed, actor="nemesis", sender=BOB, room="lobby")
    story.change(Removed, 0, t=story.t - 3 * SECOND)
    story.say(5)
    story.end(5)


def one_stands_behind_in_the_end(story: Story) -> None:
    story.change(Final, 1, seq=3)


def one_is_not_connected_in_the_end(story: Story) -> None:
    story.change(Final, 1, connected=False)


def one_is_told_to_start_anew_for_no_reason(story: Story) -> None:
    story.add(Enter, actor="bob", room="lobby", epoch="one", seq=4, id="id-4")
    page = [seen(1), seen(2, updated_seq=4, hash="edited"), seen(3)]
    story.deliver("bob", 1, 4, page, source="reset", reason="mismatch")


BROKEN = [
    (an_acknowledged_message_is_not_stored, "lost", "a-9 is lobby/9; there is nothing"),
    (a_client_never_saw_a_message_before_its_cursor, "lost", "bob is at lobby/4"),
    (one_message_has_two_numbers, "duplicate", "[3, 5]"),
    (a_stretch_comes_twice, "duplicate", "bob at lobby/4 got 4–4 again"),
    (an_unanswered_message_is_stored_twice, "unknowns", "a-5 of member 1"),
    (a_client_holds_an_old_text, "inconsistent offset", "bob holds lobby/2"),
    (the_log_has_a_hole, "gap", "lobby ends at 4, lacks [4]"),
    (a_client_is_given_a_hole, "gap", "bob at lobby/3 got 5–5"),
    (a_frame_is_out_of_order, "inversion", "[3, 2]"),
    (the_later_of_two_messages_comes_first, "inversion", "a-5 of member 1 is lobby/5"),
    (what_was_refused_is_shown, "aborted read", "a-5, which had been refused"),
    (what_nobody_sent_is_shown, "ghost", "which nobody had sent"),
    (a_message_is_shown_before_it_is_sent, "ghost", "which nobody had sent"),
    (what_is_said_later_stands_before, "real time", "a-5 is lobby/5; b-6 was already at 6"),
    (one_who_left_hears_on, "leak", "after the session's end"),
    (one_who_was_removed_hears_on, "leak", "after the removal"),
    (one_stands_behind_in_the_end, "convergence", "stands at lobby/3"),
    (one_is_not_connected_in_the_end, "convergence", "bob is not connected"),
    (one_is_told_to_start_anew_for_no_reason, "honesty", "was told “mismatch”"),
]


@pytest.mark.parametrize(
    ("happens", "rule", "words"), BROKEN, ids=lambda v: getattr(v, "__name__", "")
)
def test_what_breaks_one_rule_is_found_by_that_rule_alone(
    story: Story, happens: Callable[[Story], None], rule: str, words: str
) -> None:
    happens(story)

    findings = story.findings()

    assert list(findings) == [rule]
    assert words in " ".join(findings[rule])


def test_who_was_removed_and_added_again_hears_on_rightly(story: Story) -> None:
    one_who_was_removed_hears_on(story)
    story.add(Added, actor="nemesis", sender=BOB, room="lobby")
    story.change(Added, 0, t=story.t - 3 * SECOND)

    assert story.findings() == {}


def test_a_number_seen_as_two_messages_is_inconsistent(story: Story) -> None:
    two_clients_see_different_messages_under_one_number(story)

    assert "lobby/3 was seen as" in story.findings()["inconsistent offset"][0]


def test_every_rule_has_a_history_that_breaks_it() -> None:
    assert {rule for _, rule, _ in BROKEN} == {r.__name__.replace("_", " ") for r in RULES}


# --- What a restore excuses -------------------------------------------------------------------


def test_a_restore_excuses_what_it_took_and_the_reset_it_causes(story: Story) -> None:
    story.drop(Row, -1)
    story.change(Row, 1, updated_seq=2, hash="hash-a-2")
    story.drop(Row, 2)
    story.add(Restored, actor="nemesis", room="lobby", epoch="one", head=2)
    for actor in ("alice", "bob"):
        story.add(Enter, actor=actor, room="lobby", epoch="one", seq=4, id="id-4")
        story.deliver(actor, 1, 2, [seen(1), seen(2)], source="reset", reason="ahead")
    story.end(2)

    assert story.findings() == {}


def test_a_restore_excuses_nothing_before_its_cut(story: Story) -> None:
    story.add(Restored, actor="nemesis", room="lobby", epoch="one", head=3)
    story.drop(Row, 0)

    assert "lost" in story.findings()
