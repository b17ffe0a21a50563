"""People without a name read along over a socket of a real node, and do nothing else there."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import Node, deployment
from tests.sockets import Client, wait_until

VISITORS_PER_ADDRESS = 3
# So many at once may the visitors of an address ask for, and a few more while they do.
REQUESTS_AT_ONCE = 200


@pytest.fixture(scope="module")
def served() -> Iterator[Node]:
    limit = str(VISITORS_PER_ADDRESS)
    with deployment() as place, place.node(VISITORS_PER_ADDRESS=limit) as node:
        yield node


@pytest.fixture
def room(served: Node) -> str:
    return next(served.rooms)


@pytest.fixture
def alice(served: Node, room: str) -> Client:
    client = served.connect()
    client.enter(room)
    return client


@pytest.fixture
def visitor(served: Node) -> Iterator[Client]:
    visitor = served.visit()
    yield visitor
    visitor.close()


def test_a_visitor_reads_what_was_said_and_what_is_said(
    visitor: Client, alice: Client, room: str
) -> None:
    alice.say(room, "before")
    assert visitor.hello["me"] is None

    entered = visitor.enter(room)
    second = alice.say(room, "now")
    alice.ask("message.edit", room=room, seq=second["seq"], body="now, edited")
    older = visitor.ask("history.load", room=room, before=2, limit=50)

    assert [m["body"] for m in entered["messages"]] == ["before"]
    assert visitor.changes(2)["messages"][0]["body"] == "now"
    assert visitor.changes(3)["messages"][0]["body"] == "now, edited"
    assert [m["body"] for m in older["messages"]] == ["before"]
    assert visitor.ask("ping")["type"] == "pong"
    assert visitor.ask("room.leave", room=room)["type"] == "room.left"


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("message.send", {"client_id": "v-1", "body": "May I?"}),
        ("message.edit", {"seq": 1, "body": "Mine now"}),
        ("message.delete", {"seq": 1}),
        ("message.report", {"seq": 1, "reason": "I am nobody"}),
        ("message.restore", {"seq": 1}),
        ("reaction.set", {"seq": 1, "emoji": "👍", "on": True}),
        ("rules.set", {"locked": True, "slow_s": 0, "reason": ""}),
        ("member.mute", {"member": 1, "seconds": 60, "reason": ""}),
        ("member.ban", {"member": 1, "seconds": None, "network": True, "reason": ""}),
        ("member.appoint", {"member": 1, "office": "owner", "reason": ""}),
        ("member.show", {"member": 1}),
        ("people.find", {}),
        ("reports.load", {}),
        ("report.dismiss", {"report": 1}),
        ("report.reopen", {"report": 1}),
    ],
)
def test_whatever_else_a_visitor_asks_is_refused_with_its_ref(
    visitor: Client, alice: Client, room: str, command: str, fields: dict[str, Any]
) -> None:
    alice.say(room, "untouched")
    visitor.enter(room)

    refused = visitor.ask(command, room=room, **fields)

    assert (refused["type"], refused["code"]) == ("command.rejected", "forbidden")
    assert refused["detail"] == "Join with a name first."
    assert [m["body"] for m in alice.enter(room)["messages"]] == ["untouched"]


def test_a_visitor_is_not_here_and_is_not_told_who_is(
    served: Node, visitor: Client, alice: Client, room: str
) -> None:
    visitor.enter(room)
    bob = served.connect()
    bob.enter(room)

    alice.receive("presence.diff", count=2)
    bob.send("typing.start", room=room)
    alice.receive("typing")
    visitor.send("typing.start", room=room)
    assert visitor.ask("ping")["type"] == "pong"

    heard = {frame["type"] for frame in visitor.heard}
    assert not heard & {"presence.state", "presence.diff", "typing"}
    assert not any(frame.get("count", 0) > 2 for frame in alice.heard)


@pytest.mark.parametrize(
    "query", ["", "?visitor=0", "?visitor=", "?visitors=1", "?visitor=1&visitor=0"]
)
def test_who_does_not_ask_to_visit_must_sign_in_as_ever(served: Node, query: str) -> None:
    socket = Client(served.open_socket("", query=query))

    assert socket.receive("bye")["code"] == 4501
    assert socket.close_code() == 4501


@pytest.mark.parametrize("cookie", ["", "member=forged", "signed in"])
def test_who_visits_is_nobody_whatever_cookie_comes_along(
    served: Node, room: str, cookie: str
) -> None:
    cookie = next(served.cookies) if cookie == "signed in" else cookie
    socket = Client(served.open_socket(cookie, query="?visitor=1"))

    assert socket.receive("hello")["me"] is None
    refused = socket.ask("message.send", room=room, client_id="v-1", body="Who am I?")
    assert refused["code"] == "forbidden"
    socket.close()


def test_an_address_has_so_many_visitors_and_members_come_in_all_the_same(served: Node) -> None:
    visitors = [served.visit() for _ in range(VISITORS_PER_ADDRESS)]

    one_more = Client(served.open_socket("", query="?visitor=1"))
    bye = one_more.receive("bye")
    assert bye["code"] == 4029
    assert bye["retry_ms"] >= 10_000
    assert served.connect().ask("ping")["type"] == "pong"

    visitors.pop().close()

    def is_let_in() -> bool:
        first = json.loads(served.open_socket("", query="?visitor=1").recv())
        return bool(first["type"] == "hello")

    wait_until(is_let_in)
    served.hang_up()


def test_the_visitors_of_an_address_share_how_much_they_may_ask(served: Node, room: str) -> None:
    visitors = [served.visit() for _ in range(VISITORS_PER_ADDRESS)]
    answers = [
        visitor.ask("history.load", room=room, before=2, limit=1)["type"]
        for _ in range(95)
        for visitor in visitors
    ]

    assert "command.rejected" in answers
    assert answers[: REQUESTS_AT_ONCE // 2] == ["history.page"] * (REQUESTS_AT_ONCE // 2)
    served.hang_up()
