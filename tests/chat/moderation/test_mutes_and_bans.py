"""Mutes and bans keep people from writing and from coming in; rules hold for a room."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from chat import bus
from chat.accounts.addresses import address_hash
from chat.accounts.models import Member
from chat.errors import Forbidden, InvalidText, RateLimited
from chat.messages import commit
from chat.messages.models import Message
from chat.moderation import (
    admission,
    bans,
    moderation_state,
    mutes,
    roles,
    room_rules,
    write_permissions,
)
from chat.moderation.authorization import Actor
from chat.moderation.models import AuditEntry, Ban
from chat.moderation.moderation_state import RoomRules
from chat.rooms.models import Room

from ..messages import logs
from ..messages.logs import post, react, say
from . import moderation_fixtures
from .moderation_fixtures import entry

garden, bob, announced = logs.garden, logs.bob, logs.announced
morgan, olivia = moderation_fixtures.morgan, moderation_fixtures.olivia

pytestmark = pytest.mark.django_db(transaction=True)


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
    # Once for the rules, and once for the room lists that tell them.
    assert announced == [bus.ModerationChanged()] * 2
