"""What a node refuses, with which code, and what it tells unasked; see test_socket_contract.py."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests import clients
from tests.clients import Node
from tests.sockets import Client, wait_until

from .test_socket_contract import alice, bob, me, room

served = clients.served
__all__ = ["alice", "bob", "room"]  # the same people and places


# --- Refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("bad_command", {"type": "message.shout", "ref": "r"}),
        ("bad_command", {"type": "message.send", "ref": "r"}),
        ("bad_command", {"type": "room.enter", "ref": "r", "room": 7}),
        ("bad_command", {"type": "history.load", "room": "R", "before": 1, "limit": 101}),
        ("bad_command", {"type": "message.delete", "room": "R", "seq": -1}),
        ("bad_command", {"type": "message.send", "room": "R", "client_id": "é", "body": "b"}),
        ("invalid_text", {"type": "message.send", "room": "R", "client_id": "c", "body": "  "}),
        ("invalid_text", {"type": "message.send", "room": "R", "client_id": "c", "body": "\0"}),
        ("invalid_text", {"type": "message.edit", "room": "R", "seq": 1, "body": "\x07"}),
        ("invalid_text", {"type": "reaction.set", "room": "R", "seq": 1, "emoji": "x",
                          "on": True}),
        ("too_long", {"type": "message.send", "room": "R", "client_id": "c", "body": "x" * 4001}),
        ("not_found", {"type": "room.enter", "room": "nowhere"}),
        ("not_found", {"type": "room.enter", "room": "no\0where"}),
        ("not_found", {"type": "message.send", "room": "nowhere", "client_id": "c", "body": "b"}),
        ("not_found", {"type": "message.edit", "room": "R", "seq": 99, "body": "b"}),
        ("not_found", {"type": "message.delete", "room": "R", "seq": 99}),
        ("not_found", {"type": "reaction.set", "room": "R", "seq": 9, "emoji": "👍", "on": True}),
        ("not_found", {"type": "history.load", "room": "nowhere", "before": 1}),
        ("not_found", {"type": "message.send", "room": "R", "client_id": "c", "body": "b",
                       "reply_to": 99}),
        ("key_reused", {"type": "message.send", "room": "R", "client_id": "used", "body": "b"}),
    ],
)  # fmt: skip
def test_a_command_is_refused_with_its_code(
    room: str, alice: Client, code: str, command: dict[str, Any]
) -> None:
    alice.say(room, "the first", client_id="used")
    type_, fields = command["type"], command | {"ref": "mine"}
    del fields["type"]
    if fields.get("room") == "R":
        fields["room"] = room

    alice.send(type_, **fields)

    refused = alice.reply("mine")
    assert (refused["type"], refused["code"]) == ("command.rejected", code)
    assert refused["detail"]
    assert alice.say(room, "and the socket stays")["seq"] == 2


def test_only_its_author_may_change_a_message(room: str, alice: Client, bob: Client) -> None:
    alice.say(room, "mine")

    edited = bob.ask("message.edit", room=room, seq=1, body="yours")
    deleted = bob.ask("message.delete", room=room, seq=1)

    assert (edited["code"], deleted["code"]) == ("forbidden", "forbidden")
    assert alice.ask("message.edit", room=room, seq=1, body="still mine")["updated_seq"] == 2


@pytest.mark.parametrize(
    ("body", "kind"),
    [("a\0", "NUL"), ("\x1b[1m", "a control character (U+001B)"), ("\uffff", "no character")],
)
def test_a_text_that_cannot_be_stored_is_refused_by_the_kind_of_its_character(
    room: str, alice: Client, body: str, kind: str
) -> None:
    refused = alice.say(room, body)

    assert refused["code"] == "invalid_text"
    assert kind in refused["detail"]


BROKEN = {
    "half a pair": '{"type":"message.edit","ref":"R","room":"r","seq":1,"body":"\\udfff!"}',
    "out of range": '{"type":"history.load","ref":"R","room":"r","before":-2e400}',
    "many digits": '{"type":"member.mute","ref":"R","member":' + "1" * 9000 + ',"seconds":1}',
    "deep": '{"type":"room.leave","x":' + '[{"a":' * 1200 + "1" + "}]" * 1200 + ',"ref":"R"}',
    "escape": '{"type":"member.ban","ref":"R","member":1,"reason":"\\u00g0"}',
    "not a number": '{"type":"rules.set","slow_s":NaN,"ref":"R","room":"r","locked":false}',
    "raw control": '{"type":"message.send","ref":"R","room":"r","client_id":"c","body":"a\x1fb"}',
    "behind": '{"type":"ping","ref":"R"}}',
    "doubled": '{"type":"ping","ref":"Q","ref":"R","type":5}',
    "wrong type": '{"type":"reaction.set","ref":"R","room":["r"],"seq":{},"emoji":1,"on":"yes"}',
    "no reply": '{"type":"typing.start","ref":"R","room":{}}',
    "large": '{"type":"ping","x":"' + "é" * 8_300 + '","ref":"R"}',
}


@pytest.mark.parametrize("frame", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_sound_frame_is_refused_once_with_its_ref(alice: Client, frame: str) -> None:
    alice.socket.send(frame)

    assert alice.reply("R")["type"] == "command.rejected"
    assert not [other for other in alice.drain_until_quiet() if "ref" in other]


def test_half_of_a_surrogate_pair_is_refused_by_its_name(alice: Client) -> None:
    alice.socket.send('{"type":"ping","ref":"R","x":"\\ud83d"}')

    assert "half of a surrogate pair" in alice.reply("R")["detail"]


@pytest.mark.parametrize(
    ("body", "answer"), [("🎈" * 4000, "message.accepted"), ("字" * 5500, "bad_frame")]
)
def test_a_frame_is_measured_in_bytes(room: str, alice: Client, body: str, answer: str) -> None:
    command = {"type": "message.send", "ref": "R", "room": room, "client_id": "c", "body": body}
    frame = json.dumps(command, ensure_ascii=False)
    assert len(frame) < 16 * 1024

    alice.socket.send(frame)

    reply = alice.reply("R")
    assert answer in (reply["type"], reply.get("code"))


def test_broken_frames_over_the_limit_end_a_connection_as_they_do_below_it(alice: Client) -> None:
    with suppress(ConnectionClosed):
        for number in range(120):
            alice.send("ping", ref=f"p{number}")
        for _ in range(12):
            alice.socket.send("nonsense")

    assert alice.close_code() == 4500


@pytest.mark.parametrize("frame", ["nonsense", "", "{", '{"type":"ping","ref":"\\ud800"'])
def test_what_is_not_json_is_a_bad_frame(alice: Client, frame: str) -> None:
    alice.socket.send(frame + " ")  # Daphne swallows empty frames

    assert alice.receive("command.rejected")["code"] == "bad_frame"
    assert alice.ask("ping")["type"] == "pong"


@pytest.mark.parametrize("frame", ["null", "[]", '"x"', "1", "[" * 15_000, "NaN", "1e999"])
def test_what_is_no_object_is_refused(alice: Client, frame: str) -> None:
    alice.socket.send(frame)

    assert alice.receive("command.rejected")["code"] in {"bad_frame", "bad_command"}
    assert alice.ask("ping")["type"] == "pong"


def test_who_keeps_talking_nonsense_is_told_to_stay_away(alice: Client) -> None:
    # It is told after the tenth; whether the last two still go out is nobody's promise.
    with suppress(ConnectionClosed):
        for _ in range(12):
            alice.socket.send("nonsense")

    assert alice.close_code() == 4500
    assert alice.receive("bye")["code"] == 4500


def test_too_many_messages_are_refused_with_the_time_to_wait(room: str, alice: Client) -> None:
    replies = [alice.say(room, f"line {number}") for number in range(40)]

    refused = [reply for reply in replies if reply["type"] == "command.rejected"]
    assert refused, "40 messages at once went through"
    assert refused[0]["code"] == "rate_limited"
    assert 0 < refused[0]["retry_ms"] <= 200
    time.sleep(refused[-1]["retry_ms"] / 1000)
    assert alice.say(room, "after the wait")["type"] == "message.accepted"


def test_too_many_commands_are_refused_each_with_its_ref(alice: Client) -> None:
    refs = [f"p{number}" for number in range(150)]

    for ref in refs:
        alice.send("ping", ref=ref)

    replies = [alice.reply(ref) for ref in refs]
    refused = [reply for reply in replies if reply["type"] == "command.rejected"]
    assert 0 < len(refused) <= 60
    assert {reply["code"] for reply in refused} == {"rate_limited"}
    assert all(0 < reply["retry_ms"] <= 60 for reply in refused)


def test_fields_that_nobody_knows_are_ignored(room: str, alice: Client) -> None:
    accepted = alice.say(room, "hello", from_the_future={"deep": [1, 2]})

    assert accepted["type"] == "message.accepted"


def test_a_reply_echoes_the_ref_as_it_was(alice: Client) -> None:
    ref = "ünï “quoted” \\ \n" + "x" * 45

    alice.send("ping", ref=ref)

    pong = alice.reply(ref)
    assert pong["type"] == "pong"
    assert pong["time"].endswith("Z")


# --- Unasked --------------------------------------------------------------------------------


def test_people_come_and_go(served: Node, room: str, alice: Client) -> None:
    state = alice.receive("presence.state")
    assert (state["room"], state["count"], state["members"]) == (room, 1, [me(alice)])

    bob = served.connect()
    bob.enter(room)
    came = alice.receive("presence.diff", count=2)
    bob.close()
    went = alice.receive("presence.diff", count=1)

    assert bob.receive("presence.state")["count"] == 2
    assert me(bob) in came["joined"]
    assert (went["joined"], went["left"]) == ([], [me(bob)])


def test_typing_is_told_and_ends_with_the_message(room: str, alice: Client, bob: Client) -> None:
    bob.send("typing.start", room=room)
    typing = alice.receive("typing")
    bob.say(room, "said")
    ended = alice.receive("typing")

    assert (typing["room"], typing["names"]) == (room, [me(bob)["name"]])
    assert ended["names"] == []


def test_a_heartbeat_tells_how_far_each_room_is(served: Node, room: str, alice: Client) -> None:
    alice.say(room, "one")
    alice.ask("ping")
    # Each second is the turn of those whose number has the same rest by 25.
    people = [served.connect() for _ in range(26)]
    for person in people:
        person.enter(room)

    # Who was not in the room yet when its turn came hears of no room.
    beat = wait_until(lambda: any_heartbeat(people))

    assert beat["heads"] == {room: 1}


def any_heartbeat(people: list[Client]) -> dict[str, Any] | None:
    for person in people:
        person.listen(0.01)
        for frame in person.heard:
            if frame["type"] == "heartbeat" and frame["heads"]:
                return frame
    return None


def test_a_read_mark_is_stored_and_answered_by_nothing(
    served: Node, room: str, alice: Client
) -> None:
    alice.say(room, "read me")
    alice.changes(1)
    alice.drain_until_quiet()

    alice.send("read.mark", room=room, seq=1)

    heard = [frame["type"] for frame in alice.drain_until_quiet()]
    assert set(heard) <= {"presence.diff", "heartbeat"}
    count = (
        "from chat.models import ReadMark;"
        f"print(ReadMark.objects.filter(room__key={room!r}, seq=1).count())"
    )
    wait_until(lambda: served.manage("shell", "-v0", "-c", count).strip() == "1")


# --- The end of a session -------------------------------------------------------------------


def test_leaving_ends_all_sockets_of_the_session(served: Node) -> None:
    cookie = next(served.cookies)
    tabs = [served.connect(cookie), served.connect(cookie)]
    other = served.connect()

    served.post("/leave/", cookie)

    for tab in tabs:
        assert tab.close_code() == 4501
        assert tab.receive("bye")["code"] == 4501
    assert other.ask("ping")["type"] == "pong"


def test_a_new_name_reaches_open_sockets(served: Node, room: str, alice: Client) -> None:
    cookie = next(served.cookies)
    tab = served.connect(cookie)
    tab.enter(room)
    alice.receive("presence.diff", count=2)
    new = {"id": me(tab)["id"], "name": "Somebody Else"}

    served.post("/rename/", cookie, name="Somebody Else")

    while new not in alice.receive("presence.diff")["joined"]:
        pass  # who came before is told first
    tab.say(room, "under my new name")
    assert alice.changes(1)["messages"][0]["author"] == new
