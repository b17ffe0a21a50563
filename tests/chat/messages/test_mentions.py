"""Mentions: whom a text names, and whose inbox it comes into."""

import pytest

from chat.accounts.models import Member, MemberBlock
from chat.messages import commit, inbox, mentions
from chat.moderation import admission, room_members
from chat.moderation.authorization import SYSTEM
from chat.moderation.room_rules import open_room
from chat.rooms import memberships
from chat.rooms.models import Membership, Room


@pytest.fixture
def bob(db: None) -> Member:
    return admission.join(name="Bob")


@pytest.fixture
def den(db: None, alice: Member) -> Room:
    """A private room in which Alice is."""
    den = open_room(key="den", name="Den", kind=Room.Kind.PRIVATE)
    memberships.add(den, [alice.pk], Membership.Role.OWNER)
    return den


def say(room: Room, author: Member, body: str, reply_to: int | None = None) -> int:
    key = f"{author.pk}-{abs(hash((room.pk, body, reply_to)))}"
    post = commit.Post(author.pk, key, body, reply_to)
    return commit.commit_operation(room, post).seq


def kinds(member: Member) -> list[str]:
    return [item.kind for item in inbox.load(member.pk, None, None)[0]]


@pytest.mark.parametrize(
    ("body", "first"),
    [
        ("@Bob hello", ["Bob hello", "Bob"]),
        ("hello @Bob!", ["Bob"]),
        ("(@Guest 12)", ["Guest 12", "Guest"]),
        ("@Anne-Marie", ["Anne-Marie", "Anne"]),
    ],
)
def test_a_name_follows_the_at_the_longest_first(body: str, first: list[str]) -> None:
    assert mentions.candidates(body) == [first]


@pytest.mark.parametrize(
    "body",
    [
        "write to bob@example.org",
        "`@Bob` in code",
        "```\n@Bob\n```",
        "https://example.org/@Bob",
        "@ Bob",
        "a/@Bob",
    ],
)
def test_code_links_and_addresses_name_nobody(body: str) -> None:
    assert mentions.candidates(body) == []


def test_one_who_is_named_finds_it_in_the_inbox(lobby: Room, alice: Member, bob: Member) -> None:
    seq = say(lobby, alice, "is @bob here? @Bob!")

    items, head, read, more = inbox.load(bob.pk, None, None)

    assert [(one.number, one.kind, one.room, one.seq) for one in items] == [
        (1, "mention", "lobby", seq)
    ]
    assert (items[0].author.name, items[0].text) == ("Alice", "is @bob here? @Bob!")
    assert (head, read, more) == (1, 0, False)
    assert kinds(alice) == []


def test_an_answer_comes_into_the_inbox_of_the_one_answered(
    lobby: Room, alice: Member, bob: Member
) -> None:
    seq = say(lobby, bob, "a question")
    say(lobby, alice, "an answer", reply_to=seq)
    say(lobby, bob, "to myself", reply_to=seq)

    assert kinds(bob) == ["reply"]


def test_a_repeat_tells_once(lobby: Room, alice: Member, bob: Member) -> None:
    for _ in range(3):
        commit.commit_operation(lobby, commit.Post(alice.pk, "the same", "@Bob"))

    assert inbox.load(bob.pk, None, None)[1] == 1


def test_the_inbox_is_numbered_and_caught_up(lobby: Room, alice: Member, bob: Member) -> None:
    for number in range(3):
        say(lobby, alice, f"@Bob {number}")

    after = inbox.load(bob.pk, 1, None)[0]
    before = inbox.load(bob.pk, None, 3)[0]
    inbox.mark(bob.pk, 2)
    inbox.mark(bob.pk, 1)

    assert [one.number for one in after] == [2, 3]
    assert [one.number for one in before] == [1, 2]
    assert inbox.load(bob.pk, None, None)[1:3] == (3, 2)
    assert inbox.unread_of([bob.pk])[bob.pk].count == 1


def test_one_who_may_not_see_the_room_is_not_told(den: Room, alice: Member, bob: Member) -> None:
    say(den, alice, "about @Bob")
    assert kinds(bob) == []

    memberships.add(den, [bob.pk])
    say(den, alice, "now @Bob is here")
    assert kinds(bob) == ["mention"]

    room_members.remove(actor=SYSTEM, room=den, member=bob)
    assert kinds(bob) == []


def test_what_was_deleted_has_gone_from_the_inbox(lobby: Room, alice: Member, bob: Member) -> None:
    seq = say(lobby, alice, "@Bob")
    commit.commit_operation(lobby, commit.Delete(alice.pk, seq))

    assert kinds(bob) == []


def test_one_who_blocks_the_author_or_wants_nothing_is_not_told(
    den: Room, alice: Member, bob: Member
) -> None:
    memberships.add(den, [bob.pk])
    MemberBlock.objects.create(member=bob, blocked=alice)
    say(den, alice, "@Bob")
    MemberBlock.objects.all().delete()
    memberships.change(den, bob.pk, notify="none")
    say(den, alice, "@Bob again")

    assert kinds(bob) == []


def test_everyone_is_called_by_those_who_may(den: Room, alice: Member, bob: Member) -> None:
    memberships.add(den, [bob.pk])

    say(den, bob, "@room listen")
    assert kinds(alice) == []
    say(den, alice, "@room listen")
    assert kinds(bob) == ["mention"]


def test_a_text_without_an_at_is_stored_by_the_single_statement(alice: Member) -> None:
    assert commit.plain_posts([commit.Post(alice.pk, "a", "hello")]) is not None
    assert commit.plain_posts([commit.Post(alice.pk, "b", "hello @Bob")]) is None
