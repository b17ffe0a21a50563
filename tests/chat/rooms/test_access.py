"""Who may see a room: what holds for a room holds at once, for those inside as for newcomers."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from chat.accounts.models import Member
from chat.accounts.permissions import Role
from chat.errors import ChatError, Forbidden, NotFound
from chat.messages import catch_up, commit, history, room_heads, unread
from chat.messages.models import Message
from chat.messages.operations import Operation
from chat.moderation import admission, moderation_state, reports, room_rules, write_permissions
from chat.moderation.authorization import SYSTEM, Actor
from chat.rooms import access, memberships
from chat.rooms.models import Room, RoomHead
from tests.clients import Node
from tests.sockets import Client

from ..conftest import browser_of
from ..maintenance.test_node_status import CONVERGED_SECONDS, within
from ..moderation.moderation_fixtures import with_office

# --- The commit -------------------------------------------------------------------------------


@pytest.fixture
def den(db: None, alice: Member) -> Room:
    """A public room, as someone found it who is about to write there."""
    den = room_rules.open_room(key="den", name="Den")
    commit.commit_operation(den, commit.Post(alice.pk, "first", "hello"))
    return den


def make_private(room: Room) -> None:
    room_rules.rename(actor=SYSTEM, room=room, name=room.name, kind=Room.Kind.PRIVATE)


def make_direct(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(kind=Room.Kind.DIRECT)


def remove(room: Room) -> None:
    Message.objects.filter(room=room).delete()
    Room.objects.filter(pk=room.pk).delete()


OPERATIONS: list[Callable[[int], Operation]] = [
    lambda alice: commit.Post(alice, "a-1", "still here"),
    lambda alice: commit.Post(alice, "a-1", "an answer", reply_to=1),
    lambda alice: commit.Post(alice, "first", "hello"),
    lambda alice: commit.Edit(alice, 1, "changed"),
    lambda alice: commit.Delete(alice, 1),
    lambda alice: commit.React(alice, 1, "👍", on=True),
]


@pytest.mark.parametrize("close", [make_private, make_direct, remove])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_was_asked_of_an_open_room_is_not_committed_once_it_is_closed(
    den: Room, alice: Member, close: Callable[[Room], None], operation: Callable[[int], Operation]
) -> None:
    close(den)

    [outcome] = commit.commit_batch(den, [operation(alice.pk)])

    assert isinstance(outcome, NotFound)
    assert outcome.detail == access.no_such_room("den").detail
    assert list(RoomHead.objects.filter(room=den).values_list("head", flat=True)) in ([1], [])
    assert Message.objects.filter(room_id=den.pk, seq__gt=1).count() == 0


def test_one_who_is_shut_out_fails_nobody_elses_batch(den: Room, alice: Member) -> None:
    make_private(den)

    outcomes = commit.commit_batch(den, [commit.Post(alice.pk, f"a-{n}", "hi") for n in range(3)])

    assert [type(outcome) for outcome in outcomes] == [NotFound] * 3


def test_a_member_writes_on_in_a_room_that_became_private_meanwhile(
    den: Room, alice: Member, mallory: Member
) -> None:
    memberships.add(den, [alice.pk])
    make_private(den)

    outcomes = commit.commit_batch(
        den, [commit.Post(mallory.pk, "m-1", "hi"), commit.Post(alice.pk, "a-1", "still here")]
    )

    assert isinstance(outcomes[0], NotFound)
    assert isinstance(outcomes[1], commit.Accepted)
    assert outcomes[1].seq == 2


def test_operators_write_where_nobody_else_does(den: Room, alice: Member) -> None:
    make_private(den)

    stored = commit.commit_operation(access.find("den"), commit.Post(alice.pk, "a-2", "moved here"))

    assert stored.seq == 2


def test_a_room_that_opened_meanwhile_takes_what_was_asked_before(den: Room, alice: Member) -> None:
    make_private(den)
    closed = access.find("den")
    room_rules.rename(actor=SYSTEM, room=den, name="Den", kind=Room.Kind.PUBLIC)

    assert commit.commit_operation(closed, commit.Post(alice.pk, "a-3", "open")).seq == 2


# --- Services and pages -----------------------------------------------------------------------


@pytest.mark.parametrize("member_id", [None, 1])
def test_a_room_that_is_not_for_you_is_said_to_be_nowhere(
    den: Room, alice: Member, member_id: int | None
) -> None:
    make_private(den)

    with pytest.raises(NotFound) as hidden:
        access.room_for(member_id, "den")
    with pytest.raises(NotFound) as absent:
        access.room_for(member_id, "nowhere")

    assert hidden.value.detail.replace("den", "nowhere") == absent.value.detail


def test_reports_of_a_private_room_are_for_those_who_run_it(den: Room, alice: Member) -> None:
    bob = admission.join(name="Bob")
    make_private(den)
    memberships.add(den, [bob.pk], "moderator")
    memberships.add(den, [alice.pk])
    report = reports.report(member=alice, room=den, seq=1, reason="Look")

    assert (reports.waiting_for(bob), reports.waiting_for(alice)) == (1, 0)
    state = moderation_state.load()
    assert state.reports_for(False, {den.pk: Role.MODERATOR}) == 1
    assert state.reports_for(False, {den.pk: Role.GUEST}) == 0
    browser = browser_of(bob)
    page = browser.get("/reports/").content
    assert b"hello" in page
    assert b"Ban for a day" not in page
    assert browser_of(alice).get("/reports/").status_code == 403
    decision = {"report": str(report.pk), "decision": "ban"}
    assert browser.post("/reports/", decision).status_code == 403
    browser.post("/reports/", decision | {"decision": "delete"})
    assert reports.waiting_for(bob) == 0

    reports.reopen(actor=Actor(bob), report=report)
    memberships.remove(den, bob.pk)
    assert reports.waiting_for(bob) == 0
    with pytest.raises(Forbidden):
        reports.dismiss(actor=Actor(bob), report=report)


def test_a_page_says_nothing_of_a_room_that_was_closed(den: Room, alice: Member) -> None:
    browser = browser_of(alice)
    assert re.search(rb"\bDen\b", browser.get("/rooms/lobby/").content)

    make_private(den)

    page = browser.get("/rooms/lobby/")
    assert not re.search(rb"\bDen\b", page.content)
    assert "den" not in unread.last_messages()
    assert "den" not in unread.read_up_to(alice.pk, access.find("lobby"))
    with pytest.raises(ChatError):
        write_permissions.write(
            member=alice, room=access.find("den"), operation=commit.Post(alice.pk, "k", "x")
        )


def told_to_all() -> int:
    """How many reports a moderator of the site, who has joined no room, is told of."""
    return moderation_state.load().reports_for(True, {})


def test_reports_of_a_closed_room_are_not_for_moderators(den: Room, alice: Member) -> None:
    morgan = with_office("Morgan", "moderator")
    report = reports.report(member=alice, room=den, seq=1, reason="Look")
    assert (reports.waiting_for(morgan), told_to_all()) == (1, 1)
    browser = browser_of(morgan)
    assert b"hello" in browser.get("/reports/").content

    make_private(den)

    assert (reports.waiting_for(morgan), told_to_all()) == (0, 0)
    assert b"hello" not in browser.get("/reports/").content
    decided = browser.post("/reports/", {"report": str(report.pk), "decision": "delete"})
    nothing = browser.post("/reports/", {"report": "999999", "decision": "delete"})
    assert decided.status_code == nothing.status_code == 404
    assert Message.objects.get(room=den, seq=1).deleted_at is None


def test_a_page_of_a_room_that_is_gone_is_no_fault(den: Room) -> None:
    remove(den)

    for read in (room_heads.end_position, history.last_page):
        with pytest.raises(NotFound):
            read(den)
    assert catch_up.gap(den, 1, None, "e") is None


# --- Nodes ------------------------------------------------------------------------------------


def on(node: Node, room: str, what: str) -> None:
    """Have a command do it, which has no bus: nodes are told nothing, as while Redis is away."""
    node.manage(
        "shell", "-v0", "-c",
        "from chat.models import Room; from chat.moderation import room_rules\n"
        "from chat.moderation.authorization import SYSTEM\n"
        f"room = Room.objects.get(key={room!r})\n" + what,
    )  # fmt: skip


CLOSE = {
    "made private": "room_rules.rename(actor=SYSTEM, room=room, name='x', kind='private')",
    "made private past the services": "Room.objects.filter(pk=room.pk).update(kind='private')",
    "made a direct room": "room_rules.rename(actor=SYSTEM, room=room, name='x', kind='direct')",
    "removed": "from chat.models import Message\n"
    "Message.objects.filter(room=room).delete()\n"
    "room.delete()",
}
COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("room.enter", {}),
    ("room.enter", {"since": {"epoch": "e", "seq": 1, "id": None}}),
    ("history.load", {"before": 5}),
    ("message.send", {"client_id": "a-1", "body": "still here"}),
    ("message.edit", {"seq": 1, "body": "mine"}),
    ("message.delete", {"seq": 1}),
    ("message.report", {"seq": 1, "reason": "r"}),
    ("reaction.set", {"seq": 1, "emoji": "👍", "on": True}),
]


@pytest.mark.parametrize("how", CLOSE)
def test_a_room_closes_for_those_inside_and_for_newcomers_on_every_node(
    north: Node, south: Node, how: str
) -> None:
    room = next(north.rooms)
    alice, bob = north.connect(), south.connect()
    for tab in (alice, bob):
        tab.enter(room)
        assert tab.say(room, "hello")["type"] == "message.accepted"

    on(north, room, CLOSE[how])
    with within(CONVERGED_SECONDS):
        for tab in (alice, bob):
            tab.receive("room.removed", room=room)

    for tab in (alice, bob, north.connect(), south.connect()):
        tab.drain_until_quiet()
        assert refusals(tab, room) == refusals(tab, "nowhere")
        tab.send("typing.start", room=room)
        tab.send("read.mark", room=room, seq=2)
        # A heartbeat may come at any time; it names no room that the tab is not in.
        heard = [frame for frame in tab.drain_until_quiet() if frame["type"] != "heartbeat"]
        assert heard == []


def refusals(tab: Client, room: str) -> list[dict[str, Any]]:
    asked = [tab.ask(type_, **fields | {"room": room}) for type_, fields in COMMANDS]
    return [json.loads(json.dumps(reply | {"ref": ""}).replace(room, "nowhere")) for reply in asked]


def test_a_room_that_opens_again_is_there_again_with_nobody_in_it(north: Node, south: Node) -> None:
    room = next(north.rooms)
    alice = north.connect()
    alice.enter(room)
    on(north, room, CLOSE["made private"])
    alice.receive("room.removed", CONVERGED_SECONDS, room=room)

    on(north, room, "room_rules.rename(actor=SYSTEM, room=room, name='x', kind='public')")
    bob = south.connect()

    assert bob.enter(room)["type"] == "room.entered"
    here = bob.receive("presence.state", room=room)
    assert [member["id"] for member in here["members"]] == [bob.hello["me"]["id"]]
    assert bob.say(room, "open")["type"] == "message.accepted"
    assert alice.enter(room)["messages"][-1]["body"] == "open"


def test_a_locked_room_is_left_to_nobody_but_stays_in_sight(north: Node, south: Node) -> None:
    room = next(north.rooms)
    bob = south.connect()
    bob.enter(room)

    on(north, room, "from chat.moderation.moderation_state import RoomRules\n"
       "room_rules.set_rules(actor=SYSTEM, room=room, rules=RoomRules(locked=True))")  # fmt: skip

    bob.receive("room.rules", CONVERGED_SECONDS, room=room, locked=True)
    assert bob.say(room, "But")["code"] == "forbidden"
    assert bob.enter(room)["type"] == "room.entered"
    assert "Traceback" not in south.log
