"""Keeping the peace: who may, what it does, what is kept of it, and how it is undone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chat import bus
from chat.accounts import change_numbers
from chat.accounts.addresses import address_hash
from chat.accounts.models import Member, Rulings
from chat.errors import Forbidden, InvalidText, NotFound, RateLimited, TooLong
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation import (
    admission,
    bans,
    message_moderation,
    moderation_state,
    mutes,
    reports,
    roles,
    room_rules,
    write_permissions,
)
from chat.moderation.authorization import SYSTEM, Actor
from chat.moderation.models import AuditEntry, Ban, Report
from chat.moderation.moderation_state import RoomRules
from chat.rooms.models import Room
from tests.sockets import PATIENCE_SECONDS, wait_until

from ..messages import logs
from ..messages.logs import assert_whole, fetch, post, react, say
from . import moderation_fixtures
from .moderation_fixtures import entry, with_office

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


# --- Mute and ban -----------------------------------------------------------------------------


def test_a_muted_member_writes_nothing_and_takes_back_what_they_will(
    garden: Room, alice: Member, morgan: Member
) -> None:
    say(garden, alice, "one")
    until = mutes.mute(actor=Actor(morgan), member=alice, seconds=600, reason="Shouting")
    alice.refresh_from_db()

    for operation in (post(alice, "two"), commit.Edit(alice.pk, 1, "ONE"), react(alice, 1)):
        with pytest.raises(Forbidden, match="muted") as refused:
            write_permissions.write(member=alice, room=garden, operation=operation)
        assert 590_000 < (refused.value.retry_ms or 0) <= 600_001
    write_permissions.write(member=alice, room=garden, operation=commit.Delete(alice.pk, 1))

    assert moderation_state.load().muted == {alice.pk: until}
    assert entry().details == {"seconds": 600, "until": until.isoformat()}


def test_a_mute_ends_by_itself_or_by_a_moderator(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    for member in (alice, bob):
        mutes.mute(actor=Actor(morgan), member=member, seconds=600, reason="Shouting")
    Member.objects.filter(pk=alice.pk).update(muted_until=timezone.now())

    mutes.unmute(actor=Actor(morgan), member=bob, reason="Sorry")
    mutes.unmute(actor=Actor(morgan), member=bob)

    for member in (alice, bob):
        member.refresh_from_db()
        write_permissions.write(member=member, room=garden, operation=post(member, "Hello again"))
    assert moderation_state.load().muted == {}
    assert [e.reason for e in AuditEntry.objects.filter(action="unmuted")] == ["Sorry"]


def test_a_ban_ends_the_session_and_shows_in_what_holds(alice: Member, morgan: Member) -> None:
    session = alice.session

    ban = bans.ban(actor=Actor(morgan), member=alice, seconds=None, reason="Spam")

    alice.refresh_from_db()
    assert alice.session == session + 1
    assert moderation_state.load().banned == {alice.pk: None}
    assert (ban.address_hash, entry().action) == ("", "banned")


def test_a_ban_is_over_with_its_time(alice: Member, morgan: Member) -> None:
    bans.ban(actor=Actor(morgan), member=alice, seconds=60, reason="Spam")
    assert alice.pk in moderation_state.load().banned

    Ban.objects.update(until=timezone.now())

    assert moderation_state.load().banned == {}


def test_of_two_bans_the_longer_holds(alice: Member, morgan: Member) -> None:
    long = bans.ban(actor=Actor(morgan), member=alice, seconds=600, reason="Spam")
    bans.ban(actor=Actor(morgan), member=alice, seconds=60, reason="Spam")
    assert moderation_state.load().banned == {alice.pk: long.until}

    bans.ban(actor=Actor(morgan), member=alice, seconds=None, reason="Spam")
    assert moderation_state.load().banned == {alice.pk: None}


def test_whoever_is_let_in_again_joins_under_the_old_name(alice: Member, morgan: Member) -> None:
    bans.ban(actor=Actor(morgan), member=alice, seconds=None, reason="Spam")

    bans.unban(actor=Actor(morgan), member=alice, reason="It was her brother")

    assert moderation_state.load().banned == {}
    assert admission.join(name="Alice").pk != alice.pk


def test_from_a_banned_network_nobody_gets_a_new_name(morgan: Member) -> None:
    mallory = admission.join(name="Mallory", address="203.0.113.9")
    neighbour = admission.join(name="Nina", address="203.0.113.9")
    bans.ban(actor=Actor(morgan), member=mallory, seconds=600, reason="Spam", network=True)

    with pytest.raises(Forbidden):
        admission.join(name="Mallory again", address="203.0.113.9")

    admission.join(name="Somebody Else", address="203.0.113.10")
    session = neighbour.session
    neighbour.refresh_from_db()
    assert neighbour.session == session
    Ban.objects.update(until=timezone.now())
    admission.join(name="Mallory again", address="203.0.113.9")


def test_a_network_that_was_not_named_is_open(morgan: Member) -> None:
    mallory = admission.join(name="Mallory", address="203.0.113.9")

    bans.ban(actor=Actor(morgan), member=mallory, seconds=600, reason="Spam")

    admission.join(name="Mallory again", address="203.0.113.9")


def test_an_address_is_kept_as_a_keyed_hash_of_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    six = address_hash("2001:db8:1:2::1")

    assert six == address_hash("2001:db8:1:2:ffff::9") != address_hash("2001:db8:1:3::1")
    assert address_hash("::ffff:203.0.113.9") == address_hash("203.0.113.9") != six
    assert address_hash("unknown") == address_hash("") == ""
    address_hash.cache_clear()
    monkeypatch.setattr(settings, "SECRET_KEY", "another")
    assert six != address_hash("2001:db8:1:2::1")
    address_hash.cache_clear()


@pytest.mark.parametrize(
    "act",
    [
        lambda actor, member: mutes.mute(actor=actor, member=member, seconds=60, reason=""),
        lambda actor, member: mutes.unmute(actor=actor, member=member),
        lambda actor, member: bans.ban(actor=actor, member=member, seconds=60, reason=""),
        lambda actor, member: bans.unban(actor=actor, member=member),
        lambda actor, member: roles.appoint(actor=actor, member=member, role="moderator"),
    ],
)
def test_whoever_has_no_power_over_someone_does_nothing_to_them(
    alice: Member, bob: Member, olivia: Member, act: Callable[[Actor, Member], object]
) -> None:
    said = AuditEntry.objects.count()

    for member in (bob, olivia):
        with pytest.raises(Forbidden):
            act(Actor(alice), member)

    assert AuditEntry.objects.count() == said
    act(Actor(olivia), bob)


@pytest.mark.parametrize("seconds", [0, -1, mutes.MUTE_MAX_SECONDS + 1])
def test_a_mute_has_a_sensible_time(alice: Member, morgan: Member, seconds: int) -> None:
    with pytest.raises(InvalidText):
        mutes.mute(actor=Actor(morgan), member=alice, seconds=seconds, reason="")


# --- A room's rules ---------------------------------------------------------------------------


def test_in_a_locked_room_only_moderators_write(
    garden: Room, alice: Member, morgan: Member
) -> None:
    write_permissions.write(member=alice, room=garden, operation=post(alice, "before"))
    room_rules.set_rules(actor=Actor(morgan), room=garden, rules=RoomRules(locked=True))
    garden.refresh_from_db()

    for operation in (post(alice, "after"), commit.Edit(alice.pk, 1, "!"), react(alice, 1)):
        with pytest.raises(Forbidden, match="locked"):
            write_permissions.write(member=alice, room=garden, operation=operation)
    write_permissions.write(member=morgan, room=garden, operation=post(morgan, "Calm down"))

    assert entry().details == {"locked": True, "slow_seconds": 0}
    assert moderation_state.load().rules == {garden.pk: RoomRules(locked=True)}


def test_in_a_slow_room_each_posts_once_in_a_while(
    garden: Room, alice: Member, bob: Member, morgan: Member
) -> None:
    room_rules.set_rules(actor=Actor(morgan), room=garden, rules=RoomRules(slow_seconds=30))
    garden.refresh_from_db()
    write_permissions.write(member=alice, room=garden, operation=post(alice, "one"))

    with pytest.raises(RateLimited) as refused:
        write_permissions.write(member=alice, room=garden, operation=post(alice, "two"))

    assert 25_000 < (refused.value.retry_ms or 0) <= 30_001
    write_permissions.write(
        member=alice, room=garden, operation=commit.Edit(alice.pk, 1, "one and two")
    )
    write_permissions.write(member=bob, room=garden, operation=post(bob, "three"))
    for body in ("four", "five"):
        write_permissions.write(member=morgan, room=garden, operation=post(morgan, body))
    Message.objects.filter(author=alice).update(created_at=timezone.now() - timedelta(seconds=31))
    write_permissions.write(member=alice, room=garden, operation=post(alice, "six"))


def test_only_moderators_set_rules_and_the_same_again_is_nothing(
    garden: Room, alice: Member, morgan: Member, announced: list[bus.BusMessage]
) -> None:
    with pytest.raises(Forbidden):
        room_rules.set_rules(actor=Actor(alice), room=garden, rules=RoomRules(locked=True))
    with pytest.raises(InvalidText):
        room_rules.set_rules(actor=Actor(morgan), room=garden, rules=RoomRules(slow_seconds=9999))
    ruled = moderation_state.numbers().moderation_version

    for _ in range(2):
        room_rules.set_rules(actor=Actor(morgan), room=garden, rules=RoomRules(slow_seconds=10))

    assert moderation_state.numbers().moderation_version == ruled + 1
    assert announced == [bus.ModerationChanged()]


# --- Reports ----------------------------------------------------------------------------------


def test_a_report_keeps_what_was_said_and_counts_once(
    garden: Room, alice: Member, bob: Member
) -> None:
    say(garden, alice, "Buy now")

    first = reports.report(member=bob, room=garden, seq=1, reason="An advertisement")
    again = reports.report(member=bob, room=garden, seq=1, reason="Really!")
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "Good morning"))

    assert first == again
    [waiting] = Report.objects.open()
    assert (waiting.body, waiting.author, waiting.reporter) == ("Buy now", alice, bob)


@pytest.mark.parametrize(
    ("reason", "error"), [("  ", InvalidText), ("x\0", InvalidText), ("x" * 501, TooLong)]
)
def test_a_report_says_why(
    garden: Room, alice: Member, bob: Member, reason: str, error: type[Exception]
) -> None:
    say(garden, alice, "Buy now")

    with pytest.raises(error):
        reports.report(member=bob, room=garden, seq=1, reason=reason)


def test_deleting_closes_every_report_of_the_message_and_so_does_leaving_it(
    garden: Room, alice: Member, bob: Member, mallory: Member, morgan: Member
) -> None:
    for seq in (1, 2):
        say(garden, alice, "Buy now")
        for member in (bob, mallory):
            reports.report(member=member, room=garden, seq=seq, reason="No")

    message_moderation.delete(actor=Actor(morgan), room=garden, seq=1)
    assert {report.seq for report in Report.objects.open()} == {2}
    with pytest.raises(Forbidden):
        reports.dismiss(actor=Actor(bob), report=Report.objects.open()[0])
    reports.dismiss(actor=Actor(morgan), report=Report.objects.open()[0], reason="Harmless")

    assert not Report.objects.open().exists()
    assert (entry().action, entry().reason) == ("report_closed", "Harmless")


def test_a_deleted_message_cannot_be_reported(garden: Room, alice: Member, bob: Member) -> None:
    say(garden, alice, "Oh no")
    commit.commit_operation(garden, commit.Delete(alice.pk, 1))

    with pytest.raises(NotFound):
        reports.report(member=bob, room=garden, seq=1, reason="No")


@pytest.mark.postgres  # SQLite lets one transaction begin after the other
def test_the_first_two_rulings_of_all_may_be_made_at_once() -> None:
    Rulings.objects.all().delete()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change_numbers.record_moderation_change()
            second = pool.submit(
                and_hang_up, transaction.atomic(change_numbers.record_moderation_change)
            )
            wait_until(somebody_waits_for_a_lock)
        second.result(PATIENCE_SECONDS)

    assert Rulings.objects.get().count == 2


@pytest.mark.postgres
def test_of_two_who_delete_a_message_at_once_the_first_is_recorded(
    garden: Room, alice: Member, morgan: Member, olivia: Member
) -> None:
    say(garden, alice, "Buy now")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            message_moderation.delete(actor=Actor(morgan), room=garden, seq=1)
            olivias = partial(message_moderation.delete, actor=Actor(olivia), room=garden, seq=1)
            second = pool.submit(and_hang_up, olivias)
            wait_until(somebody_waits_for_a_lock)
        second.result(PATIENCE_SECONDS)

    assert AuditEntry.objects.get(action="deleted").actor == morgan
    assert Change.objects.count() == 1


def and_hang_up(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connection.close()


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        [waiting] = cursor.fetchone()
    return bool(waiting)
