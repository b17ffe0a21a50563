"""Changes to what was said: who may, what stays, and that everyone ends up seeing the same."""

from collections.abc import Callable

import pytest
from django.conf import settings

from chat import protocol
from chat.accounts import guests
from chat.accounts.models import Member
from chat.errors import Forbidden, InvalidText, NotFound, TooLong
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room

from . import logs
from .logs import assert_whole, fetch, head, react, say

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def hello(garden: Room, alice: Member) -> int:
    """What Alice said, and what is changed here."""
    return say(garden, alice, "hello", "hello")


def only(room: Room) -> protocol.WireMessage:
    [message] = fetch(room)
    return message


# --- Who may ----------------------------------------------------------------------------------


def test_an_author_edits_and_what_was_replaced_is_kept(garden: Room, alice: Member) -> None:
    answer = commit.commit_operation(garden, commit.Edit(alice.pk, 1, "goodbye"))

    assert (answer.seq, answer.updated_seq) == (1, 2)
    message = only(garden)
    assert (message.body, message.updated_seq) == ("goodbye", 2)
    assert message.edited_at is not None
    change = Change.objects.get()
    assert (change.seq, change.kind, change.actor) == (2, "edited", alice)
    assert change.replaced == {"body": "hello"}


def test_an_author_deletes_and_the_tombstone_carries_no_text(
    garden: Room, alice: Member, bob: Member
) -> None:
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "goodbye"))
    commit.commit_operation(garden, react(bob, 1))

    commit.commit_operation(garden, commit.Delete(alice.pk, 1))

    message = only(garden)
    assert (message.seq, message.updated_seq, message.deleted) == (1, 4, True)
    assert (message.body, message.edited_at, message.reactions) == ("", None, None)
    row = Message.objects.get()
    assert (row.body, row.reactions) == ("", None)
    kept = Change.objects.get(seq=4)
    assert kept.replaced == {
        "body": "goodbye",
        "reactions": [{"emoji": "👍", "members": [{"id": bob.pk, "name": "Bob"}]}],
    }


@pytest.mark.parametrize("with_id", [True, False])
def test_a_moderator_deletes_what_others_said(garden: Room, bob: Member, with_id: bool) -> None:
    actor_id = bob.pk if with_id else None

    commit.commit_operation(garden, commit.Delete(actor_id, 1, moderator=True))

    assert only(garden).deleted
    assert Change.objects.get().actor_id == actor_id


@pytest.mark.parametrize(
    "operation",
    [
        lambda other: commit.Edit(other, 1, "hacked"),
        lambda other: commit.Edit(other, 1, "hello"),
        lambda other: commit.Delete(other, 1),
        lambda other: commit.Delete(None, 1),
    ],
)
def test_another_member_may_neither_edit_nor_delete(
    garden: Room, mallory: Member, operation: Callable[[int], commit.Operation]
) -> None:
    with pytest.raises(Forbidden):
        commit.commit_operation(garden, operation(mallory.pk))

    assert (only(garden).body, head(garden)) == ("hello", 1)


def test_what_is_deleted_can_no_longer_be_changed(garden: Room, alice: Member, bob: Member) -> None:
    commit.commit_operation(garden, commit.Delete(alice.pk, 1))

    for operation in (
        commit.Edit(alice.pk, 1, "back again"),
        react(bob, 1),
        react(bob, 1, on=False),
    ):
        with pytest.raises(NotFound):
            commit.commit_operation(garden, operation)

    assert head(garden) == 2


def test_a_number_of_another_room_or_of_a_change_is_not_found(garden: Room, alice: Member) -> None:
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "goodbye"))
    cellar = open_room(key="cellar", name="Cellar")

    for room, seq in ((garden, 2), (garden, 0), (cellar, 1)):
        with pytest.raises(NotFound):
            commit.commit_operation(room, commit.Delete(alice.pk, seq))


# --- Asking twice -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "operation",
    [
        lambda alice: commit.Edit(alice.pk, 1, "goodbye"),
        lambda alice: commit.Delete(alice.pk, 1),
        lambda alice: react(alice, 1),
    ],
    ids=["edit", "delete", "react"],
)
@pytest.mark.parametrize("together", [True, False])
def test_asking_twice_changes_once(
    garden: Room, alice: Member, operation: Callable[[Member], commit.Operation], together: bool
) -> None:
    twice = [operation(alice)] * 2
    batches = [twice] if together else [[one] for one in twice]

    outcomes = [outcome for batch in batches for outcome in commit.commit_batch(garden, batch)]

    answers = [o for o in outcomes if isinstance(o, commit.Accepted)]
    assert [(answer.seq, answer.updated_seq) for answer in answers] == [(1, 2)] * 2
    assert Change.objects.count() == 1
    assert_whole(garden)


def test_editing_to_the_same_text_and_taking_no_reaction_back_are_no_changes(
    garden: Room, alice: Member
) -> None:
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "hello"))
    commit.commit_operation(garden, react(alice, 1, on=False))

    assert head(garden) == 1
    assert only(garden).edited_at is None


# --- Reactions --------------------------------------------------------------------------------


def shown(room: Room) -> dict[str, list[str]]:
    reactions = only(room).reactions or []
    return {reaction.emoji: [member.name for member in reaction.members] for reaction in reactions}


def test_reactions_are_gathered_and_taken_back(garden: Room, alice: Member, bob: Member) -> None:
    commit.commit_batch(garden, [react(alice, 1), react(bob, 1), react(bob, 1, "🎉")])
    assert shown(garden) == {"👍": ["Alice", "Bob"], "🎉": ["Bob"]}

    commit.commit_batch(garden, [react(bob, 1, "🎉", on=False), react(alice, 1, on=False)])
    assert shown(garden) == {"👍": ["Bob"]}

    commit.commit_operation(garden, react(bob, 1, on=False))
    assert only(garden).reactions is None
    assert [change.replaced for change in Change.objects.order_by("seq")][-1] == {
        "emoji": "👍",
        "on": True,
    }
    assert_whole(garden)


def test_a_message_takes_so_many_different_emoji(garden: Room, alice: Member, bob: Member) -> None:
    emoji = [chr(0x1F600 + number) for number in range(settings.REACTION_MAX_EMOJI + 1)]
    commit.commit_batch(garden, [react(alice, 1, one) for one in emoji[:-1]])
    before = head(garden)

    with pytest.raises(TooLong):
        commit.commit_operation(garden, react(alice, 1, emoji[-1]))

    assert head(garden) == before == settings.REACTION_MAX_EMOJI + 1
    commit.commit_operation(garden, react(bob, 1, emoji[0]))  # one more of those that are there


def test_a_message_takes_so_many_reactions(garden: Room, alice: Member) -> None:
    crowd = list(guests.mint(count=settings.REACTION_MAX_TOTAL, prefix="Guest"))
    commit.commit_batch(garden, [react(guest, 1) for guest in crowd])

    with pytest.raises(TooLong):
        commit.commit_operation(garden, react(alice, 1))

    commit.commit_operation(garden, react(crowd[0], 1, on=False))
    commit.commit_operation(garden, react(alice, 1))


@pytest.mark.parametrize("emoji", ["like", "", "5", "👍 👍", "лайк", "👍\0", "\ud83d"])
def test_a_reaction_is_an_emoji(garden: Room, alice: Member, emoji: str) -> None:
    with pytest.raises(InvalidText):
        commit.commit_operation(garden, react(alice, 1, emoji))

    commit.commit_operation(garden, react(alice, 1, "👩‍👩‍👧"))
