"""Handles: short names for mentions, which nobody takes over from another."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from chat.accounts import guests, handles, member_search, profile
from chat.accounts.models import Member
from chat.accounts.profile_models import Handle
from chat.errors import Forbidden, NameRefused
from chat.messages import commit, mentions
from chat.moderation import admission
from chat.rooms.models import Room

pytestmark = pytest.mark.django_db


def account(name: str) -> Member:
    member = admission.join(name=name)
    Member.objects.filter(pk=member.pk).update(kind=Member.Kind.ACCOUNT)
    member.refresh_from_db()
    return member


def choose(member: Member, handle: str) -> None:
    with transaction.atomic():
        handles.choose(member, handle)


def named(room: Room, author: Member, body: str) -> list[int]:
    """The members whom this message is stored to name."""
    accepted = commit.commit_operation(room, commit.Post(author.pk, f"c{abs(hash(body))}", body))
    stored = room.messages.get(seq=accepted.seq).mentions
    return [one["id"] for one in stored or []]


@pytest.fixture
def greta() -> Member:
    return account("Greta Larsen")


@pytest.fixture
def otto() -> Member:
    return account("Otto")


@pytest.mark.parametrize("handle", ["greta", "@greta_l", "g7", "a-b", "x" * 32])
def test_a_handle_is_a_short_word_of_small_letters(greta: Member, handle: str) -> None:
    choose(greta, handle)

    assert handles.of(greta) == handle.removeprefix("@")


@pytest.mark.parametrize(
    "handle",
    [
        "g", "x" * 33, "Greta", "greta larsen", "grëta", "gr\u0435ta", "-greta", "greta_",
        "gre.ta", "greta\u200d", "😀😀", "room", "here", "everyone", "admin", "ad-min", "moderator",
        "support_", "owner-greta",
    ],
)  # fmt: skip
def test_other_handles_are_refused_with_a_reason(greta: Member, handle: str) -> None:
    with pytest.raises(NameRefused) as refused:
        choose(greta, handle)

    assert refused.value.detail.endswith((".", "”."))
    assert not Handle.objects.exists()


def test_a_guest_is_told_to_keep_the_name_first(alice: Member) -> None:
    with pytest.raises(Forbidden, match="keep this name first"):
        choose(alice, "alice")


@pytest.mark.parametrize("look_alike", ["greta", "gr3ta", "larsen1"])
def test_of_two_handles_that_look_alike_the_first_holds(
    greta: Member, otto: Member, look_alike: str
) -> None:
    choose(greta, {"gr3ta": "gr3ta", "larsen1": "iarsenl"}.get(look_alike, "greta"))

    with pytest.raises(NameRefused, match="taken"):
        choose(otto, look_alike)


def test_a_handle_is_nobody_elses_name_and_a_name_nobody_elses_handle(
    greta: Member, otto: Member
) -> None:
    with pytest.raises(NameRefused, match="taken"):
        choose(greta, "otto")
    choose(otto, "otto")
    choose(greta, "gl")

    with pytest.raises(NameRefused, match="handle"):
        admission.join(name="GL")
    with pytest.raises(NameRefused, match="handle"):
        guests.rename(member=otto, name="Gl")
    assert guests.rename(member=greta, name="GL").name == "GL"


def test_a_freed_handle_is_held_back_for_its_member(greta: Member, otto: Member) -> None:
    choose(greta, "greta")
    choose(greta, "gl")

    with pytest.raises(NameRefused, match="taken"):
        choose(otto, "greta")
    choose(greta, "greta")
    assert handles.of(greta) == "greta"
    choose(greta, "")
    Handle.objects.update(held_until=timezone.now() - timedelta(seconds=1))

    choose(otto, "greta")

    assert (handles.of(greta), handles.of(otto)) == ("", "greta")


def test_handles_of_an_erased_member_stay_held_back(greta: Member, otto: Member) -> None:
    choose(greta, "greta")

    profile.forget(greta)

    assert not Handle.objects.filter(member=greta).exists()
    with pytest.raises(NameRefused, match="taken"):
        choose(otto, "greta")
    with pytest.raises(NameRefused, match="handle"):
        admission.join(name="Greta")


def test_a_mention_by_handle_is_one_of_the_member(
    lobby: Room, alice: Member, greta: Member, otto: Member
) -> None:
    choose(greta, "gl")

    assert named(lobby, alice, "@gl, are you there?") == [greta.pk]
    assert named(lobby, alice, "@Greta Larsen and @otto") == [greta.pk, otto.pk]
    assert named(lobby, alice, "mail@gl and `@gl`") == []


def test_a_handle_that_was_given_up_names_nobody(lobby: Room, alice: Member, greta: Member) -> None:
    choose(greta, "gl")
    choose(greta, "")

    assert named(lobby, alice, "@gl?") == []


def test_members_of_a_closed_room_alone_are_named_there(
    lobby: Room, alice: Member, greta: Member
) -> None:
    choose(greta, "gl")
    Room.objects.filter(pk=lobby.pk).update(kind=Room.Kind.PRIVATE)
    lobby.refresh_from_db()

    assert mentions.candidates("@gl") == [["gl"]]
    assert mentions._members_of(lobby, [[["gl"]]]) == {}


def test_people_are_found_by_their_handle(greta: Member, otto: Member) -> None:
    choose(greta, "night_owl")

    assert member_search.find("@night", but=otto.pk) == [greta]
    assert member_search.find("gre", but=otto.pk) == [greta]
    assert member_search.find("night", but=greta.pk) == []
