"""What people try who wish us ill, by the front door of a real node."""

import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import Node, deployment
from tests.sockets import Frame, wait_until

SOCKETS_PER_MEMBER = 3


@pytest.fixture(scope="module")
def served() -> Iterator[Node]:
    with (
        deployment() as place,
        place.node(SOCKETS_PER_MEMBER=str(SOCKETS_PER_MEMBER)) as node,
    ):
        yield node


# --- Many sockets -----------------------------------------------------------------------------


def test_one_member_has_so_many_sockets_and_another_as_many(served: Node) -> None:
    cookie = next(served.cookies)
    tabs = [served.connect(cookie) for _ in range(SOCKETS_PER_MEMBER)]

    one_more = served.raw_socket(signed_in=False, cookie=cookie)

    bye = one_more.event()
    assert (bye["type"], bye["code"]) == ("bye", 4029)
    assert bye["retry_ms"] >= 10_000
    assert one_more.end() == 4029
    assert {tab.ask("ping")["type"] for tab in tabs} == {"pong"}
    assert served.connect().ask("ping")["type"] == "pong"


def test_a_closed_socket_makes_room_for_another(served: Node) -> None:
    cookie = next(served.cookies)
    tabs = [served.connect(cookie) for _ in range(SOCKETS_PER_MEMBER)]

    tabs[0].close()

    def is_let_in() -> bool:
        return bool(served.raw_socket(signed_in=False, cookie=cookie).event()["type"] == "hello")

    wait_until(is_let_in)


# --- Doors that are none ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/.git/HEAD", "/.env", "/metrics", "/manage.py", "/chatroom.sqlite3",
        "/static/../.env", "/static/..%2f.env", "/static/%2e%2e/.env", "/static/....//.env",
        "/static//etc/passwd", "/static/", "//etc/passwd", "/etc/passwd", "/server-status",
        "/%00", "/static/%00", "/static/../chatroom/settings.py", "/rooms/..%2f..%2f/",
    ],
)  # fmt: skip
def test_there_is_nothing_but_the_site(served: Node, path: str) -> None:
    status, body = get(served, path)

    assert status == 404
    assert b"SECRET" not in body
    assert b"root:" not in body


@pytest.mark.parametrize(
    "host", ["evil", "evil.example:8000", "127.0.0.1.evil", "[::1", "a_b", "@"]
)
@pytest.mark.parametrize("path", ["/", "/rooms/lobby/", "/static/none.css", "/admin/"])
def test_another_host_is_refused_and_not_repeated(served: Node, host: str, path: str) -> None:
    status, body = get(served, path, host=host)

    assert status == 400 or (path.startswith("/static/") and status == 404)
    assert b"evil" not in body


def test_another_host_finds_no_way_into_a_page(served: Node) -> None:
    _, body = get(served, "/", "X-Forwarded-Host: evil.example", "X-Forwarded-Server: evil.example")

    assert b"evil" not in body


def get(node: Node, path: str, *headers: str, host: str = "") -> tuple[int, bytes]:
    """As typed: a client of good manners would tidy the path up first."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{node.port}'}", *headers]
    with socket.create_connection(("127.0.0.1", node.port), 10) as raw:
        raw.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        answer = b"".join(iter(lambda: raw.recv(1 << 16), b""))
    return int(answer.split()[1]), answer.partition(b"\r\n")[2]


# --- Rooms of others --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cellar(served: Node) -> str:
    """A room that is not public, in which something was said."""
    served.manage("shell", "-v0", "-c", CELLAR)
    return "cellar"


CELLAR = """
from chat.messages import commit
from chat.accounts import guests; from chat.moderation import admission
from chat.moderation import room_rules
room = room_rules.open_room(key="cellar", name="The cellar", kind="private")
host = admission.join(name="Bluebeard")
commit.commit_operation(room, commit.Post(host.pk, "said-1", "never open this door"))
"""
POSITION = {"epoch": "e", "seq": 1, "id": None}


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("room.enter", {}),
        ("room.enter", {"since": POSITION}),
        ("room.leave", {}),
        ("history.load", {"before": 2}),
        ("message.send", {"client_id": "said-1", "body": "hello"}),
        ("message.send", {"client_id": "c", "body": "hello", "reply_to": 1}),
        ("message.edit", {"seq": 1, "body": "mine now"}),
        ("message.delete", {"seq": 1}),
        ("message.restore", {"seq": 1}),
        ("message.report", {"seq": 1, "reason": "r"}),
        ("reaction.set", {"seq": 1, "emoji": "👍", "on": True}),
        ("rules.set", {"locked": True, "slow_s": 0}),
    ],
)
def test_a_room_that_is_not_public_answers_like_one_that_is_not_there(
    served: Node, cellar: str, type_: str, fields: dict[str, Any]
) -> None:
    mallory = served.connect()

    mallory.send(type_, ref="r", room=cellar, **fields)
    theirs = mallory.reply("r")
    mallory.send(type_, ref="r", room="nowhere", **fields)
    nobodys = mallory.reply("r")

    # But for the name of what was asked for.
    assert json.loads(json.dumps(theirs).replace(cellar, "nowhere")) == nobodys
    assert theirs["type"] == "room.left" or theirs["code"] in ("not_found", "forbidden")


@pytest.mark.parametrize("type_", ["typing.start", "read.mark"])
def test_nobody_hears_who_types_or_reads_where_they_are_not(
    served: Node, cellar: str, type_: str
) -> None:
    alice, mallory, room = served.connect(), served.connect(), next(served.rooms)
    alice.enter(room)
    alice.drain_until_quiet()

    mallory.send(type_, room=room, **({"seq": 1} if type_ == "read.mark" else {}))
    mallory.send(type_, room=cellar, **({"seq": 1} if type_ == "read.mark" else {}))

    assert mallory.drain_until_quiet() == []
    assert [frame for frame in alice.drain_until_quiet() if frame["type"] == "typing"] == []


@pytest.mark.parametrize(
    "path", ["/rooms/{}/", "/rooms/{}/1/", "/rooms/{}/missed/0/", "/rooms/{}/99/"]
)
def test_its_pages_look_like_those_of_no_room(served: Node, cellar: str, path: str) -> None:
    cookie = f"Cookie: {next(served.cookies)}"

    status, body = get(served, path.format(cellar), cookie)

    assert status == get(served, path.format("nowhere"), cookie)[0] == 404
    assert b"never open" not in body
    assert b"The cellar" not in body


# --- Positions that were never given ----------------------------------------------------------


def test_a_position_is_good_in_its_own_room_only(served: Node) -> None:
    alice, here, there = served.connect(), next(served.rooms), next(served.rooms)
    for room in (here, there):
        alice.enter(room)
        for number in range(3):
            alice.say(room, f"{room} says {number}")
    elsewhere = position(alice.enter(there))

    mallory = served.connect()
    entered = mallory.enter(here, elsewhere)

    assert entered["reset"] in ("epoch", "mismatch")
    assert {message["body"] for message in entered["messages"]} == {
        f"{here} says {number}" for number in range(3)
    }


def test_the_position_of_another_shows_what_anyone_may_read(served: Node) -> None:
    """It is where a reader stands, and no key: the room decides what is shown."""
    alice, room = served.connect(), next(served.rooms)
    alice.enter(room)
    alice.say(room, "before")
    hers = position(alice.enter(room))
    alice.say(room, "after")

    entered = served.connect().enter(room, hers)

    assert [message["body"] for message in entered["messages"]] == ["after"]


@pytest.mark.parametrize(
    ("seq", "reason"), [(2**53 - 1, "ahead"), (4, "ahead"), (1, "mismatch"), (0, None)]
)
def test_a_position_that_was_never_given_starts_anew(
    served: Node, seq: int, reason: str | None
) -> None:
    alice, room = served.connect(), next(served.rooms)
    alice.enter(room)
    for number in range(3):
        alice.say(room, f"message {number}")
    epoch = alice.enter(room)["epoch"]

    entered = alice.enter(room, {"epoch": epoch, "seq": seq, "id": str(uuid.uuid4())})

    assert entered.get("reset") == reason
    assert len(entered["messages"]) == 3


def position(entered: Frame) -> Frame:
    return {"epoch": entered["epoch"], "seq": entered["to"], "id": entered["to_id"]}


# --- What others said -------------------------------------------------------------------------


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("message.edit", {"body": "never said that"}),
        ("message.delete", {}),
        ("message.restore", {}),
    ],
)
def test_what_others_said_is_theirs_from_inside_the_room_and_from_outside(
    served: Node, type_: str, fields: dict[str, Any], is_there: bool
) -> None:
    alice, mallory, room = served.connect(), served.connect(), next(served.rooms)
    alice.enter(room)
    alice.say(room, "mine")
    if is_there:
        mallory.enter(room)

    refused = mallory.ask(type_, room=room, seq=1, **fields)

    assert (refused["type"], refused["code"]) == ("command.rejected", "forbidden")
    [message] = served.connect().enter(room)["messages"]
    assert (message["body"], message["updated_seq"]) == ("mine", 1)


def test_the_key_of_another_is_not_mine(served: Node) -> None:
    """A `client_id` belongs to its sender: whoever guesses it learns and takes nothing."""
    alice, mallory, room = served.connect(), served.connect(), next(served.rooms)
    first = alice.say(room, "hers", client_id="guessed")

    second = mallory.say(room, "mine", client_id="guessed")

    assert (first["seq"], second["seq"]) == (1, 2)
    assert first["id"] != second["id"]
    assert mallory.say(room, "another text", client_id="guessed")["code"] == "key_reused"


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("member.mute", {"seconds": 60}),
        ("member.ban", {"seconds": 60, "network": True}),
        ("member.appoint", {"office": "owner"}),
    ],
)
def test_a_guest_has_no_power_over_anyone(served: Node, type_: str, fields: dict[str, Any]) -> None:
    alice, mallory = served.connect(), served.connect()

    refused = [
        mallory.ask(type_, member=member["me"]["id"], **fields)["code"]
        for member in (alice.hello, mallory.hello)
    ]

    assert refused == ["forbidden", "forbidden"]
    assert alice.ask("ping")["type"] == "pong"


# --- Cookies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["{}x", "x{}", "member=1:x:y", "member=", "member={{}}", ""])
def test_a_cookie_that_we_did_not_sign_is_nobody(served: Node, change: str) -> None:
    stranger = served.raw_socket(signed_in=False, cookie=change.format(next(served.cookies)))

    assert stranger.event()["code"] == 4501
    assert stranger.end() == 4501


def test_none_of_it_left_a_traceback(served: Node) -> None:
    assert "Traceback" not in served.log
    assert " ERROR " not in served.log
