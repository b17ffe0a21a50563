"""The queue of reports, and what a moderator sees of a member before deciding."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat import protocol
from chat.accounts import guests
from chat.accounts.models import Member
from chat.errors import Forbidden, NotFound
from chat.messages import commit
from chat.messages.models import Message
from chat.moderation import (
    admission,
    bans,
    member_state,
    message_moderation,
    mutes,
    report_queue,
    reports,
)
from chat.moderation.authorization import SYSTEM, Actor
from chat.moderation.models import AuditEntry, Report
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room

from ..messages import logs
from ..messages.logs import react, say
from . import moderation_fixtures
from .moderation_fixtures import entry, with_office

garden, bob = logs.garden, logs.bob
morgan, olivia = moderation_fixtures.morgan, moderation_fixtures.olivia

pytestmark = pytest.mark.django_db(transaction=True)


def report(room: Room, seq: int, member: Member, reason: str = "An advertisement") -> Report:
    return reports.report(member=member, room=room, seq=seq, reason=reason)


def queue(member: Member, after: int | None = None) -> list[protocol.ReportedMessage]:
    return report_queue.load(member, after)[0]


# --- The queue --------------------------------------------------------------------------------


def test_a_reported_message_is_shown_with_what_was_said_around_it(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    for body in ("1", "2", "3"):
        say(garden, bob, body)
    commit.commit_operation(garden, react(bob, 3))
    reported = say(garden, alice, "Buy now")
    for body in ("6", "7", "8"):
        say(garden, bob, body)
    first = report(garden, reported, bob)
    commit.commit_operation(garden, commit.Edit(alice.pk, reported, "Good morning"))

    [found] = queue(morgan)

    assert (found.report, found.room, found.room_name) == (first.pk, "garden", "Garden")
    assert (found.author, found.body) == (protocol.MemberRef(alice.pk, "Alice"), "Buy now")
    assert found.message is not None
    assert found.message.body == "Good morning"
    assert [one.body for one in found.before] == ["2", "3"]
    assert [one.body for one in found.after] == ["6", "7"]
    [complaint] = found.complaints
    assert (complaint.member.name, complaint.reason) == ("Bob", "An advertisement")


def test_a_message_stands_in_the_queue_once_with_everyones_reason(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now")
    for number in range(report_queue.COMPLAINTS_SHOWN + 2):
        report(garden, 1, admission.join(name=f"Reader {number}"), f"Reason {number}")

    [found] = queue(morgan)

    assert found.count == report_queue.COMPLAINTS_SHOWN + 2
    assert [one.reason for one in found.complaints] == [
        f"Reason {number}" for number in range(report_queue.COMPLAINTS_SHOWN)
    ]


def test_the_queue_comes_in_pages_the_longest_waiting_first(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    for _ in range(report_queue.PAGE_SIZE + 2):
        report(garden, say(garden, alice, "Buy now"), bob)
    # Reported again, at the end: still one message, at its first place.
    report(garden, 1, morgan)

    first, more = report_queue.load(morgan)
    rest, no_more = report_queue.load(morgan, first[-1].report)

    assert [one.seq for one in first + rest] == list(range(1, report_queue.PAGE_SIZE + 3))
    assert (more, no_more) == (True, False)


def test_long_texts_are_cut_and_a_page_fits_into_a_frame(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    for _ in range(report_queue.PAGE_SIZE):
        report(garden, say(garden, alice, "\u597d" * 4000), bob, "\u574f" * 500)

    found, more = report_queue.load(morgan)

    assert found[0].body == "\u597d" * report_queue.BODY_LENGTH + "…"
    page = protocol.ReportsPage("r", found, more)
    assert len(protocol.encode(page)) <= protocol.SERVER_FRAME_MAX
    assert more


def test_a_deleted_message_is_shown_as_it_was_reported(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now")
    report(garden, 1, bob)
    commit.commit_operation(garden, commit.Delete(alice.pk, 1))

    [found] = queue(morgan)

    assert found.body == "Buy now"
    assert found.message is not None
    assert (found.message.deleted, found.message.body) == (True, "")


def test_a_message_that_is_gone_waits_without_its_neighbours(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now")
    report(garden, 1, bob)
    Message.objects.all().delete()

    [found] = queue(morgan)

    assert (found.body, found.message, found.before, found.after) == ("Buy now", None, [], [])


def test_only_moderators_see_the_queue_and_only_of_rooms_that_they_see(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    hideout = open_room(key="hideout", name="Hideout", kind=Room.Kind.PRIVATE)
    say(hideout, alice, "Buy now")
    hidden = report(hideout, 1, bob)

    with pytest.raises(Forbidden):
        report_queue.load(alice)
    assert queue(morgan) == []
    with pytest.raises(NotFound):
        reports.find(morgan.pk, hidden.pk)


# --- Taking back ------------------------------------------------------------------------------


def test_a_dismissal_is_taken_back_with_every_report_of_the_message(
    garden: Room, alice: Member, bob: Member, mallory: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now")
    first = report(garden, 1, bob)
    report(garden, 1, mallory)
    reports.dismiss(actor=Actor(morgan), report=first)
    first.refresh_from_db()
    assert queue(morgan) == []

    reports.reopen(actor=Actor(morgan), report=first)

    assert [one.count for one in queue(morgan)] == [2]
    recorded = AuditEntry.objects.order_by("pk").values_list("action", "member", "room", "seq")
    assert recorded.last() == ("report_reopened", alice.pk, garden.pk, 1)


def test_what_was_dismissed_before_stays_so(
    garden: Room, alice: Member, bob: Member, mallory: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now")
    reports.dismiss(actor=Actor(morgan), report=report(garden, 1, bob))
    later = report(garden, 1, mallory)
    reports.dismiss(actor=Actor(morgan), report=later)
    later.refresh_from_db()

    reports.reopen(actor=Actor(morgan), report=later)

    [found] = queue(morgan)
    assert [one.member.name for one in found.complaints] == ["Mallory"]


def test_a_deletion_is_taken_back_with_its_reports(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now")
    first = report(garden, 1, bob)
    message_moderation.delete(actor=Actor(morgan), room=garden, seq=1)
    first.refresh_from_db()

    message_moderation.restore(actor=Actor(morgan), room=garden, seq=1)
    reports.reopen(actor=Actor(morgan), report=first)

    assert [one.body for one in queue(morgan)] == ["Buy now"]


def test_reopening_what_is_open_records_nothing_and_members_reopen_nothing(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    say(garden, alice, "Buy now")
    first = report(garden, 1, bob)
    recorded = AuditEntry.objects.count()

    reports.reopen(actor=Actor(morgan), report=first)
    with pytest.raises(Forbidden):
        reports.reopen(actor=Actor(bob), report=first)

    assert AuditEntry.objects.count() == recorded


# --- A member before a moderator ---------------------------------------------------------------


def test_what_holds_for_a_member_is_shown(alice: Member, morgan: Member) -> None:
    until = mutes.mute(actor=Actor(morgan), member=alice, seconds=60, reason="Shouting")

    state = member_state.member_state(Actor(morgan), alice.pk)

    assert (state.role, state.muted_until, state.banned) == (None, until, False)
    assert state.may == ["mute", "ban"]


def test_a_mute_or_ban_that_is_over_is_not_shown(alice: Member, morgan: Member) -> None:
    mutes.mute(actor=Actor(morgan), member=alice, seconds=60, reason="")
    Member.objects.filter(pk=alice.pk).update(muted_until=timezone.now() - timedelta(seconds=1))
    bans.ban(actor=Actor(morgan), member=alice, seconds=60, reason="")
    bans.unban(actor=Actor(morgan), member=alice)

    state = member_state.member_state(Actor(morgan), alice.pk)

    assert (state.muted_until, state.banned, state.left) == (None, False, True)


def test_of_two_bans_the_longer_is_shown(alice: Member, morgan: Member) -> None:
    longer = bans.ban(actor=Actor(morgan), member=alice, seconds=600, reason="")
    bans.ban(actor=Actor(morgan), member=alice, seconds=60, reason="")
    assert member_state.member_state(Actor(morgan), alice.pk).banned_until == longer.until

    bans.ban(actor=Actor(morgan), member=alice, seconds=None, reason="")

    state = member_state.member_state(Actor(morgan), alice.pk)
    assert (state.banned, state.banned_until) == (True, None)


def test_it_says_what_the_one_who_asks_may_do(
    alice: Member, morgan: Member, olivia: Member
) -> None:
    max_ = with_office("Max", "moderator")

    def may(actor: Member, member: Member) -> list[str]:
        return member_state.member_state(Actor(actor), member.pk).may

    assert may(morgan, alice) == ["mute", "ban"]
    assert may(olivia, alice) == may(olivia, max_) == ["mute", "ban", "appoint"]
    assert may(morgan, max_) == may(morgan, olivia) == may(olivia, olivia) == []
    assert member_state.member_state(Actor(morgan), max_.pk).role == "moderator"


def test_members_are_shown_nothing_of_each_other(alice: Member, bob: Member) -> None:
    with pytest.raises(Forbidden):
        member_state.member_state(Actor(alice), bob.pk)
    with pytest.raises(NotFound):
        member_state.member_state(SYSTEM, 2**50)


def test_someone_who_left_is_shown_as_gone(alice: Member, morgan: Member) -> None:
    guests.leave(member=alice)

    assert member_state.member_state(Actor(morgan), alice.pk).left
    assert entry().action != "muted"
