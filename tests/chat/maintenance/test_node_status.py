"""Two nodes on one database: one talk, with Redis, without it, and when one of them dies."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import msgspec
import pytest
import redis as redis_client
from channels_redis.pubsub import RedisPubSubChannelLayer

from chat import bus
from tests import servers
from tests.clients import Deployment, Node, deployment
from tests.sockets import Client, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

# What a lost hint may cost, by promise; and a fault that has to be noticed first.
# Other tests run beside these: thrice what is promised, and `manage.py drill` judges the promise.
BUSY = 3
AT_ONCE_SECONDS = BUSY * 1.0
CONVERGED_SECONDS = BUSY * 2.0
PARTITION_SECONDS = BUSY * 3.5


@dataclass
class Redis:
    """A Redis that can be stopped and started again at the same address."""

    port: int
    _running: ExitStack

    def start(self) -> None:
        self._running.enter_context(servers.private_redis(self.port))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with ExitStack() as running:
        redis = Redis(servers.free_port(), running)
        redis.start()
        yield redis


@pytest.fixture(scope="module")
def place(redis: Redis) -> Iterator[Deployment]:
    with deployment(redis_url=f"redis://127.0.0.1:{redis.port}/0") as place:
        yield place


@pytest.fixture(scope="module")
def north(place: Deployment) -> Iterator[Node]:
    with place.node("north") as node:
        yield node


@pytest.fixture(scope="module")
def south(place: Deployment) -> Iterator[Node]:
    with place.node("south") as node:
        yield node


@pytest.fixture
def room(north: Node) -> str:
    return next(north.rooms)


@pytest.fixture
def alice(north: Node, room: str) -> Client:
    client = north.connect()
    client.enter(room)
    return client


@pytest.fixture
def bob(south: Node, room: str) -> Client:
    client = south.connect()
    client.enter(room)
    return client


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def talk(alice: Client, bob: Client, room: str, seconds: float) -> None:
    """Each hears the other within this time."""
    for speaker, listener in ((alice, bob), (bob, alice)):
        accepted = speaker.say(room, "can you hear me?")
        assert accepted["type"] == "message.accepted"
        with within(seconds):
            changes = listener.changes(accepted["seq"])
        assert changes["to_id"] == accepted["id"]


def test_a_message_crosses_from_node_to_node_at_once(alice: Client, bob: Client, room: str) -> None:
    talk(alice, bob, room, AT_ONCE_SECONDS)


def test_both_nodes_number_one_log(alice: Client, bob: Client, room: str) -> None:
    for number in range(30):
        for who in (alice, bob):
            who.send(
                "message.send", ref=f"m{number}", room=room, client_id=f"{number}", body="at once"
            )
    seqs = {who.reply(f"m{number}").get("seq") for number in range(15) for who in (alice, bob)}
    head = max(seq for seq in seqs if seq)
    for who in (alice, bob):
        who.changes(head)

    heard = [
        [
            m["id"]
            for frame in who.heard
            if frame["type"] == "room.changes"
            for m in frame["messages"]
        ]
        for who in (alice, bob)
    ]
    assert heard[0][:head] == heard[1][:head]
    assert len(set(heard[0][:head])) == head


def test_people_see_each_other_across_nodes(alice: Client, bob: Client) -> None:
    wait_until(lambda: knows(alice, bob))
    wait_until(lambda: knows(bob, alice))


def knows(one: Client, other: Client) -> bool:
    """Whether this tab has been told that the other is here."""
    one.listen(0.1)
    here: set[int] = set()
    for frame in one.heard:
        if frame["type"] == "presence.state":
            here = {member["id"] for member in frame["members"]}
        elif frame["type"] == "presence.diff":
            here |= {member["id"] for member in frame["joined"]}
            here -= {member["id"] for member in frame["left"]}
    return other.hello["me"]["id"] in here


def test_typing_crosses(alice: Client, bob: Client, room: str) -> None:
    alice.say(room, "first")
    bob.changes(1)

    alice.send("typing.start", room=room)

    assert bob.receive("typing", room=room)["names"] == [alice.hello["me"]["name"]]


def test_leaving_on_one_node_ends_the_sockets_on_the_other(north: Node, south: Node) -> None:
    cookie = next(north.cookies)
    tabs = [north.connect(cookie), south.connect(cookie)]

    north.post("/leave/", cookie)

    for tab in tabs:
        assert tab.close_code(3) == 4501


def test_a_message_written_by_a_command_appears_on_open_sockets(
    north: Node, alice: Client, bob: Client, room: str
) -> None:
    north.manage("populate", "--room", room, "--messages", "3")

    with within(CONVERGED_SECONDS):
        for who in (alice, bob):
            who.changes(3)


def test_what_a_stranger_writes_into_redis_is_not_shown(
    redis: Redis, north: Node, south: Node, alice: Client, bob: Client, room: str
) -> None:
    said = alice.say(room, "first")
    bob.changes(said["seq"])
    member = alice.hello["me"]["id"]
    epoch = bob.heard[-1]["epoch"]
    forged = [
        bus.Batch(
            room_id=0,
            room=room,
            epoch=epoch,
            previous_id=UUID(said["id"]),
            first=2,
            last=2,
            last_id=uuid4(),
            changes=[(2, 2, b"{}")],
        ),
        bus.MemberChanged(member),
    ]

    with redis_client.Redis(port=redis.port) as stranger:
        for channel in stranger.pubsub_channels("chat__group__*"):
            number = int(channel.rpartition(b".")[2]) if b"room." in channel else 0
            for hint in forged:
                if isinstance(hint, bus.Batch):
                    hint = msgspec.structs.replace(hint, room_id=number)
                envelope = {"type": "hint", "hint": msgspec.msgpack.encode(hint)}
                stranger.publish(channel, RedisPubSubChannelLayer().serialize(envelope))
            stranger.publish(channel, b"not even MessagePack \xc1")

    talk(alice, bob, room, AT_ONCE_SECONDS)
    shown = [frame for who in (alice, bob) for frame in who.heard if "messages" in frame]
    assert {m["body"] for frame in shown for m in frame["messages"]} == {
        "first",
        "can you hear me?",
    }
    assert "The bus is silent" not in north.log + south.log
    assert "Traceback" not in north.log + south.log


def test_without_redis_the_room_talks_on_and_with_it_is_live_again(
    redis: Redis, north: Node, south: Node, alice: Client, bob: Client, room: str
) -> None:
    talk(alice, bob, room, AT_ONCE_SECONDS)

    redis.stop()
    try:
        # What is said before the loss is noticed, and after.
        deadline = time.monotonic() + 6
        while time.monotonic() < deadline:
            talk(alice, bob, room, PARTITION_SECONDS)
        wait_until(lambda: "The bus is silent" in north.log and "The bus is silent" in south.log)
        talk(alice, bob, room, AT_ONCE_SECONDS)
        # Whoever comes now is served too.
        late = south.connect()
        assert late.enter(room)["head"] == late.enter(room)["to"]
        accepted = alice.say(room, "welcome")
        with within(CONVERGED_SECONDS):
            late.changes(accepted["seq"])
    finally:
        redis.start()

    wait_until(lambda: "The bus is back" in north.log and "The bus is back" in south.log)
    quickest = 9.0
    for _ in range(20):
        began = time.monotonic()
        bob.changes(alice.say(room, "again")["seq"])
        quickest = min(quickest, time.monotonic() - began)
    assert quickest < 0.15
    assert "Traceback" not in north.log + south.log


def test_the_people_of_a_killed_node_fade_and_their_talk_stays(
    place: Deployment, alice: Client, room: str
) -> None:
    with place.node("doomed") as doomed:
        carol = doomed.connect()
        carol.enter(room)
        accepted = carol.say(room, "my last words")
        wait_until(lambda: knows(alice, carol))

        doomed.stop(signal.SIGKILL)

        assert alice.changes(accepted["seq"])["to_id"] == accepted["id"]
        alice.say(room, "the room goes on")
        wait_until(lambda: not knows(alice, carol), 35)
