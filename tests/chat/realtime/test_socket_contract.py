"""The wire contract as conversations with a real node: every command, reply, refusal and event."""

import uuid
from typing import Any

import pytest

from tests import clients
from tests.clients import Node
from tests.sockets import Client

served = clients.served


@pytest.fixture
def room(served: Node) -> str:
    return next(served.rooms)


@pytest.fixture
def alice(served: Node, room: str) -> Client:
    return someone_in(room, served)


@pytest.fixture
def bob(served: Node, room: str) -> Client:
    return someone_in(room, served)


def someone_in(room: str, node: Node) -> Client:
    client = node.connect()
    client.enter(room)
    return client


def me(client: Client) -> dict[str, Any]:
    return dict(client.hello["me"])


def test_hello_says_who_i_am_and_what_holds_here(served: Node) -> None:
    hello = served.connect().hello

    assert hello["me"]["name"].startswith("Guest ")
    assert hello["version"] == 1
    assert hello["heartbeat_s"] == 25
    assert hello["limits"] == {"body": 4000, "frame": 16384}
    assert hello["node"] == "node"
    assert hello["connection"]


# --- Entering -------------------------------------------------------------------------------


def test_an_empty_room_is_entered_at_nought(served: Node, room: str) -> None:
    entered = served.connect().enter(room)

    assert entered["messages"] == []
    assert (entered["head"], entered["from"], entered["to"], entered["to_id"]) == (0, 1, 0, None)
    assert entered["more"] is False
    assert "reset" not in entered


def test_a_newcomer_gets_the_last_page(served: Node, room: str, alice: Client) -> None:
    said = [alice.say(room, f"line {number}") for number in range(3)]

    entered = served.connect().enter(room)

    assert [m["body"] for m in entered["messages"]] == ["line 0", "line 1", "line 2"]
    assert (entered["from"], entered["to"], entered["to_id"]) == (1, 3, said[-1]["id"])


def test_who_comes_back_gets_what_changed_meanwhile(served: Node, room: str, alice: Client) -> None:
    first = alice.say(room, "before")
    bob = served.connect()
    seen = bob.enter(room)
    bob.ask("room.leave", room=room)
    alice.say(room, "meanwhile")
    alice.ask("message.edit", room=room, seq=first["seq"], body="before, edited")

    entered = bob.enter(room, {"epoch": seen["epoch"], "seq": seen["to"], "id": seen["to_id"]})

    assert (entered["from"], entered["to"], entered["more"]) == (2, 3, False)
    assert [(m["seq"], m["updated_seq"], m["body"]) for m in entered["messages"]] == [
        (2, 2, "meanwhile"),
        (1, 3, "before, edited"),
    ]


def test_who_missed_more_than_a_frame_asks_again_from_where_it_was_cut(
    served: Node, room: str, alice: Client
) -> None:
    for _ in range(18):
        alice.say(room, "x" * 4000)
    bob = served.connect()

    first = bob.enter(room, {"epoch": alice_epoch(served, room), "seq": 0, "id": None})
    then = bob.enter(room, {"epoch": first["epoch"], "seq": first["to"], "id": first["to_id"]})

    assert first["more"] is True
    assert (then["from"], then["to"], then["more"]) == (first["to"] + 1, 18, False)
    assert [m["seq"] for m in first["messages"] + then["messages"]] == list(range(1, 19))
    alice.say(room, "and on")
    assert bob.changes(19)["from"] == 19


def alice_epoch(node: Node, room: str) -> str:
    return str(node.connect().enter(room)["epoch"])


@pytest.mark.parametrize(
    ("reset", "since"),
    [
        ("epoch", {"epoch": "another"}),
        ("ahead", {"seq": 10**9}),
        ("mismatch", {"id": str(uuid.uuid4())}),
    ],
)
def test_a_position_of_another_log_is_reset(
    served: Node, room: str, alice: Client, reset: str, since: dict[str, Any]
) -> None:
    said = alice.say(room, "hello")
    bob = served.connect()
    seen = bob.enter(room)
    position = {"epoch": seen["epoch"], "seq": said["seq"], "id": said["id"]}
    assert "reset" not in bob.enter(room, position)

    entered = bob.enter(room, position | since)

    assert entered["reset"] == reset
    assert [m["body"] for m in entered["messages"]] == ["hello"]
    alice.say(room, "again")
    assert bob.changes(2)["messages"][0]["body"] == "again"


def test_who_missed_too_much_starts_from_the_last_page(served: Node) -> None:
    served.manage(
        "shell", "-v0", "-c",
        "from chat.messages import commit\n"
        "from chat.models import Member, Room\n"
        "author, lobby = Member.objects.first(), Room.objects.get(key='lobby')\n"
        "posts = [commit.Post(author.pk, f'many-{n}', 'one of many') for n in range(511)]\n"
        "commit.commit_batch(lobby, posts)\n",
    )  # fmt: skip
    bob = served.connect()
    epoch = bob.enter("lobby")["epoch"]

    entered = bob.enter("lobby", {"epoch": epoch, "seq": 1, "id": None})

    assert entered["reset"] == "too_far"
    assert entered["to"] == entered["head"] > 510


def test_a_room_that_is_left_is_heard_no_more(room: str, alice: Client, bob: Client) -> None:
    assert bob.ask("room.leave", room=room) == {"type": "room.left", "ref": "2", "room": room}
    bob.drain_until_quiet()

    alice.say(room, "are you there?")
    alice.changes(1)

    heard = [frame for frame in bob.drain_until_quiet() if frame["type"] != "heartbeat"]
    assert heard == []


# --- Saying ---------------------------------------------------------------------------------


def test_a_message_is_accepted_and_reaches_everyone(room: str, alice: Client, bob: Client) -> None:
    accepted = alice.say(room, "hello", client_id="my-id")

    assert accepted["type"] == "message.accepted"
    assert accepted["client_id"] == "my-id"
    trace = accepted["trace"]
    assert trace["received"] <= trace["committed"] <= trace["published"]
    for someone in (alice, bob):
        changes = someone.changes(1)
        assert (changes["room"], changes["from"], changes["to"]) == (room, 1, 1)
        assert changes["to_id"] == accepted["id"]
        [message] = changes["messages"]
        assert message.pop("created_at").endswith("Z")
        assert message == {
            "id": accepted["id"],
            "seq": 1,
            "updated_seq": 1,
            "author": me(alice),
            "body": "hello",
            "client_id": "my-id",
        }


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("message.send", {"body": "plain", "client_id": "a-1"}),
        ("message.send", {"body": "**bold**", "client_id": "a-2"}),
        ("message.send", {"body": "an answer", "client_id": "a-3", "reply_to": 1}),
        ("message.edit", {"seq": 1, "body": "edited"}),
        ("reaction.set", {"seq": 1, "emoji": "👍", "on": True}),
        ("message.delete", {"seq": 1}),
    ],
)
def test_the_author_is_answered_before_the_room_is_told(
    room: str, alice: Client, bob: Client, type_: str, fields: dict[str, Any]
) -> None:
    alice.say(room, "first")
    for someone in (alice, bob):
        someone.changes(1)
    alice.forget()

    alice.ask(type_, room=room, **fields)

    assert bob.changes(2)
    alice.changes(2)
    types = [frame["type"] for frame in alice.heard]
    accepted = "message.accepted" if type_ == "message.send" else "change.accepted"
    assert types.index(accepted) < types.index("room.changes")


def test_a_repeat_gets_the_same_answer_and_takes_no_number(room: str, alice: Client) -> None:
    first = alice.say(room, "once", client_id="twice")

    again = alice.say(room, "once", client_id="twice")

    assert (again["seq"], again["id"]) == (first["seq"], first["id"])
    assert alice.say(room, "next")["seq"] == 2


def test_an_answer_names_what_it_answers(room: str, alice: Client, bob: Client) -> None:
    alice.say(room, "a question")

    bob.say(room, "an answer", reply_to=1)

    assert alice.changes(2)["messages"][0]["reply_to"] == 1


def test_an_edit_a_reaction_and_a_deletion_take_a_number_each(
    room: str, alice: Client, bob: Client
) -> None:
    alice.say(room, "first draft")

    edited = alice.ask("message.edit", room=room, seq=1, body="hello")
    reacted = bob.ask("reaction.set", room=room, seq=1, emoji="👍", on=True)
    bob_heard = [bob.changes(number)["messages"][0] for number in (2, 3)]
    unreacted = bob.ask("reaction.set", room=room, seq=1, emoji="👍", on=False)
    deleted = alice.ask("message.delete", room=room, seq=1)

    for updated_seq, reply in enumerate([edited, reacted, unreacted, deleted], 2):
        assert reply["type"] == "change.accepted"
        assert (reply["seq"], reply["updated_seq"]) == (1, updated_seq)
    assert bob_heard[0]["body"] == "hello"
    assert bob_heard[0]["edited_at"]
    assert bob_heard[1]["reactions"] == [{"emoji": "👍", "members": [me(bob)]}]
    assert "reactions" not in bob.changes(4)["messages"][0]
    tombstone = bob.changes(5)["messages"][0]
    assert (tombstone["deleted"], tombstone["body"], tombstone["seq"]) == (True, "", 1)
    assert "edited_at" not in tombstone


def test_older_messages_come_by_pages(room: str, alice: Client) -> None:
    for number in range(1, 6):
        alice.say(room, f"line {number}")

    page = alice.ask("history.load", room=room, before=5, limit=3)
    rest = alice.ask("history.load", room=room, before=2, limit=3)

    assert [m["seq"] for m in page["messages"]] == [2, 3, 4]
    assert (page["type"], page["room"], page["more"]) == ("history.page", room, True)
    assert ([m["seq"] for m in rest["messages"]], rest["more"]) == ([1], False)
