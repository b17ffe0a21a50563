"""What is committed bears the name in its author's row, and comes from a session that is live."""

from collections.abc import Callable

import pytest

from chat.accounts import guests
from chat.accounts.models import Member
from chat.errors import SessionEnded
from chat.messages import commit
from chat.messages.models import Message
from chat.moderation import bans
from chat.moderation.authorization import SYSTEM
from chat.rooms.models import Room

from ..messages import logs
from ..messages.logs import assert_whole, fetch, say, seqs

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db(transaction=True)

Wish = Callable[[Member], commit.Operation]

WISHES: dict[str, Wish] = {
    "post": lambda m: commit.Post(m.pk, "key", "hello", session=m.session),
    "marked post": lambda m: commit.Post(m.pk, "key", "**hello**", session=m.session),
    "reply": lambda m: commit.Post(m.pk, "key", "hello", reply_to=1, session=m.session),
    "edit": lambda m: commit.Edit(m.pk, 1, "hello", session=m.session),
    "delete": lambda m: commit.Delete(m.pk, 1, session=m.session),
    "reaction": lambda m: commit.React(m.pk, 1, "👍", True, session=m.session),
}


def ban(member: Member) -> None:
    bans.ban(actor=SYSTEM, member=member, seconds=60, reason="")


def rename(member: Member) -> None:
    guests.rename(member=member, name="Alicia")


def leave(member: Member) -> None:
    guests.leave(member=member)


def end_session(member: Member) -> None:
    guests.end_session(member=member)


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
@pytest.mark.parametrize("end", [leave, end_session, ban, rename])
def test_an_ended_session_changes_nothing(
    garden: Room, alice: Member, wish: Wish, end: Callable[[Member], None]
) -> None:
    say(garden, alice, "first")
    wanted = wish(alice)
    end(alice)

    [outcome] = commit.commit_batch(garden, [wanted])

    assert isinstance(outcome, SessionEnded)
    assert [(m.body, m.reactions) for m in fetch(garden)] == [("first", None)]
    assert_whole(garden)


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_a_live_session_is_served(garden: Room, alice: Member, wish: Wish) -> None:
    say(garden, alice, "first")

    commit.commit_operation(garden, wish(alice))


def test_an_ended_session_costs_its_neighbours_nothing(
    garden: Room, alice: Member, bob: Member
) -> None:
    ended = [commit.Post(bob.pk, f"b-{n}", "late", session=bob.session - 1) for n in range(2)]
    live = [commit.Post(alice.pk, f"a-{n}", "now", session=alice.session) for n in range(3)]

    outcomes = commit.commit_batch(garden, [live[0], ended[0], live[1], ended[1], live[2]])

    assert seqs(outcomes) == [1, "forbidden", 2, "forbidden", 3]
    assert_whole(garden)


@pytest.mark.parametrize("body", ["hello", "**hello**"])
def test_posts_bear_the_name_of_the_row(
    garden: Room, alice: Member, bob: Member, body: str
) -> None:
    """Also by commands, which have no session, and several authors in one commit."""
    guests.rename(member=alice, name="Alicia “∆” O'Neil")

    commit.commit_batch(
        garden,
        [
            commit.Post(alice.pk, "a", body),
            commit.Post(bob.pk, "b", body),
            commit.Post(alice.pk, "c", body),
        ],
    )

    names = Message.objects.in_room(garden.pk).order_by("seq").values_list("author_name", flat=True)
    assert list(names) == ["Alicia “∆” O'Neil", "Bob", "Alicia “∆” O'Neil"]
    assert [m.author.name for m in fetch(garden)] == list(names)


def test_reactions_bear_the_name_of_the_row(garden: Room, alice: Member, bob: Member) -> None:
    say(garden, alice, "first")
    guests.rename(member=bob, name="Robert")

    commit.commit_operation(garden, commit.React(bob.pk, 1, "👍", True))

    [message] = fetch(garden)
    assert message.reactions is not None
    assert [member.name for member in message.reactions[0].members] == ["Robert"]
