"""A copy of the database on the same Redis, with the same key, is another chatroom."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import servers
from tests.clients import Deployment, Node, deployment
from tests.sockets import Client, wait_until

pytestmark = pytest.mark.redis


@pytest.fixture(scope="module")
def installations() -> Iterator[tuple[Deployment, Deployment]]:
    """Two on one Redis: both are copies of one database, down to epochs, ids and cookies."""
    with ExitStack() as stack:
        redis = stack.enter_context(servers.private_redis(servers.free_port()))
        yield (
            stack.enter_context(deployment(redis_url=redis.url)),
            # Publish and subscribe know no numbers of databases.
            stack.enter_context(deployment(redis_url=redis.url.replace("/0", "/3"))),
        )


@pytest.fixture(scope="module")
def original(installations: tuple[Deployment, Deployment]) -> Iterator[Node]:
    with installations[0].node("original") as node:
        yield node


@pytest.fixture(scope="module")
def other(installations: tuple[Deployment, Deployment], original: Node) -> Iterator[Node]:
    """A second node of the original."""
    with installations[0].node("other") as node:
        yield node


@pytest.fixture(scope="module")
def copy(installations: tuple[Deployment, Deployment], original: Node) -> Iterator[Node]:
    with installations[1].node("copy") as node:
        # Its people are those of the original: those who come here shall be others.
        for _ in range(100):
            next(node.cookies)
        yield node


def in_room(node: Node, room: str) -> Client:
    client = node.connect()
    client.enter(room)
    return client


def test_nothing_of_one_is_seen_in_the_other(original: Node, other: Node, copy: Node) -> None:
    room = next(original.rooms)
    alice, bob, stranger = in_room(original, room), in_room(other, room), in_room(copy, room)
    for tab in (alice, bob, stranger):
        # Those of one installation are in company, so that all is published.
        tab.say(room, f"said on {tab.hello['node']}")
    wait_until(lambda: len(bodies(alice)) == len(bodies(bob)) == 2)
    wait_until(lambda: people_seen(alice) == people_seen(bob) == 2)

    for tab in (alice, stranger):
        tab.send("typing.start", room=room)
        tab.say(room, f"more on {tab.hello['node']}")
    wait_until(lambda: len(bodies(bob)) == 3)

    assert bodies(alice) == bodies(bob) == {"said on original", "said on other", "more on original"}
    assert bodies(stranger) == {"said on copy", "more on copy"}
    name = stranger.hello["me"]["name"]
    for tab in (alice, bob):
        assert not [f for f in tab.heard if f["type"] == "bye"]
        assert not [f for f in tab.heard if f["type"] == "typing" and name in f["names"]]
        assert people_seen(tab) == 2
    assert "Traceback" not in original.log + other.log + copy.log
    assert "the log was replaced" not in original.log + other.log + copy.log


def people_seen(tab: Client) -> int:
    """How many were here at most."""
    tab.listen(0.1)
    counts: list[int] = [f["count"] for f in tab.heard if f["type"].startswith("presence.")]
    return max(counts)


def bodies(tab: Client) -> set[str]:
    """All that a tab was shown."""
    tab.listen(0.1)
    shown = [m for f in tab.heard if "messages" in f for m in f["messages"]]
    return {m["body"] for m in shown}


def test_a_session_that_ends_in_one_goes_on_in_the_other(
    original: Node, other: Node, copy: Node
) -> None:
    cookie = next(original.cookies)
    here, there = other.connect(cookie), copy.connect(cookie)

    original.post("/leave/", cookie)

    assert here.close_code() == 4501
    assert there.ask("ping")["type"] == "pong"


def test_a_node_that_joins_later_hears_at_once(
    installations: tuple[Deployment, Deployment], original: Node, copy: Node
) -> None:
    room = next(original.rooms)
    alice = in_room(original, room)
    with installations[0].node("late") as late:
        bob = in_room(late, room)

        wait_until(lambda: knows(alice, bob), 5)
        wait_until(lambda: knows(bob, alice), 5)


def knows(one: Client, another: Client) -> bool:
    one.listen(0.1)
    told = [f for f in one.heard if f["type"].startswith("presence.")]
    people = [m for f in told for m in (f.get("members") or f.get("joined") or [])]
    return another.hello["me"]["id"] in [m["id"] for m in people]
