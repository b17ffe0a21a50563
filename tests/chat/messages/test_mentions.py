"""Mentions: whom a text names, and whose inbox it comes into."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.accounts import guests
from chat.accounts.models import Member, MemberBlock
from chat.messages import commit, history, inbox, inbox_pages, mentions
from chat.messages.operations import Restore
from chat.moderation import admission, direct_messages, room_members
from chat.moderation.authorization import SYSTEM
from chat.moderation.room_rules import open_room
from chat.realtime.read_markers import save_read_markers
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
    return [item.kind for item in inbox_pages.load(member.pk, None, None).items]


def unread(member: Member) -> list[int]:
    return [number for number, *_ in inbox.unread_of([member.pk])[member.pk].places]


def named(room: Room) -> list[tuple[int, str, str | None]] | None:
    """Whom the last message of the room names, as it travels."""
    found = history.last_page(room).messages[-1].mentions
    return None if found is None else [(one.id, one.name, one.text) for one in found]


@pytest.mark.parametrize(
    ("body", "first"),
    [
        ("@Bob hello", ["Bob hello", "Bob"]),
        ("hello @Bob!", ["Bob"]),
        ("(@Guest 12)", ["Guest 12", "Guest"]),
        ("@Anne-Marie", ["Anne-Marie", "Anne"]),
        ("你好@Bob", ["Bob"]),
    ],
)
def test_a_name_follows_the_at_the_longest_first(body: str, first: list[str]) -> None:
    assert mentions.candidates(body) == [first]


@pytest.mark.parametrize(
    "body",
    [
        "write to bob@example.org",
        "`@Bob` in code",
        "``a ` @Bob``",
        "[with @Bob](https://example.org)",
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

    page = inbox_pages.load(bob.pk, None, None)
    [item] = page.items

    assert (item.number, item.kind, item.room, item.seq) == (1, "mention", "lobby", seq)
    assert (item.author.name, item.text) == ("Alice", "is @Bob here? @Bob!")
    assert (page.head, page.read, page.more) == (1, 0, False)
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

    assert inbox_pages.load(bob.pk, None, None).head == 1


def test_the_inbox_is_numbered_and_caught_up(lobby: Room, alice: Member, bob: Member) -> None:
    for number in range(3):
        say(lobby, alice, f"@Bob {number}")

    after = inbox_pages.load(bob.pk, 1, None).items
    before = inbox_pages.load(bob.pk, None, 3).items
    inbox.mark(bob.pk, 2)
    inbox.mark(bob.pk, 1)

    assert [one.number for one in after] == [2, 3]
    assert [one.number for one in before] == [1, 2]
    page = inbox_pages.load(bob.pk, None, None)
    assert (page.head, page.read) == (3, 2)
    assert [one.read for one in page.items] == [True, True, False]
    assert unread(bob) == [3]


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


def test_what_was_deleted_is_unread_no_more_until_it_is_restored(
    lobby: Room, alice: Member, bob: Member
) -> None:
    seq = say(lobby, alice, "@Bob")
    before = inbox.unread_of([bob.pk])[bob.pk]
    commit.commit_operation(lobby, commit.Delete(None, seq, moderator=True))
    gone = inbox.unread_of([bob.pk])[bob.pk]
    commit.commit_operation(lobby, Restore(None, seq))

    assert (len(before.places), len(gone.places)) == (1, 0)
    assert gone.changes > before.changes
    assert unread(bob) == [1]
    assert named(lobby) == [(bob.pk, "Bob", None)]


def test_one_item_is_read_and_no_other(lobby: Room, alice: Member, bob: Member) -> None:
    for number in range(3):
        say(lobby, alice, f"@Bob {number}")

    inbox.mark_one(bob.pk, 2)
    inbox.mark_one(bob.pk, 2)

    assert unread(bob) == [1, 3]
    assert [one.read for one in inbox_pages.load(bob.pk, None, None).items] == [False, True, False]
    assert inbox.unread_of([bob.pk])[bob.pk].changes == 1


def test_items_are_unread_again_and_no_others(lobby: Room, alice: Member, bob: Member) -> None:
    for number in range(5):
        say(lobby, alice, f"@Bob {number}")
    inbox.mark(bob.pk, 1)
    inbox.mark_one(bob.pk, 3)
    before = unread(bob)
    inbox.mark(bob.pk, 5)
    say(lobby, alice, "@Bob 6")

    inbox.unmark(bob.pk, before)

    assert before == [2, 4, 5]
    assert unread(bob) == [2, 4, 5, 6]
    inbox.unmark(bob.pk, [7, 2**40])
    assert unread(bob) == [2, 4, 5, 6]


def test_what_was_read_in_its_room_is_read(lobby: Room, alice: Member, bob: Member) -> None:
    seq = say(lobby, alice, "@Bob")
    save_read_markers({(bob.pk, lobby.pk): seq})

    assert [one.read for one in inbox_pages.load(bob.pk, None, None).items] == [True]


def test_the_last_message_of_a_conversation_is_in_the_inbox(alice: Member, bob: Member) -> None:
    room = direct_messages.open_for(alice, [bob.pk])
    say(room, alice, "hello")
    seq = say(room, alice, "are you there?")
    say(room, bob, "yes")

    [entry] = inbox_pages.load(bob.pk, None, None).direct

    assert (entry.kind, entry.room, entry.seq, entry.read) == ("direct", room.key, seq, False)
    assert (entry.author.name, entry.text) == ("Alice", "are you there?")
    assert [one.text for one in inbox_pages.load(alice.pk, None, None).direct] == ["yes"]
    save_read_markers({(bob.pk, room.pk): seq})
    assert [one.read for one in inbox_pages.load(bob.pk, None, None).direct] == [True]
    assert inbox_pages.load(bob.pk, 0, None).direct == []


def test_a_message_says_whom_it_names_by_their_names_of_now(
    lobby: Room, alice: Member, bob: Member
) -> None:
    say(lobby, alice, "@bob and `@Alice`")
    assert named(lobby) == [(bob.pk, "Bob", "bob")]

    guests.rename(member=bob, name="Robert")
    assert named(lobby) == [(bob.pk, "Robert", "bob")]
    [item] = inbox_pages.load(bob.pk, None, None).items
    assert item.text == "@Robert and `@Alice`"
    say(lobby, alice, "nobody")
    assert named(lobby) is None
    say(lobby, alice, "@nobody")
    assert named(lobby) == []


def test_a_page_without_an_at_costs_no_query_more(lobby: Room, alice: Member, bob: Member) -> None:
    say(lobby, alice, "nobody")
    with CaptureQueriesContext(connection) as without:
        history.last_page(lobby)
    say(lobby, alice, "@Bob and @Alice")
    say(lobby, alice, "@Bob")
    with CaptureQueriesContext(connection) as named_twice:
        history.last_page(lobby)

    assert len(named_twice) == len(without) + 1


def test_an_edit_says_anew_whom_it_names_and_tells_nobody(
    lobby: Room, alice: Member, bob: Member
) -> None:
    seq = say(lobby, alice, "@nobody")
    commit.commit_operation(lobby, commit.Edit(alice.pk, seq, "@Bob"))

    assert named(lobby) == [(bob.pk, "Bob", None)]
    assert kinds(bob) == []


def test_a_reaction_leaves_the_names_as_they_are(lobby: Room, alice: Member, bob: Member) -> None:
    seq = say(lobby, alice, "@Bob")
    commit.commit_operation(lobby, commit.React(bob.pk, seq, "👍", True))

    assert named(lobby) == [(bob.pk, "Bob", None)]


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


def test_everyone_is_named_where_the_author_may_call_them(
    den: Room, alice: Member, bob: Member
) -> None:
    memberships.add(den, [bob.pk])

    say(den, alice, "@room and @Bob")
    assert named(den) == [(0, "room", None), (bob.pk, "Bob", None)]
    say(den, bob, "@room listen")
    assert named(den) == []
    assert mentions.reach(den, alice.pk, "@room listen") == 1
    assert mentions.reach(den, bob.pk, "@room listen") == 0
    assert mentions.reach(den, alice.pk, "`@room`") == 0


def test_here_reaches_those_who_are_connected_and_read_there(
    lobby: Room, alice: Member, bob: Member
) -> None:
    memberships.add(lobby, [alice.pk], Membership.Role.OWNER)
    save_read_markers({(bob.pk, lobby.pk): 0})
    assert mentions.reach(lobby, alice.pk, "@here") == 0

    Member.objects.filter(pk=bob.pk).update(connected_at=timezone.now())

    assert mentions.reach(lobby, alice.pk, "@here") == 1
    say(lobby, alice, "@here")
    assert kinds(bob) == ["mention"]


def test_a_text_without_an_at_is_stored_by_the_single_statement(alice: Member) -> None:
    assert commit.plain_posts([commit.Post(alice.pk, "a", "hello")]) is not None
    assert commit.plain_posts([commit.Post(alice.pk, "b", "hello @Bob")]) is None
