"""Someone who was removed from a private room tries every way back in, and learns nothing.

Whatever they ask about the room is answered as if no such room had ever been: by the same words and
status, and in the same time. The removal is a command's, which tells no node; each has to find out.
"""

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from chat.accounts.models import Member
from chat.errors import NotFound
from chat.moderation import room_rules
from chat.rooms import access
from chat.rooms.models import Room
from tests import clients
from tests.clients import Node
from tests.sockets import Client, Frame

from ..realtime.test_room_lists import BUSY, LIVE_SECONDS

# As long as the room's own key, and nobody's.
ABSENT = "den-00000000"
# Each way is timed so often, by turns with the room that never was.
ROUNDS = 15


class Story:
    """A private room with a secret, its owner, and someone who was in it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.owner = node.connect()
        self.cookie = next(node.cookies)
        self.removed = node.connect(self.cookie)
        self.member: int = self.removed.hello["me"]["id"]
        # A list that is read later has the room already, and is all that is told of it.
        self.removed.receive("rooms.state")
        made = self.owner.ask("room.create", name="Den", kind="private", topic="Treasure")
        self.room: str = made["entry"]["room"]
        self.link: str = self.owner.ask("invitation.create", room=self.room)["path"]
        self.invitation = self.owner.ask("invitation.list", room=self.room)["invitations"][0]["id"]
        self.owner.ask("member.add", room=self.room, members=[self.member])
        self.removed.receive("room.updated", LIVE_SECONDS, room=self.room)
        entered = self.removed.enter(self.room)
        said = self.removed.say(self.room, "mine", client_id="my-own")
        self.mine, self.theirs = said["seq"], self.owner.say(self.room, "the treasure")["seq"]
        changes = self.removed.changes(self.theirs)
        self.position = {"epoch": entered["epoch"], "seq": changes["to"], "id": changes["to_id"]}
        node.manage(
            "shell", "-v0", "-c",
            "from chat.models import Member, Room; from chat.moderation import room_members\n"
            "from chat.moderation.authorization import SYSTEM\n"
            f"room = Room.objects.get(key={self.room!r})\n"
            f"member = Member.objects.get(pk={self.member})\n"
            "room_members.remove(actor=SYSTEM, room=room, member=member)",
        )  # fmt: skip
        self.removed.receive("room.removed", 2 * BUSY, room=self.room)
        self.owner.say(self.room, "he is gone")

    def ways(self) -> list[tuple[str, dict[str, Any]]]:
        """Everything that a socket may ask about a room."""
        mine, theirs, me = self.mine, self.theirs, self.member
        owner = self.owner.hello["me"]["id"]
        return [
            ("room.enter", {"since": None}),
            ("room.enter", {"since": self.position}),
            ("room.enter", {"since": self.position | {"seq": 1}}),
            ("room.enter", {"since": self.position | {"epoch": "0"}}),
            ("history.load", {"before": 2**40}),
            ("history.load", {"before": theirs + 1, "limit": 1}),
            ("message.send", {"client_id": "new", "body": "let me in"}),
            ("message.send", {"client_id": "my-own", "body": "mine"}),
            ("message.send", {"client_id": "my-own", "body": "not what I said"}),
            ("message.send", {"client_id": "answer", "body": "an answer", "reply_to": theirs}),
            ("message.edit", {"seq": mine, "body": "changed"}),
            ("message.edit", {"seq": theirs, "body": "changed"}),
            ("message.delete", {"seq": mine}),
            ("message.delete", {"seq": theirs}),
            ("message.restore", {"seq": mine}),
            ("message.report", {"seq": theirs, "reason": "look"}),
            ("message.report", {"seq": 10**6, "reason": "look"}),
            ("reaction.set", {"seq": theirs, "emoji": "👍", "on": True}),
            ("reaction.set", {"seq": mine, "emoji": "👍", "on": False}),
            ("rules.set", {"locked": True, "slow_s": 0}),
            ("people.find", {"query": ""}),
            ("room.update", {"name": "Mine"}),
            ("room.update", {"topic": "Open"}),
            ("room.update", {"kind": "public"}),
            ("room.update", {"inviters": "members"}),
            ("room.archive", {"archived": True}),
            ("room.archive", {"archived": False}),
            ("room.delete", {"name": "Den"}),
            ("room.join", {}),
            ("room.quit", {}),
            ("room.members", {}),
            ("room.members", {"after": owner - 1}),
            ("member.add", {"members": [me]}),
            ("member.remove", {"member": owner}),
            ("member.appoint", {"member": me, "office": "owner"}),
            ("invitation.create", {}),
            ("invitation.list", {}),
            ("notify.set", {"notify": "all"}),
        ]

    def pages(self) -> list[tuple[str, str, dict[str, str]]]:
        """Everything that a browser may ask about a room."""
        here, form = f"/rooms/{self.room}/", {"csrfmiddlewaretoken": "t" * 32}
        return [
            ("GET", here, {}),
            ("HEAD", here, {}),
            ("GET", f"{here}{self.theirs}/", {}),
            ("GET", f"{here}{10**6}/", {}),
            ("GET", f"{here}missed/0/", {}),
            ("GET", f"{here}restorable/?seqs={self.mine}", {}),
            ("POST", f"{here}messages/", form | {"body": "hi", "client_id": "new"}),
            ("POST", f"{here}messages/", form | {"body": "mine", "client_id": "my-own"}),
        ]

    def ask(self, type_: str, fields: Frame, room: str) -> tuple[Frame, float]:
        began = time.perf_counter()
        reply = self.removed.ask(type_, **{"room": room} | fields)
        return neutral(reply | {"ref": ""}, room), time.perf_counter() - began

    def time_of(self, type_: str, fields: Frame, room: str) -> float:
        return self.ask(type_, fields, room)[1]

    def time_of_page(self, page: tuple[str, str, dict[str, str]], room: str) -> float:
        return float(self.browse(*page, room)[1])

    def browse(self, method: str, path: str, fields: dict[str, str], room: str) -> Any:
        """Status, headers and text of an answer, without what is random in it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port)
        cookies = f"{self.cookie}; csrftoken={'t' * 32}"
        headers = {"Cookie": cookies, "Origin": self.node.origin}
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        connection.request(
            method, path.replace(self.room, room), urlencode(fields) if fields else None, headers
        )
        answer = connection.getresponse()
        text = re.sub(r'nonce="[^"]*"', "", answer.read().decode())
        took = time.perf_counter() - began
        names = sorted(name for name, _ in answer.getheaders())
        connection.close()
        return neutral((answer.status, names, text), room), took


def neutral(answer: Any, room: str) -> Any:
    """The answer without the key that was asked for."""
    return json.loads(json.dumps(answer).replace(room, "-"))


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with clients.deployment() as place, place.node("node", RATE_LIMITS="off") as node:
        yield Story(node)


def test_there_are_at_least_forty_ways(story: Story) -> None:
    assert len(story.ways()) + len(story.pages()) >= 40


def test_whatever_is_asked_over_the_socket_is_answered_as_if_there_were_no_room(
    story: Story,
) -> None:
    story.removed.forget()
    for type_, fields in story.ways():
        there, _ = story.ask(type_, fields, story.room)
        nowhere, _ = story.ask(type_, fields, ABSENT)

        assert there == nowhere, type_
        assert there["code"] in {"not_found", "forbidden"}, there


def test_whatever_page_is_asked_for_is_answered_as_if_there_were_no_room(story: Story) -> None:
    for method, path, fields in story.pages():
        there, _ = story.browse(method, path, fields, story.room)
        nowhere, _ = story.browse(method, path, fields, ABSENT)

        assert there == nowhere, path
        assert there[0] in {403, 404}, path


def test_what_needs_no_key_says_nothing_of_the_room(story: Story) -> None:
    again = story.node.connect(story.cookie)
    again.send("typing.start", room=story.room)
    again.send("read.mark", room=story.room, seq=5)
    again.send("room.leave", ref="leave", room=story.room)
    again.ask("rooms.browse", query="den")
    again.ask("rooms.browse", query="treasure")
    again.ask("room.join", room="lobby")
    again.ask("invitation.revoke", invitation=story.invitation)
    story.owner.say(story.room, "still talking")
    again.listen(2.5)

    heard = [frame for frame in again.heard if frame.get("ref") != "leave"]
    assert "rooms.state" in {frame["type"] for frame in heard}
    assert story.room not in str(heard)
    assert "Treasure" not in str(heard)
    assert "still talking" not in str(story.removed.heard)
    nothing = again.ask("invitation.revoke", invitation=10**6)
    mine = again.ask("invitation.revoke", invitation=story.invitation)
    assert mine | {"ref": ""} == nothing | {"ref": ""}
    for path in ("/rooms/lobby/", "/"):
        assert story.room not in str(story.browse("GET", path, {}, ABSENT))


def test_the_links_of_the_room_lead_nowhere(story: Story) -> None:
    for method in ("GET", "POST"):
        form = {"csrfmiddlewaretoken": "t" * 32} if method == "POST" else {}
        there, _ = story.browse(method, story.link, form, ABSENT)
        nowhere, _ = story.browse(method, "/invite/" + "A" * 24 + "/", form, ABSENT)

        assert there[0] == nowhere[0] == 404
        assert there[2].replace(story.link, "-") == nowhere[2].replace(
            "/invite/" + "A" * 24 + "/", "-"
        )
        assert "Den" not in there[2]


def test_the_time_of_an_answer_tells_nothing(story: Story) -> None:
    """All ways together, by turns, and the quickest of each: what else a machine does disturbs
    that least. The number of queries is compared below.
    """
    asked: list[Callable[[str], float]] = [
        *(partial(story.time_of, type_, fields) for type_, fields in story.ways()),
        *(partial(story.time_of_page, page) for page in story.pages()),
    ]
    there = nowhere = 0.0
    for ask in asked:
        times = [(ask(story.room), ask(ABSENT)) for _ in range(ROUNDS)]
        there += min(one for one, _ in times)
        nowhere += min(other for _, other in times)

    assert 1 / 1.5 < there / nowhere < 1.5, (there, nowhere)


def test_a_room_that_is_not_for_one_costs_as_many_queries_as_none(
    alice: Member, django_assert_num_queries: Any
) -> None:
    room_rules.open_room(key="den", name="Den", kind=Room.Kind.PRIVATE)
    for key in ("den", "nowhere", "den", "nowhere"):
        with django_assert_num_queries(2), pytest.raises(NotFound):
            access.room_for(alice.pk, key)


def test_the_room_is_as_it_was(story: Story) -> None:
    page: Client = story.owner
    entered = page.enter(story.room)

    bodies = [message["body"] for message in entered["messages"]]
    assert bodies == ["mine", "the treasure", "he is gone", "still talking"]
    assert page.ask("room.members", room=story.room)["total"] == 1
