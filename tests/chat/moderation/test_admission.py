"""Joining, renaming, leaving: a name is held by one person at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Barrier

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from chat import bus
from chat.accounts import guests
from chat.accounts.models import Member
from chat.accounts.names import canonical_name
from chat.accounts.sessions import Identity
from chat.errors import NameRefused, NotFound
from chat.moderation import admission

CaptureCommits = Callable[..., AbstractContextManager[object]]


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[bus.BusMessage]:
    hints: list[bus.BusMessage] = []
    monkeypatch.setattr(bus, "publish", hints.append)
    return hints


def absent_for(member: Member, seconds: int) -> None:
    Member.objects.filter(pk=member.pk).update(
        last_seen_at=timezone.now() - timedelta(seconds=seconds)
    )


def connected(member: Member, seconds_ago: int = 30) -> None:
    Member.objects.filter(pk=member.pk).update(
        connected_at=timezone.now() - timedelta(seconds=seconds_ago)
    )


def signed_out(member: Member) -> Identity:
    """Their session ends; what the browser's cookie says of it."""
    identity = Identity(member.pk, member.name, member.session)
    guests.end_session(member=member)
    return identity


def test_a_guest_joins_under_a_plain_form_of_the_name(db: None) -> None:
    member = admission.join(name="  Ada   Lovelace ")

    assert member.name == "Ada Lovelace"
    assert member.kind == Member.Kind.GUEST
    assert list(Member.objects.live()) == [member]


@pytest.mark.parametrize("name", ["Alice", "ALICE", "AIice", " alice "])
def test_a_name_is_held_against_all_that_look_like_it(alice: Member, name: str) -> None:
    with pytest.raises(NameRefused, match="was used a moment ago") as refused:
        admission.join(name=name)

    assert len(refused.value.suggestions) == 2
    assert Member.objects.get() == alice


def test_both_suggestions_can_be_taken(alice: Member) -> None:
    admission.join(name="Alice 2")
    with pytest.raises(NameRefused) as refused:
        admission.join(name="alice")

    for suggestion in refused.value.suggestions:
        assert admission.join(name=suggestion).name == suggestion


def test_a_name_of_full_length_still_gets_suggestions(db: None) -> None:
    name = "a" * 32
    admission.join(name=name)

    with pytest.raises(NameRefused) as refused:
        admission.join(name=name)

    assert refused.value.suggestions == ("a" * 30 + " 2", "a" * 30 + " 3")


def test_a_very_popular_name_still_gets_suggestions(alice: Member) -> None:
    for number in range(2, 10):
        admission.join(name=f"Alice {number}")

    with pytest.raises(NameRefused) as refused:
        admission.join(name="Alice")

    assert len(refused.value.suggestions) == 2


def test_the_name_of_a_guest_long_gone_is_free(alice: Member, settings: LazySettings) -> None:
    session = alice.session
    absent_for(alice, settings.GUEST_NAME_SECONDS + 60)

    newcomer = admission.join(name="alice")

    alice.refresh_from_db()
    assert list(Member.objects.live()) == [newcomer]
    assert alice.released_at is not None
    assert alice.session == session + 1


def test_the_name_of_a_guest_who_has_just_left_the_room_is_not(
    alice: Member, settings: LazySettings
) -> None:
    absent_for(alice, settings.GUEST_NAME_SECONDS - 60)

    with pytest.raises(NameRefused):
        admission.join(name="alice")


@pytest.mark.parametrize(
    ("office", "kind", "connected_ago", "absent", "why"),
    [
        ("", "guest", 30, 30, "is taken by someone who is here now"),
        ("", "guest", 149, 149, "is taken by someone who is here now"),
        ("", "guest", None, 30, "was used a moment ago; it is free again in 10 minutes"),
        ("", "guest", 160, 160, "was used a moment ago; it is free again in 8 minutes"),
        ("", "guest", None, 595, "was used a moment ago; it is free again in a minute"),
        ("owner", "guest", None, 86_400, "belongs to someone who keeps it"),
        ("moderator", "guest", 30, 30, "is taken by someone who is here now"),
        ("", "account", None, 86_400, "belongs to someone who keeps it"),
    ],
)
def test_a_refusal_says_what_is_true(
    alice: Member, office: str, kind: str, connected_ago: int | None, absent: int, why: str
) -> None:
    Member.objects.filter(pk=alice.pk).update(office=office, kind=kind)
    absent_for(alice, absent)
    if connected_ago is not None:
        connected(alice, connected_ago)

    with pytest.raises(NameRefused, match=why) as refused:
        admission.join(name="alice")

    assert len(refused.value.suggestions) == 2


def test_the_browser_that_held_a_name_takes_it_back(alice: Member) -> None:
    former = signed_out(alice)

    back = admission.join(name="ALICE", former=former)

    alice.refresh_from_db()
    assert (back.name, alice.released_at is not None) == ("ALICE", True)
    assert back.pk != alice.pk


@pytest.mark.parametrize("change", ["office", "account", "connected", "other name", "other life"])
def test_a_former_cookie_wins_back_nothing_else(
    alice: Member, mallory: Member, change: str
) -> None:
    former = signed_out(alice)
    match change:
        case "office":
            Member.objects.filter(pk=alice.pk).update(office="owner")
        case "account":
            Member.objects.filter(pk=alice.pk).update(kind=Member.Kind.ACCOUNT)
        case "connected":
            connected(alice)
        case "other name":
            former = Identity(alice.pk, "Alicia", former.session)
        case "other life":
            # Another database, in which somebody else has this id.
            former = Identity(alice.pk, "Alice", former.session + 500_000)

    with pytest.raises(NameRefused):
        admission.join(name="Alice", former=former)
    with pytest.raises(NameRefused):
        admission.join(name="Mallory", former=former)

    alice.refresh_from_db()
    assert alice.released_at is None


def test_an_account_keeps_its_name_however_long_it_is_gone(
    alice: Member, settings: LazySettings
) -> None:
    Member.objects.filter(pk=alice.pk).update(kind=Member.Kind.ACCOUNT)
    absent_for(alice, 10 * settings.GUEST_NAME_SECONDS)

    with pytest.raises(NameRefused):
        admission.join(name="alice")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_gets_the_name() -> None:
    together = Barrier(4)

    def ask(_: int) -> Member | NameRefused:
        try:
            together.wait()
            return admission.join(name="Alice")
        except NameRefused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(ask, range(4)))

    assert [type(answer) for answer in answers].count(Member) == 1
    assert all(answer.suggestions for answer in answers if isinstance(answer, NameRefused))
    assert Member.objects.live().count() == 1


def test_renaming_begins_the_next_session(
    alice: Member,
    announced: list[bus.BusMessage],
    django_capture_on_commit_callbacks: CaptureCommits,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        renamed = guests.rename(member=alice, name="Alicia")

    assert (renamed.pk, renamed.name, renamed.session) == (alice.pk, "Alicia", alice.session + 1)
    assert renamed.canonical_name == canonical_name("alicia")
    assert announced == [bus.MemberChanged(alice.pk)]


def test_renaming_to_the_own_name_in_another_case_is_fine(alice: Member) -> None:
    assert guests.rename(member=alice, name="ALICE").name == "ALICE"


def test_renaming_gives_the_old_name_back(alice: Member) -> None:
    guests.rename(member=alice, name="Alicia")

    assert admission.join(name="Alice").name == "Alice"


def test_nobody_can_rename_to_someone_who_is_here(
    alice: Member, mallory: Member, announced: list[bus.BusMessage]
) -> None:
    connected(alice)
    with pytest.raises(NameRefused, match="is taken by someone who is here now") as refused:
        guests.rename(member=mallory, name="AIice")

    mallory.refresh_from_db()
    assert mallory.name == "Mallory"
    assert len(refused.value.suggestions) == 2
    assert announced == []


def test_whoever_has_left_cannot_rename(alice: Member) -> None:
    guests.leave(member=alice)

    with pytest.raises(NotFound):
        guests.rename(member=alice, name="Alicia")


def test_someone_long_gone_can_rename_on_coming_back(alice: Member, settings: LazySettings) -> None:
    absent_for(alice, settings.GUEST_NAME_SECONDS + 60)

    assert guests.rename(member=alice, name="ALICE").pk == alice.pk


def test_leaving_frees_the_name_and_ends_the_session(
    alice: Member,
    announced: list[bus.BusMessage],
    django_capture_on_commit_callbacks: CaptureCommits,
) -> None:
    session = alice.session
    with django_capture_on_commit_callbacks(execute=True):
        guests.leave(member=alice)

    alice.refresh_from_db()
    assert alice.released_at is not None
    assert alice.session == session + 1
    assert announced == [bus.MemberChanged(alice.pk)]
    assert admission.join(name="Alice") != alice


def test_leaving_twice_is_leaving(
    alice: Member,
    announced: list[bus.BusMessage],
    django_capture_on_commit_callbacks: CaptureCommits,
) -> None:
    session = alice.session
    with django_capture_on_commit_callbacks(execute=True):
        guests.leave(member=alice)
        guests.leave(member=alice)

    alice.refresh_from_db()
    assert alice.session == session + 1
    assert len(announced) == 1


def test_ending_the_session_keeps_the_name(
    alice: Member,
    announced: list[bus.BusMessage],
    django_capture_on_commit_callbacks: CaptureCommits,
) -> None:
    session = alice.session
    with django_capture_on_commit_callbacks(execute=True):
        guests.end_session(member=alice)

    alice.refresh_from_db()
    assert alice.session == session + 1
    assert announced == [bus.MemberChanged(alice.pk)]
    with pytest.raises(NameRefused):
        admission.join(name="Alice")
