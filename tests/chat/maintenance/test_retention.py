"""`prune_messages`: the floor goes up, what lies below is gone, and the log stays a log."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat import protocol
from chat.accounts.models import Member
from chat.errors import NotFound
from chat.maintenance import log_integrity, retention
from chat.messages import catch_up, commit
from chat.messages.models import Change, Message
from chat.rooms.models import Room, RoomHead

from ..messages import logs
from ..messages.logs import fetch, post, react, say

garden, bob = logs.garden, logs.bob


@pytest.fixture
def talk(garden: Room, alice: Member, bob: Member) -> Room:
    """Ten old messages (3 edited, 2 deleted long ago), an old answer; then three of today."""
    for number in range(1, 11):
        say(garden, alice, f"old {number}")
    commit.commit_operation(garden, commit.Edit(alice.pk, 3, "old, edited"))
    commit.commit_operation(garden, commit.Delete(alice.pk, 2))
    commit.commit_operation(garden, post(bob, "an old answer", reply_to=1))
    long_ago = timezone.now() - timedelta(days=100)
    Message.objects.in_room(garden.pk).update(created_at=long_ago)
    Change.objects.filter(room=garden).update(at=long_ago)
    for number in range(14, 17):
        say(garden, bob, f"new {number}")
    return garden


@pytest.fixture(params=[1000, 3], ids=["in one step", "in many steps"])
def _batches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", request.param)


def prune(*arguments: str, older_than: str = "90d") -> str:
    out = StringIO()
    call_command("prune_messages", f"--older-than={older_than}", *arguments, stdout=out)
    return out.getvalue()


def numbers_said(room: Room) -> list[int]:
    return [message.seq for message in fetch(room)]


@pytest.mark.usefixtures("_batches")
def test_what_is_old_goes_and_the_log_stays_whole(talk: Room) -> None:
    said = prune("--room", "garden")

    assert "garden: 13 numbers go, up to 13" in said
    assert RoomHead.objects.get(room=talk).floor == 13
    assert numbers_said(talk) == [14, 15, 16]
    assert not Change.objects.filter(room=talk).exists()
    found = log_integrity.inspect(talk)
    assert (found.faults, found.notes) == ([], [])
    assert "0 numbers go" in prune("--room", "garden")


@pytest.mark.usefixtures("_batches")
def test_a_message_changed_above_the_floor_keeps_its_row_without_its_text(
    talk: Room, bob: Member
) -> None:
    commit.commit_operation(talk, react(bob, 3))
    commit.commit_operation(talk, commit.Edit(bob.pk, 13, "an old answer, edited today"))

    prune("--room", "garden")

    husks = Message.objects.filter(room=talk, seq__lte=13)
    assert [(m.seq, m.body, m.reactions) for m in husks.order_by("seq")] == [
        (3, "", None),
        (13, "", None),
    ]
    assert all(message.deleted_at for message in husks)
    assert all(change.replaced is None for change in Change.objects.filter(room=talk))
    found = log_integrity.inspect(talk)
    assert (found.faults, found.notes) == ([], [])

    # They go when the floor has passed their changes.
    RoomHead.objects.filter(room=talk).update(floor=0)
    Message.objects.filter(room=talk).update(created_at=timezone.now() - timedelta(days=100))
    say(talk, bob, "the end")
    prune("--room", "garden")
    assert numbers_said(talk) == [19]
    assert log_integrity.inspect(talk).faults == []


def test_the_last_message_stays_and_as_many_as_are_kept(talk: Room) -> None:
    Message.objects.in_room(talk.pk).update(created_at=timezone.now() - timedelta(days=100))

    assert "would go, up to 14" in prune("--room", "garden", "--keep", "2", "--dry-run")
    assert "15 numbers go, up to 15" in prune("--all")
    assert numbers_said(talk) == [16]
    assert log_integrity.inspect(talk).faults == []


def test_a_dry_run_changes_nothing(talk: Room) -> None:
    before = log_integrity.inspect(talk)

    assert "garden: 13 numbers would go, up to 13" in prune("--all", "--dry-run")

    assert log_integrity.inspect(talk) == before


def test_a_reader_below_the_floor_starts_from_the_last_page(talk: Room) -> None:
    epoch = RoomHead.objects.get(room=talk).epoch
    fifth = Message.objects.get(room=talk, seq=5)
    here = protocol.Position(epoch, 5, fifth.uid)
    assert catch_up.since(talk, here).reset is None

    prune("--room", "garden")

    page = catch_up.since(talk, here)
    assert page.reset == "too_far"
    assert [message.seq for message in page.messages] == [14, 15, 16]


def test_what_was_pruned_is_not_there_for_anyone(talk: Room, alice: Member, bob: Member) -> None:
    """From the moment the floor has moved, whether or not the rows are gone yet."""
    plan = retention.plan(talk, before=timezone.now() - timedelta(days=90), keep=1)
    retention._raise_floor(plan)
    assert Message.objects.filter(room=talk, seq=4).exists()

    for operation in (
        commit.Edit(alice.pk, 4, "too late"),
        commit.Delete(alice.pk, 4),
        react(bob, 4),
        post(bob, "an answer", reply_to=4),
    ):
        with pytest.raises(NotFound):
            commit.commit_operation(talk, operation)


def test_a_prune_that_was_stopped_is_finished_by_the_next(
    talk: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    plan = retention.plan(talk, before=timezone.now() - timedelta(days=90), keep=1)
    steps: Iterator[int] = retention.prune(plan)
    assert list(islice(steps, 2)) == [2, 3]
    found = log_integrity.inspect(talk)
    assert found.faults == []
    assert "prune_messages was stopped" in found.notes[0]

    prune("--room", "garden")

    assert log_integrity.inspect(talk).notes == []
    assert numbers_said(talk) == [14, 15, 16]


def test_an_age_must_be_one(talk: Room) -> None:
    for age in ("90", "d", "0d", "-3d", "3 days"):
        with pytest.raises(CommandError, match="is no age: write 90d"):
            prune("--all", older_than=age)
    with pytest.raises(CommandError, match="There is no room “attic”"):
        prune("--room", "attic")
