"""What only a real Daphne shows: close codes, the drain, threads, and sockets that misbehave."""

import json
import sqlite3
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests import clients
from tests.clients import Node, deployment
from tests.sockets import BINARY, CLOSE, LIST_EVENTS, PATIENCE_SECONDS, PING, PONG, Frame, framed

served = clients.served


@pytest.fixture
def room(served: Node) -> str:
    return next(served.rooms)


@contextmanager
def room_locked(node: Node, room: str) -> Iterator[None]:
    """Nothing is committed in this room (on SQLite: in any) until the block ends."""
    url = node.environment["DATABASE_URL"]
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.rollback()
            connection.close()
        return
    with psycopg.connect(url) as postgres:
        postgres.execute(
            "SELECT FROM chat_roomhead JOIN chat_room ON room_id = id WHERE key = %s FOR UPDATE",
            [room],
        )
        yield
        postgres.rollback()


# --- Coming and going -----------------------------------------------------------------------


def test_a_visitor_without_a_name_is_told_so_and_not_to_come_back(served: Node) -> None:
    raw = served.raw_socket(signed_in=False)

    assert raw.event()["type"] == "bye"
    opcode, payload = raw.frame()

    assert (opcode, int.from_bytes(payload[:2])) == (CLOSE, 4501)


@pytest.mark.parametrize("cookie", ["member=forged", "member=", "member=\xff", "other=1", "member"])
def test_a_forged_cookie_is_as_good_as_none(served: Node, cookie: str) -> None:
    raw = served.raw_socket(signed_in=False, cookie=cookie)

    assert raw.status == 101
    assert raw.end() == 4501
    assert "Traceback" not in served.log


@pytest.mark.slow
def test_a_socket_that_only_listens_stays_open(served: Node, room: str) -> None:
    alice, bob = served.connect(), served.connect()
    alice.enter(room)
    bob.enter(room)

    # Shorter than the servers' pings; channels_redis #422 cut such sockets off after 5.5 s.
    time.sleep(12)

    alice.say(room, "still there?")
    assert bob.changes(1)["messages"][0]["body"] == "still there?"


def test_a_node_that_stops_answers_all_that_was_sent_and_says_good_bye() -> None:
    with deployment() as place, place.node("leaving") as node:
        room = next(node.rooms)
        people = [node.connect() for _ in range(5)]
        for person in people:
            person.enter(room)
        with room_locked(node, room):
            for person in people:
                for number in range(10):
                    client_id = str(uuid.uuid4())
                    person.send(
                        "message.send", ref=f"m{number}", room=room, client_id=client_id, body="x"
                    )
                # The pong says that the messages before it have been received.
                person.ask("ping")
            began = time.monotonic()
            node.process.terminate()
            time.sleep(0.5)

        for person in people:
            assert person.close_code() == 4000
            bye = person.receive("bye")
            assert bye["code"] == 4000
            assert 0 <= bye["retry_ms"] <= 15_000
            answers = [person.reply(f"m{number}")["type"] for number in range(10)]
            assert answers == ["message.accepted"] * 10
        assert node.process.wait(PATIENCE_SECONDS) == 0
        assert time.monotonic() - began < PATIENCE_SECONDS
        assert "Traceback" not in node.log


def test_a_node_without_people_stops_at_once() -> None:
    with deployment() as place, place.node("idle") as node:
        # It listens a moment before it hears signals.
        urllib.request.urlopen(f"{node.origin}/healthz").close()  # noqa: S310 - our own node
        began = time.monotonic()

        assert node.stop() == 0

        assert time.monotonic() - began < PATIENCE_SECONDS


# --- Threads and connections ----------------------------------------------------------------


@pytest.mark.postgres
def test_a_room_that_is_stuck_holds_up_no_other(served: Node, room: str) -> None:
    elsewhere = next(served.rooms)
    alice, bob = served.connect(), served.connect()
    alice.enter(room)
    bob.enter(elsewhere)

    with room_locked(served, room):
        alice.send("message.send", ref="stuck", room=room, client_id="stuck", body="x")
        for number in range(5):
            assert bob.say(elsewhere, str(number))["seq"] == number + 1
            assert served.connect().enter(room)["head"] == 0
        assert not any(frame.get("ref") == "stuck" for frame in alice.heard)

    assert alice.reply("stuck")["type"] == "message.accepted"


@pytest.mark.postgres
def test_connections_to_the_database_stay_few(served: Node, room: str) -> None:
    people = [served.connect() for _ in range(30)]

    for person in people:
        person.enter(room)
        person.say(room, "hello")

    with psycopg.connect(served.environment["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    assert row[0] - 1 <= 16


# --- Frames that are none -------------------------------------------------------------------

HANGS_UP = [
    ("a reserved bit", framed("{}", first=0xC1)),
    ("a reserved opcode", framed("{}", first=0x83)),
    ("a reserved control opcode", framed("", first=0x8B)),
    ("no mask", b"\x81\x02{}"),
    ("a continuation of nothing", framed("{}", first=0x80)),
    ("a ping in fragments", framed("", first=0x09)),
    ("a ping that is too long", framed("x" * 126, PING)),
    ("bad UTF-8", framed(b'{"type":"\xff"}')),
    ("half a character", framed(b'{"type":"\xe2\x82')),
    ("a surrogate in UTF-8", framed(b'"\xed\xa0\x80"')),
    ("too large a frame", framed("[" * 200_000)),
    ("a header that promises a gigabyte", b"\x81\xff" + (1 << 30).to_bytes(8) + b"mask"),
    ("too many fragments", framed("x" * 60_000, first=0x01) + framed("x" * 60_000, first=0x00)),
    ("a longer length than needed", b"\x81\xfe\x00\x02maskxx"),
    ("noise", b"\xf7\x93\x00\xff" * 50),
]


@pytest.mark.parametrize(("what", "sent"), HANGS_UP, ids=[what for what, _ in HANGS_UP])
def test_what_breaks_the_protocol_is_hung_up_on(served: Node, what: str, sent: bytes) -> None:
    neighbour, mallory = served.connect(), served.raw_socket()
    mallory.event()

    mallory.socket.sendall(sent)

    assert mallory.end() == 1006
    assert neighbour.ask("ping")["type"] == "pong"
    assert "Traceback" not in served.log


def test_a_binary_frame_is_not_our_protocol(served: Node) -> None:
    mallory = served.raw_socket()
    mallory.event()

    mallory.send(b"\x00\x01", BINARY)

    assert mallory.event()["code"] == 4500
    assert mallory.end() == 4500


@pytest.mark.parametrize("frame", ["", "[" * 16_000, '{"a":' * 3_000, "1" * 5_000, "x" * 16_385])
def test_a_frame_to_choke_on_is_refused_and_the_socket_stays(served: Node, frame: str) -> None:
    mallory = served.raw_socket()
    mallory.event()

    mallory.send(frame)

    assert mallory.event()["code"] in {"bad_frame", "bad_command"}
    mallory.ask("ping", ref="p")
    assert mallory.event()["type"] == "pong"
    assert "Traceback" not in served.log


@pytest.mark.parametrize("step", [1, 2, 7, 100])
def test_frames_arrive_whole_however_they_are_cut(served: Node, room: str, step: int) -> None:
    alice = served.raw_socket()
    alice.event()
    bodies = ["short", "ünï 語 😀", "l" * 300, "o" * 4000]
    commands = [
        {"type": "message.send", "ref": str(number), "room": room, "client_id": f"{step}-{number}",
         "body": body}
        for number, body in enumerate(bodies)
    ]  # fmt: skip
    texts = [json.dumps(command, ensure_ascii=False) for command in commands]
    halves = [(text[: len(text) // 2], text[len(text) // 2 :]) for text in texts]
    sent = b"".join(
        # Whole, with a ping behind it; then the same in two fragments with a ping between them.
        framed(text) + framed("hi", PING) + framed(first, first=0x01) + framed("between", PING)
        + framed(second, first=0x80)
        for text, (first, second) in zip(texts, halves, strict=True)
    )  # fmt: skip

    for start in range(0, len(sent), step):
        alice.socket.sendall(sent[start : start + step])

    answers: list[Frame] = []
    pongs = 0
    while len(answers) < 8 or pongs < 8:
        opcode, payload = alice.frame()
        if opcode == PONG:
            pongs += 1
        elif (event := json.loads(payload))["type"] not in LIST_EVENTS:
            answers.append(event)
    assert [answer["type"] for answer in answers] == ["message.accepted"] * 8
    assert sorted(answer["seq"] for answer in answers) == sorted([1, 2, 3, 4] * 2)
    entered = served.connect().enter(room)
    assert [message["body"] for message in entered["messages"]] == bodies


def test_who_hangs_up_in_the_middle_of_anything_disturbs_nobody(served: Node, room: str) -> None:
    neighbour = served.connect()
    neighbour.enter(room)

    for cut in (1, 3, 10, 40):
        mallory = served.raw_socket()
        mallory.ask("room.enter", ref="in", room=room)
        mallory.socket.sendall(framed(json.dumps({"type": "ping", "ref": "p" * 50}))[:cut])
        mallory.reset()

    assert neighbour.say(room, "still here")["seq"] == 1
    assert "Traceback" not in served.log
