"""Moderators on sockets: what they rule is obeyed on every node, whether or not a hint arrives."""

from typing import Any

import pytest

from tests.clients import Node
from tests.sockets import Client

from ..maintenance.test_node_status import CONVERGED_SECONDS, within
from ..realtime.test_socket_contract import me

# Without a hint a node looks each second.
RULE = """
from chat.models import Member, Room
from chat.moderation import room_rules, bans, mutes, roles
from chat.moderation.authorization import SYSTEM
from chat.moderation.moderation_state import RoomRules
"""


@pytest.fixture(scope="module")
def owners_cookie(north: Node) -> str:
    """The cookie of someone who took the link that `invite_owner` prints."""
    cookie = next(north.cookies)
    link = north.manage("invite_owner").strip()
    assert link.startswith(f"{north.origin}/invitations/")
    north.post(link.removeprefix(north.origin), cookie)
    # The node hears of it, and reads who has which role anew.
    first = north.connect(cookie)
    if "role" not in first.hello:
        first.receive("standing")
    return cookie


@pytest.fixture
def room(north: Node) -> str:
    return next(north.rooms)


@pytest.fixture
def olivia(north: Node, owners_cookie: str, room: str) -> Client:
    """The owner, on the northern node."""
    client = north.connect(owners_cookie)
    client.enter(room)
    return client


@pytest.fixture
def bob(south: Node, room: str) -> Client:
    """Someone else, on the southern one."""
    client = south.connect()
    client.enter(room)
    return client


def done(reply: dict[str, Any]) -> None:
    assert reply["type"] in {"command.done", "change.accepted"}, reply


def test_an_owner_is_told_of_the_role(olivia: Client, bob: Client) -> None:
    assert olivia.hello["role"] == "owner"
    assert "role" not in bob.hello


def test_what_a_moderator_deletes_goes_everywhere_and_comes_back(
    olivia: Client, bob: Client, room: str
) -> None:
    bob.say(room, "Buy now")

    done(olivia.ask("message.delete", room=room, seq=1, reason="Spam"))
    [gone] = bob.changes(2)["messages"]
    done(olivia.ask("message.restore", room=room, seq=1))
    [back] = bob.changes(3)["messages"]

    assert (gone["deleted"], gone["body"]) == (True, "")
    assert (back["body"], "deleted" in back) == ("Buy now", False)


def test_members_report_and_have_no_other_power(olivia: Client, bob: Client, room: str) -> None:
    olivia.say(room, "Buy now")
    someone = me(olivia)["id"]

    refused = [
        bob.ask("message.delete", room=room, seq=1),
        bob.ask("message.restore", room=room, seq=1),
        bob.ask("member.mute", member=someone, seconds=60),
        bob.ask("member.ban", member=someone),
        bob.ask("member.appoint", member=me(bob)["id"], office="owner"),
        bob.ask("rules.set", room=room, locked=True, slow_s=0),
    ]

    assert [reply["code"] for reply in refused] == ["forbidden"] * 6
    done(bob.ask("message.report", room=room, seq=1, reason="Spam"))
    assert olivia.receive("standing", CONVERGED_SECONDS)["reports"] == 1


def test_moderators_hear_everywhere_how_many_reports_wait(
    olivia: Client, bob: Client, south: Node, owners_cookie: str, room: str
) -> None:
    elsewhere = south.connect(owners_cookie)
    before = olivia.hello["reports"]
    bob.say(room, "Buy now")

    done(olivia.ask("message.report", room=room, seq=1, reason="Spam"))

    for tab in (olivia, elsewhere):
        tab.receive("standing", CONVERGED_SECONDS, reports=before + 1)
    done(olivia.ask("message.delete", room=room, seq=1))
    elsewhere.receive("standing", CONVERGED_SECONDS, reports=before)
    assert "reports" not in bob.hello
    assert [frame for frame in bob.heard if frame["type"] == "standing"] == []


def test_a_muted_member_is_told_and_refused_until_it_is_over(
    olivia: Client, bob: Client, room: str
) -> None:
    done(olivia.ask("member.mute", member=me(bob)["id"], seconds=600, reason="Shouting"))
    assert "muted_until" in bob.receive("standing", CONVERGED_SECONDS)

    refused = bob.say(room, "But")

    assert refused["code"] == "forbidden"
    assert "muted until" in refused["detail"]
    assert 500_000 < refused["retry_ms"] <= 600_001
    bob.send("typing.start", room=room)
    done(olivia.ask("member.mute", member=me(bob)["id"], seconds=0))
    assert "muted_until" not in bob.receive("standing", CONVERGED_SECONDS)
    assert bob.say(room, "Thank you")["type"] == "message.accepted"
    assert [f for f in olivia.heard if f["type"] == "typing" and f["room"] == room] == []


def test_reconnecting_does_not_end_a_mute(olivia: Client, south: Node, room: str) -> None:
    cookie = next(south.cookies)
    first = south.connect(cookie)
    done(olivia.ask("member.mute", member=me(first)["id"], seconds=600))
    first.receive("standing", CONVERGED_SECONDS)

    again = south.connect(cookie)

    assert "muted_until" in again.hello
    assert again.say(room, "But")["code"] == "forbidden"


def test_a_banned_member_is_closed_and_not_let_in_again(
    olivia: Client, south: Node, room: str
) -> None:
    cookie = next(south.cookies)
    tabs = [south.connect(cookie), south.connect(cookie)]

    with within(CONVERGED_SECONDS):
        done(olivia.ask("member.ban", member=me(tabs[0])["id"], reason="Spam"))
        assert [tab.close_code() for tab in tabs] == [4503, 4503]

    back = Client(south.open_socket(cookie))
    assert back.close_code() == 4503
    assert back.heard[0]["type"] == "bye"


def test_in_a_locked_room_only_moderators_write(olivia: Client, bob: Client, room: str) -> None:
    done(olivia.ask("rules.set", room=room, locked=True, slow_s=0, reason="A quarrel"))
    told = bob.receive("room.rules", CONVERGED_SECONDS)
    assert (told["room"], told["locked"]) == (room, True)

    refused = bob.say(room, "But")

    assert (refused["code"], "locked" in refused["detail"]) == ("forbidden", True)
    assert olivia.say(room, "Calm down")["type"] == "message.accepted"
    done(olivia.ask("rules.set", room=room, locked=False, slow_s=0))
    bob.receive("room.rules", CONVERGED_SECONDS, locked=False)
    assert bob.say(room, "Calm again")["type"] == "message.accepted"


def test_a_slow_room_counts_what_was_said_on_another_node(
    olivia: Client, north: Node, south: Node, room: str
) -> None:
    cookie = next(south.cookies)
    here, there = south.connect(cookie), north.connect(cookie)
    for tab in (here, there):
        tab.enter(room)
    done(olivia.ask("rules.set", room=room, locked=False, slow_s=60))
    for tab in (here, there):
        assert tab.receive("room.rules", CONVERGED_SECONDS)["slow_s"] == 60

    assert here.say(room, "one")["type"] == "message.accepted"
    there.changes(1)
    refused = [tab.say(room, "two") for tab in (here, there)]

    assert [reply["code"] for reply in refused] == ["rate_limited"] * 2
    assert all(50_000 < reply["retry_ms"] <= 60_001 for reply in refused)
    assert [olivia.say(room, body)["type"] for body in "ab"] == ["message.accepted"] * 2


def test_whoever_comes_later_is_told_what_holds(olivia: Client, south: Node, room: str) -> None:
    done(olivia.ask("rules.set", room=room, locked=True, slow_s=5))
    olivia.receive("room.rules", CONVERGED_SECONDS)

    late = south.connect()
    late.enter(room)

    told = late.receive("room.rules")
    assert (told["room"], told["locked"], told["slow_s"]) == (room, True, 5)


def test_an_appointed_moderator_has_the_powers_and_a_dismissed_one_has_none(
    olivia: Client, bob: Client, room: str
) -> None:
    olivia.say(room, "Hello")
    done(olivia.ask("member.appoint", member=me(bob)["id"], office="moderator"))
    assert bob.receive("standing", CONVERGED_SECONDS)["role"] == "moderator"
    done(bob.ask("rules.set", room=room, locked=True, slow_s=0))
    assert bob.ask("message.delete", room=room, seq=1)["code"] == "forbidden"

    done(olivia.ask("member.appoint", member=me(bob)["id"], office=""))
    assert "role" not in bob.receive("standing", CONVERGED_SECONDS)

    assert bob.ask("rules.set", room=room, locked=False, slow_s=0)["code"] == "forbidden"


def test_what_no_hint_tells_is_obeyed_as_well(
    north: Node, south: Node, bob: Client, room: str
) -> None:
    """A command has no bus: it is what a node sees of the others while Redis is away."""
    cookie = next(south.cookies)
    mallory = south.connect(cookie)

    north.manage(
        "shell", "-v0", "-c",
        RULE
        + f"mallory = Member.objects.get(pk={me(mallory)['id']})\n"
        + f"bob = Member.objects.get(pk={me(bob)['id']})\n"
        + f"room = Room.objects.get(key={room!r})\n"
        + "bans.ban(actor=SYSTEM, member=mallory, seconds=60, reason='')\n"
        + "mutes.mute(actor=SYSTEM, member=bob, seconds=60, reason='')\n"
        + "room_rules.set_rules(actor=SYSTEM, room=room, rules=RoomRules(locked=True))\n",
    )  # fmt: skip

    with within(CONVERGED_SECONDS):
        assert mallory.close_code() == 4503
        bob.receive("standing")
        bob.receive("room.rules", locked=True)
    assert bob.say(room, "But")["code"] == "forbidden"
