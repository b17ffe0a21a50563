"""No command of a socket is carried out before the database has confirmed its session."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests import clients
from tests.clients import Node
from tests.sockets import Client, wait_until

served = clients.served

COMMANDS: list[dict[str, Any]] = [
    {"type": "room.enter", "room": "lobby"},
    {"type": "history.load", "room": "lobby", "before": 2**53 - 1},
    {"type": "message.send", "room": "lobby", "client_id": "c", "body": "from the past"},
    {"type": "message.edit", "room": "lobby", "seq": 1, "body": "from the past"},
    {"type": "reaction.set", "room": "lobby", "seq": 1, "emoji": "👍", "on": True},
    {"type": "message.report", "room": "lobby", "seq": 1, "reason": "from the past"},
    {"type": "ping"},
]


def everything_said_to(node: Node, cookie: str, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    """What a socket hears that sends these at once, without waiting for a greeting."""
    socket = node.open_socket(cookie)
    with suppress(ConnectionClosed):  # it is closed as soon as the database has answered
        for number, command in enumerate(commands):
            socket.send(json.dumps({**command, "ref": f"r{number}"}))
    # Iterating ends where the server closes.
    heard: list[dict[str, Any]] = []
    with suppress(ConnectionClosed):
        heard.extend(json.loads(text) for text in socket)
    return heard


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command["type"]))
def test_an_ended_session_is_answered_nothing_but_good_bye(
    served: Node, command: dict[str, Any]
) -> None:
    cookie = next(served.cookies)
    served.post("/leave/", cookie)

    [bye] = everything_said_to(served, cookie, command)

    assert (bye["type"], bye["code"]) == ("bye", 4501)


def test_what_is_sent_before_the_greeting_is_answered_behind_it_and_in_order(served: Node) -> None:
    socket = served.open_socket(next(served.cookies))
    for number in range(3):
        socket.send(json.dumps({"type": "ping", "ref": f"r{number}"}))

    # The list of rooms is read after the greeting, and comes when it is there.
    heard = [json.loads(socket.recv(10)) for _ in range(5)]

    told = [frame.get("ref", frame["type"]) for frame in heard]
    assert [one for one in told if one != "rooms.state"] == ["hello", "r0", "r1", "r2"]


@contextmanager
def members_out_of_reach(node: Node) -> Iterator[None]:
    """The database answers, but not about members."""
    node.manage("shell", "-v0", "-c", _renamed("chat_member", "chat_member_away"))
    try:
        yield
    finally:
        node.manage("shell", "-v0", "-c", _renamed("chat_member_away", "chat_member"))


def _renamed(table: str, name: str) -> str:
    return (
        "from django.db import connection;"
        "connection.ensure_connection();"
        "connection.vendor == 'sqlite'"
        " and connection.cursor().execute('PRAGMA legacy_alter_table=ON');"
        f"connection.cursor().execute('ALTER TABLE {table} RENAME TO {name}')"
    )


def test_unconfirmed_commands_are_refused_until_the_database_answers(served: Node) -> None:
    room = next(served.rooms)
    served.connect().enter(room)  # the room itself is known to the node
    with members_out_of_reach(served):
        tab = served.connect()
        refused = [
            tab.ask("room.enter", room=room),
            tab.ask("message.send", room=room, client_id="c", body="unheard"),
            tab.ask("history.load", room=room, before=9),
        ]

    assert [(reply["code"], reply["retry_ms"] > 0) for reply in refused] == [
        ("unavailable", True)
    ] * 3
    wait_until(lambda: tab.ask("room.enter", room=room)["type"] == "room.entered")
    assert tab.say(room, "heard")["seq"] == 1


def test_one_whose_session_ended_unseen_is_turned_away_when_the_database_answers(
    served: Node,
) -> None:
    cookie = next(served.cookies)
    served.post("/leave/", cookie)
    with members_out_of_reach(served):
        tab = served.connect(cookie)
        assert tab.ask("room.enter", room="lobby")["code"] == "unavailable"

    assert tab.close_code(4) == 4501


# --- What changes while a socket is open, and no hint tells of it -------------------------------


def changed_elsewhere(node: Node, tab: Client, change: str) -> None:
    """By a command, which has no bus."""
    node.manage(
        "shell",
        "-v0",
        "-c",
        "from chat.models import Member; from chat.accounts import guests;"
        f"member = Member.objects.get(pk={tab.hello['me']['id']}); guests.{change}",
    )


@pytest.mark.parametrize("change", ["end_session(member=member)", "leave(member=member)"])
def test_an_ended_session_says_nothing_more_on_an_open_socket(served: Node, change: str) -> None:
    room, tab = next(served.rooms), served.connect()
    tab.enter(room)
    changed_elsewhere(served, tab, change)

    said: list[dict[str, Any]] = []
    with suppress(ConnectionClosed):
        while len(said) < 100:
            said.append(tab.say(room, "from the past"))

    assert {reply.get("code") for reply in said} <= {"unavailable", "rate_limited"}
    assert tab.close_code(3) == 4501
    assert served.connect().enter(room)["head"] == 0


def test_a_renamed_member_goes_on_under_the_new_name(served: Node) -> None:
    room, tab = next(served.rooms), served.connect()
    tab.enter(room)
    name = f"New {tab.hello['me']['id']}"
    changed_elsewhere(served, tab, f"rename(member=member, name={name!r})")

    wait_until(lambda: tab.say(room, "still here")["type"] == "message.accepted", 3)

    [message] = tab.ask("history.load", room=room, before=2**53 - 1)["messages"]
    assert message["author"]["name"] == name
