"""Looking for people and at reports over a socket of a real node: contract, permissions, limits."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import Node, deployment
from tests.sockets import Client

from .test_socket_contract import me, someone_in


@pytest.fixture(scope="module")
def served() -> Iterator[Node]:
    with deployment() as place, place.node() as node:
        yield node


@pytest.fixture(scope="module")
def owners_cookie(served: Node) -> str:
    cookie = next(served.cookies)
    link = served.manage("invite_owner").strip()
    served.post(link.removeprefix(served.origin), cookie)
    return cookie


@pytest.fixture
def room(served: Node) -> str:
    return next(served.rooms)


@pytest.fixture
def olivia(served: Node, owners_cookie: str, room: str) -> Iterator[Client]:
    client = served.connect(owners_cookie)
    client.enter(room)
    yield client
    client.close()


@pytest.fixture
def bob(served: Node, room: str) -> Client:
    return someone_in(room, served)


def reported(client: Client, room: str) -> list[dict[str, Any]]:
    page = client.ask("reports.load")
    assert page["type"] == "reports.page", page
    return [one for one in page["reports"] if one["room"] == room]


# --- People -----------------------------------------------------------------------------------


def test_people_are_found_by_a_part_of_their_name(
    served: Node, room: str, olivia: Client, bob: Client
) -> None:
    page = bob.ask("people.find", room=room)
    assert page["type"] == "people.page"
    assert page["people"] == [me(olivia) | {"role": "owner"}, me(bob)]
    assert (page["count"], page["more"]) == (2, False)

    found = bob.ask("people.find", room=room, query=me(bob)["name"].upper())

    assert found["people"] == [me(bob)]
    after = bob.ask("people.find", room=room, after=page["people"][0])
    assert after["people"] == [me(bob)]


def test_who_is_not_in_a_room_finds_nobody_there(served: Node, room: str, bob: Client) -> None:
    outside = served.connect()

    for key in (room, "nowhere"):
        refused = outside.ask("people.find", room=key)
        assert (refused["code"], refused["detail"]) == (
            "not_found", f"There is no room “{key}” for you.",
        )  # fmt: skip


def test_looking_for_people_has_a_limit(served: Node, room: str) -> None:
    seeker = someone_in(room, served)

    answers = [seeker.ask("people.find", room=room) for _ in range(30)]

    assert answers[0]["type"] == "people.page"
    assert answers[-1]["code"] == "rate_limited"
    assert answers[-1]["retry_ms"] > 0


def test_a_role_comes_with_the_name_of_who_is_here(
    served: Node, room: str, olivia: Client, bob: Client
) -> None:
    olivia.receive("presence.diff", count=2)
    olivia.ask("member.appoint", member=me(bob)["id"], office="moderator")

    bobs = me(bob) | {"role": "moderator"}
    told = olivia.receive("presence.diff", joined=[bobs])

    assert told["left"] == [me(bob)]


# --- A member before a moderator --------------------------------------------------------------


def test_a_moderator_sees_what_holds_for_a_member(olivia: Client, bob: Client) -> None:
    shown = olivia.ask("member.show", member=me(bob)["id"])
    assert shown == {
        "type": "member.shown", "ref": shown["ref"], "member": me(bob),
        "may": ["mute", "ban", "appoint"],
    }  # fmt: skip

    olivia.ask("member.mute", member=me(bob)["id"], seconds=60)

    muted = olivia.ask("member.show", member=me(bob)["id"])
    assert muted["muted_until"] == bob.receive("standing")["muted_until"]


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("member.show", {"member": 1}),
        ("reports.load", {}),
        ("report.dismiss", {"report": 1}),
        ("report.reopen", {"report": 1}),
    ],
)
def test_what_moderators_look_at_is_forbidden_to_others(
    olivia: Client, bob: Client, room: str, command: str, fields: dict[str, int]
) -> None:
    olivia.say(room, "Buy now")
    bob.ask("message.report", room=room, seq=1, reason="No")
    fields = {name: reported(olivia, room)[0].get(name, 1) for name in fields}

    assert bob.ask(command, **fields)["code"] == "forbidden"
    assert len(reported(olivia, room)) == 1


# --- Reports ----------------------------------------------------------------------------------


def test_a_report_is_dismissed_and_reopened_and_moderators_are_told(
    olivia: Client, bob: Client, room: str
) -> None:
    bob.say(room, "Hello")
    olivia.say(room, "Buy now")
    olivia.forget()
    bob.ask("message.report", room=room, seq=2, reason="An advertisement")
    waiting = olivia.receive("standing")["reports"]
    [report] = reported(olivia, room)
    assert report["complaints"][0]["reason"] == "An advertisement"
    assert [one["body"] for one in report["before"]] == ["Hello"]

    assert olivia.ask("report.dismiss", report=report["report"])["type"] == "command.done"
    assert olivia.receive("standing").get("reports", 0) == waiting - 1
    assert reported(olivia, room) == []

    assert olivia.ask("report.reopen", report=report["report"])["type"] == "command.done"
    assert olivia.receive("standing")["reports"] == waiting
    assert reported(olivia, room) == [report]


def test_a_report_that_is_none_is_not_found(olivia: Client) -> None:
    for command in ("report.dismiss", "report.reopen"):
        assert olivia.ask(command, report=2**50)["code"] == "not_found"
    assert olivia.ask("member.show", member=2**50)["code"] == "not_found"
