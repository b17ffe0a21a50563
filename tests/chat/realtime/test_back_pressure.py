"""A slow, hostile or absent client costs the others nothing: seen from outside, on a real node."""

import itertools
import json
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients import Node, deployment
from tests.sockets import PATIENCE_SECONDS, PING, TEXT, Client, Frame, RawSocket, framed, wait_until

MIB = 1 << 20
# More than the kernel holds for a socket that nobody reads.
BUSY_MESSAGES = 4_000
BODY = "x" * 4_000


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """Without rate limits: what holds here holds by back-pressure alone."""
    with deployment() as place, place.node(RATE_LIMITS="off") as node:
        yield node


@pytest.fixture
def room(node: Node) -> str:
    return next(node.rooms)


class Neighbour:
    """Someone who says something now and then, and measures how long it takes."""

    def __init__(self, node: Node, room: str) -> None:
        self.client = node.connect()
        self.room = room
        self.client.enter(room)
        self.answers = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._talk)

    def __enter__(self) -> "Neighbour":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _talk(self) -> None:
        while not self._over.wait(0.02):
            assert self.client.say(self.room, "hello")["type"] == "message.accepted"
            self.answers += 1


def fill(client: Client, room: str, count: int) -> int:
    """Say so much, a window of 50 at a time; the number of the last message."""
    last = 0
    for start in range(0, count, 50):
        for number in range(start, start + 50):
            client_id = str(uuid.uuid4())
            client.send("message.send", ref=f"f{number}", room=room, client_id=client_id, body=BODY)
        last = max(client.reply(f"f{number}")["seq"] for number in range(start, start + 50))
        # What it hears itself is not looked at.
        client.forget()
    return last


def listen(sleeper: RawSocket, to: int) -> list[tuple[int, int]]:
    """Read on up to this number: which numbers each frame covered."""
    covered: list[tuple[int, int]] = []
    while not covered or covered[-1][1] < to:
        event = sleeper.event()
        if event["type"] == "room.changes":
            covered.append((event["from"], event["to"]))
    return covered


def test_a_slow_reader_disturbs_nobody_and_resumes_where_it_was(node: Node, room: str) -> None:
    sleeper = node.raw_socket(receive_buffer=4096)
    sleeper.ask("room.enter", ref="in", room=room)
    while sleeper.event()["type"] != "room.entered":
        pass
    talker = node.connect()
    talker.enter(room)
    fill(talker, room, 600)
    before = node.memory()

    covered: list[tuple[int, int]] = []
    with Neighbour(node, next(node.rooms)) as neighbour:
        for _ in range(8):
            head = fill(talker, room, BUSY_MESSAGES // 8)
            # A fifth of it, lest it be cut off on a machine that takes long for all.
            covered += listen(sleeper, covered[-1][1] + 100 if covered else 100)
    grown = node.memory() - before
    covered += listen(sleeper, head)

    assert neighbour.answers >= 2
    # The ring was full before; what the sleeper has not taken is 13 MB.
    assert grown < 8 * MIB
    starts = [first for first, _ in covered]
    assert starts == [1] + [last + 1 for _, last in covered[:-1]]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="looks where only Linux shows it")
def test_the_kernel_does_not_hold_megabytes_for_who_does_not_read(node: Node, room: str) -> None:
    sleeper = node.raw_socket(receive_buffer=4096)
    sleeper.ask("room.enter", ref="in", room=room)
    while sleeper.event()["type"] != "room.entered":
        pass
    talker = node.connect()
    talker.enter(room)

    fill(talker, room, 500)

    assert 0 < waiting_in_kernel(node.port, sleeper.socket.getsockname()[1]) < 128 * 1024


def waiting_in_kernel(port: int, peer: int) -> int:
    """How much the kernel holds of what was written from this port to that one, unread."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if (int(local.split(":")[1], 16), int(remote.split(":")[1], 16)) == (port, peer):
            return int(queues.split(":")[0], 16)
    return 0


@pytest.mark.slow
def test_who_never_reads_is_cut_off_after_twenty_seconds(node: Node, room: str) -> None:
    sleeper = node.raw_socket(receive_buffer=4096)
    sleeper.ask("room.enter", ref="in", room=room)
    talker = node.connect()
    talker.enter(room)
    fill(talker, room, BUSY_MESSAGES)
    talker.receive("presence.diff", count=1, seconds=30)

    assert sleeper.end() == 1006


def flood(raw: RawSocket, frame: bytes, seconds: float) -> int:
    """Send this frame for so long, as fast as it is taken, and read nothing. How many went."""
    raw.socket.settimeout(0.2)
    many, sent, deadline = frame * 200, 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            sent += raw.socket.send(many[sent % len(frame) :])
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return sent // len(frame)


@pytest.mark.parametrize(
    "command",
    [
        {"type": "ping", "ref": "p"},
        {"type": "history.load", "ref": "h", "before": 1000, "limit": 100},
        {"type": "room.enter", "ref": "e"},
        {"type": "message.delete", "ref": "d", "seq": 10**9},
        {"type": "typing.start"},
    ],
    ids=lambda command: command["type"],
)
def test_a_flood_of_commands_is_taken_no_faster_than_it_is_answered(
    node: Node, room: str, command: dict[str, Any]
) -> None:
    talker = node.connect()
    talker.enter(room)
    fill(talker, room, 100)
    frame = framed(json.dumps(command | {"room": room}))
    mallory = node.raw_socket(receive_buffer=4096)
    flood(mallory, frame, 0.5)
    before = node.memory()

    def served_in_the_flood() -> bool:
        flood(mallory, frame, 2)
        return neighbour.answers >= 2

    with Neighbour(node, next(node.rooms)) as neighbour:
        # However slow the machine, the neighbour's turn comes while the flood goes on.
        wait_until(served_in_the_flood)
    grown = node.memory() - before

    # Of what is to be committed ten thousand may wait in a room, and then it is `busy`.
    assert grown < (16 if command["type"].startswith("message") else 8) * MIB


def test_a_flood_of_pings_is_cut_off(node: Node) -> None:
    mallory = node.raw_socket(receive_buffer=4096)
    mallory.event()

    sent = flood(mallory, framed("x" * 125, PING), 5)

    assert sent < 100_000
    mallory.socket.settimeout(PATIENCE_SECONDS)
    assert mallory.end() == 1006


def test_a_few_pings_are_answered(node: Node) -> None:
    alice = node.raw_socket()
    alice.event()

    for number in range(10):
        alice.send(str(number), PING)

    # A heartbeat may come in between.
    frames = (alice.frame() for _ in range(12))
    pongs = (payload for opcode, payload in frames if opcode != TEXT)
    answers = list(itertools.islice(pongs, 10))
    assert answers == [str(number).encode() for number in range(10)]


def test_with_rate_limits_who_does_not_wait_as_told_is_closed_for_a_while() -> None:
    with deployment() as place, place.node(RATE_LIMITS="on") as limited:
        mallory = limited.raw_socket()
        mallory.event()

        answers: list[Frame] = []
        while not answers or answers[-1]["type"] != "bye":
            if len(answers) % 10 == 0:
                # Few enough at a time that some are allowed in between.
                time.sleep(0.02)
                mallory.socket.sendall(framed('{"type":"ping","ref":"p"}') * 10)
            answers.append(mallory.event())

        kinds = [answer["type"] for answer in answers]
        assert kinds.count("pong") >= 100
        # A heartbeat may come between the last of them and the end.
        rejected = [answer for answer in answers if answer["type"] == "command.rejected"]
        assert len(rejected) >= 100
        assert rejected[-1]["code"] == "rate_limited"
        assert (answers[-1]["code"], answers[-1]["retry_ms"]) == (4029, 5000)
        assert mallory.end() == 4029
