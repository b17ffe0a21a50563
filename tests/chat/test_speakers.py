"""What is committed bears the name in its author's row, and comes from a session that is live."""

from collections.abc import Callable

import pytest

from chat.errors import SessionEnded
from chat.models import Member, Message, Room
from chat.services import log, membership, sanctions
from chat.services.acting import COMMAND

from . import logs
from .logs import assert_whole, fetch, say, seqs

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db(transaction=True)

Wish = Callable[[Member], log.Intent]

WISHES: dict[str, Wish] = {
    "post": lambda m: log.Post(m.pk, "key", "hello", session=m.session),
    "marked post": lambda m: log.Post(m.pk, "key", "**hello**", session=m.session),
    "reply": lambda m: log.Post(m.pk, "key", "hello", reply_to=1, session=m.session),
    "edit": lambda m: log.Edit(m.pk, 1, "hello", session=m.session),
    "delete": lambda m: log.Delete(m.pk, 1, session=m.session),
    "reaction": lambda m: log.React(m.pk, 1, "👍", True, session=m.session),
}


def ban(member: Member) -> None:
    sanctions.ban(actor=COMMAND, member=member, seconds=60, reason="")


def rename(member: Member) -> None:
    membership.rename(member=member, name="Alicia")


def leave(member: Member) -> None:
    membership.leave(member=member)


def end_session(member: Member) -> None:
    membership.end_session(member=member)


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
@pytest.mark.parametrize("end", [leave, end_session, ban, rename])
def test_an_ended_session_changes_nothing(
    garden: Room, alice: Member, wish: Wish, end: Callable[[Member], None]
) -> None:
    say(garden, alice, "first")
    wanted = wish(alice)
    end(alice)

    [outcome] = log.commit(garden, [wanted])

    assert isinstance(outcome, SessionEnded)
    assert [(m.body, m.reactions) for m in fetch(garden)] == [("first", None)]
    assert_whole(garden)


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_a_live_session_is_served(garden: Room, alice: Member, wish: Wish) -> None:
    say(garden, alice, "first")

    log.commit_one(garden, wish(alice))


def test_an_ended_session_costs_its_neighbours_nothing(
    garden: Room, alice: Member, bob: Member
) -> None:
    ended = [log.Post(bob.pk, f"b-{n}", "late", session=bob.session - 1) for n in range(2)]
    live = [log.Post(alice.pk, f"a-{n}", "now", session=alice.session) for n in range(3)]

    outcomes = log.commit(garden, [live[0], ended[0], live[1], ended[1], live[2]])

    assert seqs(outcomes) == [1, "forbidden", 2, "forbidden", 3]
    assert_whole(garden)


@pytest.mark.parametrize("body", ["hello", "**hello**"])
def test_posts_bear_the_name_of_the_row(
    garden: Room, alice: Member, bob: Member, body: str
) -> None:
    """Also by commands, which have no session, and several authors in one commit."""
    membership.rename(member=alice, name="Alicia “∆” O'Neil")

    log.commit(
        garden,
        [log.Post(alice.pk, "a", body), log.Post(bob.pk, "b", body), log.Post(alice.pk, "c", body)],
    )

    names = Message.objects.in_room(garden.pk).order_by("seq").values_list("author_name", flat=True)
    assert list(names) == ["Alicia “∆” O'Neil", "Bob", "Alicia “∆” O'Neil"]
    assert [m.author.name for m in fetch(garden)] == list(names)


def test_reactions_bear_the_name_of_the_row(garden: Room, alice: Member, bob: Member) -> None:
    say(garden, alice, "first")
    membership.rename(member=bob, name="Robert")

    log.commit_one(garden, log.React(bob.pk, 1, "👍", True))

    [message] = fetch(garden)
    assert message.reactions is not None
    assert [member.name for member in message.reactions[0].members] == ["Robert"]
