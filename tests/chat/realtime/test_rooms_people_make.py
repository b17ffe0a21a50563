"""Rooms that people make, over the socket and on two nodes: making, joining, inviting, leaving."""

from typing import Any

import pytest

from tests import clients
from tests.clients import Deployment, Node
from tests.sockets import Client, Frame

from .test_room_lists import LIVE_SECONDS
from .test_socket_contract import me


@pytest.fixture
def alice(north: Node) -> Client:
    return told(north.connect())


@pytest.fixture
def bob(south: Node) -> Client:
    return told(south.connect())


def told(client: Client) -> Client:
    """Past the room list."""
    client.receive("rooms.state")
    return client


def done(reply: Frame) -> None:
    assert reply["type"] == "command.done", reply


def make(client: Client, name: str = "Den", **fields: Any) -> str:
    """A room of this client's; its key."""
    opened = client.ask("room.create", **{"name": name, "kind": "private"} | fields)
    assert opened["type"] == "room.opened", opened
    return str(opened["entry"]["room"])


def make_for_both(alice: Client, bob: Client) -> str:
    """A private room of Alice's, which Bob knows that he is in; its key."""
    den = make(alice)
    done(alice.ask("member.add", room=den, members=[me(bob)["id"]]))
    bob.receive("room.updated", LIVE_SECONDS, room=den, joined=True)
    return den


def refusal(reply: Frame) -> tuple[str, str]:
    assert reply["type"] == "command.rejected", reply
    return reply["code"], reply["detail"]


# --- Making -----------------------------------------------------------------------------------


def test_who_makes_a_room_owns_it(alice: Client) -> None:
    opened = alice.ask("room.create", name="Book club", kind="private", topic="On Mondays")

    entry = opened["entry"]
    assert entry | {"room": ""} == {
        "room": "", "name": "Book club", "kind": "private", "head": 0, "topic": "On Mondays",
        "read": 0, "unread": 0, "mentions": 0, "notify": "all", "role": "owner", "joined": True,
    }  # fmt: skip
    assert entry["room"].startswith("book-club-")
    assert alice.enter(entry["room"])["head"] == 0
    assert alice.say(entry["room"], "hello")["type"] == "message.accepted"


def test_a_new_public_room_comes_into_the_lists_of_others(
    place: Deployment, alice: Client, bob: Client
) -> None:
    with clients.deployment() as empty, empty.node("alone") as node:
        node.manage("shell", "-v0", "-c", "from chat.models import Room, RoomHead\n"
                    "RoomHead.objects.exclude(room__key='lobby').delete()\n"
                    "Room.objects.exclude(key='lobby').delete()")  # fmt: skip
        maker, other = told(node.connect()), told(node.connect())

        key = make(maker, "Kitchen", kind="public")

        assert key == "kitchen"
        heard = other.receive("room.updated", LIVE_SECONDS, room="kitchen")
        assert (heard["name"], heard["kind"], heard["head"]) == ("Kitchen", "public", 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "invalid_text"),
        ({"name": " \u200b "}, "invalid_text"),
        ({"name": "x" * 65}, "too_long"),
        ({"topic": "x" * 251}, "too_long"),
        ({"kind": "direct"}, "bad_command"),
    ],
)
def test_a_room_needs_a_name_and_a_kind(alice: Client, fields: Any, code: str) -> None:
    asked = {"name": "Den", "kind": "private"} | fields

    assert refusal(alice.ask("room.create", **asked))[0] == code


def test_a_guest_makes_five_rooms_a_day(alice: Client) -> None:
    for number in range(5):
        make(alice, f"Room {number}")

    code, words = refusal(alice.ask("room.create", name="One more", kind="private"))

    assert (code, words) == ("rate_limited", "You may make 5 rooms a day. Try again tomorrow.")


# --- Joining and leaving ----------------------------------------------------------------------


def test_members_are_added_talk_and_are_removed(alice: Client, bob: Client) -> None:
    room = make(alice)
    assert refusal(bob.enter(room))[0] == "not_found"

    done(alice.ask("member.add", room=room, members=[me(bob)["id"]]))
    entry = bob.receive("room.updated", LIVE_SECONDS, room=room)
    assert (entry["name"], entry["role"], entry["joined"]) == ("Den", "member", True)
    bob.enter(room)
    bob.say(room, "thank you")
    alice.receive("room.activity", LIVE_SECONDS, room=room, head=1, unread=1)

    done(alice.ask("member.remove", room=room, member=me(bob)["id"]))
    bob.receive("room.removed", LIVE_SECONDS, room=room)

    alice.enter(room)
    alice.say(room, "he is gone")
    bob.ask("ping")
    bob.listen(1.5)
    after = bob.heard[[frame["type"] for frame in bob.heard].index("room.removed") + 1 :]
    assert [frame for frame in after if room in str(frame)] == []
    assert refusal(bob.enter(room))[0] == refusal(bob.say(room, "hm"))[0] == "not_found"


def test_one_who_is_removed_without_being_inside_is_told_once(alice: Client, bob: Client) -> None:
    room = make_for_both(alice, bob)

    done(alice.ask("member.remove", room=room, member=me(bob)["id"]))

    bob.receive("room.removed", LIVE_SECONDS, room=room)
    bob.listen(1.5)
    assert [f["type"] for f in bob.heard].count("room.removed") == 1


def test_a_public_room_is_found_joined_and_left(alice: Client, bob: Client) -> None:
    room = make(alice, "Astronomy for all", kind="public", topic="Stars")

    found = bob.ask("rooms.browse", query="astron")
    assert found["rooms"] == [
        {"room": room, "name": "Astronomy for all", "members": 1, "topic": "Stars"}
    ]
    joined = bob.ask("room.join", room=room)
    assert (joined["entry"]["role"], joined["entry"]["joined"]) == ("member", True)
    # A node that hears of both at once has nothing to tell.
    bob.receive("room.updated", LIVE_SECONDS, room=room, joined=True)
    members = alice.ask("room.members", room=room)
    assert [(one["id"], one["role"]) for one in members["members"]] == [
        (me(alice)["id"], "owner"),
        (me(bob)["id"], "member"),
    ]
    assert (members["total"], members["more"]) == (2, False)

    done(bob.ask("room.quit", room=room))

    bob.receive("room.updated", LIVE_SECONDS, room=room, joined=False)
    assert bob.ask("rooms.browse", query="stars")["rooms"][0]["members"] == 1


def test_rooms_are_browsed_a_page_at_a_time(bob: Client) -> None:
    first = bob.ask("rooms.browse")
    second = bob.ask("rooms.browse", after=first["rooms"][-1]["room"])

    keys = [room["room"] for page in (first, second) for room in page["rooms"]]
    assert len(keys) == 100
    assert keys == sorted(keys)
    assert first["more"] is True


def test_the_last_owner_stays_while_others_are_there(alice: Client, bob: Client) -> None:
    room = make(alice)
    done(alice.ask("member.add", room=room, members=[me(bob)["id"]]))

    assert refusal(alice.ask("room.quit", room=room))[0] == "forbidden"
    done(alice.ask("member.appoint", room=room, member=me(bob)["id"], office="owner"))
    done(alice.ask("room.quit", room=room))

    alice.receive("room.removed", LIVE_SECONDS, room=room)
    bob.receive("room.updated", LIVE_SECONDS, room=room, role="owner")


# --- Settings ---------------------------------------------------------------------------------


def test_what_an_owner_changes_is_told_to_all_members(alice: Client, bob: Client) -> None:
    room = make_for_both(alice, bob)

    done(alice.ask("room.update", room=room, name="Study", topic="Quiet"))
    heard = bob.receive("room.updated", LIVE_SECONDS, room=room, name="Study")
    assert heard["topic"] == "Quiet"
    assert refusal(bob.ask("room.update", room=room, name="Mine"))[0] == "forbidden"

    done(alice.ask("room.archive", room=room))
    bob.receive("room.updated", LIVE_SECONDS, room=room, archived=True)
    assert refusal(bob.say(room, "anyone?"))[0] == "forbidden"
    assert bob.enter(room)["type"] == "room.entered"
    bob.forget()
    done(alice.ask("room.archive", room=room, archived=False))
    bob.receive("room.updated", LIVE_SECONDS, room=room, archived=False)
    assert bob.say(room, "again")["type"] == "message.accepted"


def test_who_posts_how_often_and_who_invites_is_told_to_all_members(
    alice: Client, bob: Client
) -> None:
    den = make_for_both(alice, bob)

    done(alice.ask("rules.set", room=den, locked=True, slow_s=30))
    bob.receive("room.updated", LIVE_SECONDS, room=den, locked=True, slow_s=30, inviters="members")
    done(alice.ask("room.update", room=den, inviters="moderators"))
    bob.receive("room.updated", LIVE_SECONDS, room=den, locked=True, inviters="moderators")

    bob.enter(den)
    assert refusal(bob.say(den, "Me too"))[0] == "forbidden"
    assert refusal(bob.ask("member.add", room=den, members=[me(alice)["id"]]))[0] == "forbidden"
    alice.enter(den)
    assert alice.say(den, "Only we talk here.")["type"] == "message.accepted"


def test_nobody_locks_a_direct_conversation(alice: Client, bob: Client) -> None:
    both = alice.ask("direct.open", members=[me(bob)["id"]])["entry"]["room"]

    code, detail = refusal(alice.ask("rules.set", room=both, locked=True, slow_s=0))

    assert (code, "no settings" in detail) == ("forbidden", True)


def test_a_deleted_room_is_there_for_nobody(alice: Client, bob: Client) -> None:
    room = make_for_both(alice, bob)
    bob.enter(room)
    bob.say(room, "a secret")

    assert refusal(alice.ask("room.delete", room=room, name="den"))[0] == "invalid_text"
    done(alice.ask("room.delete", room=room, name="Den"))

    bob.receive("room.removed", LIVE_SECONDS, room=room)
    alice.receive("room.removed", LIVE_SECONDS, room=room)
    nowhere = refusal(bob.enter("nowhere"))
    assert refusal(bob.enter(room)) == (nowhere[0], nowhere[1].replace("nowhere", room))


def test_the_lobby_stays(alice: Client) -> None:
    for command, fields in [
        ("room.quit", {}),
        ("room.archive", {}),
        ("room.delete", {"name": "Lobby"}),
        ("room.update", {"kind": "private"}),
        ("member.remove", {"member": me(alice)["id"]}),
    ]:
        assert refusal(alice.ask(command, room="lobby", **fields))[0] == "forbidden"


def test_a_rooms_moderator_has_a_say_there_and_nowhere_else(alice: Client, bob: Client) -> None:
    room = make(alice)
    done(alice.ask("member.add", room=room, members=[me(bob)["id"]]))
    done(alice.ask("member.appoint", room=room, member=me(bob)["id"], office="moderator"))
    bob.receive("room.updated", LIVE_SECONDS, room=room, role="moderator")
    bob.enter(room)
    alice.enter(room)
    said = alice.say(room, "mine")["seq"]

    done(bob.ask("rules.set", room=room, locked=True, slow_s=0))
    alice.receive("room.rules", LIVE_SECONDS, room=room, locked=True)
    assert bob.say(room, "a moderator writes here")["type"] == "message.accepted"
    assert refusal(bob.ask("message.delete", room=room, seq=said))[0] == "forbidden"
    assert refusal(bob.ask("rules.set", room="lobby", locked=True, slow_s=0))[0] == "forbidden"


# --- Direct messages --------------------------------------------------------------------------


def test_a_direct_room_is_one_for_its_members_and_shown_with_the_first_message(
    alice: Client, bob: Client
) -> None:
    opened = alice.ask("direct.open", members=[me(bob)["id"]])["entry"]
    assert (opened["kind"], opened["name"]) == ("direct", me(bob)["name"])
    assert opened["members"] == [me(bob)]
    again = bob.ask("direct.open", members=[me(alice)["id"]])["entry"]
    assert again["room"] == opened["room"]
    bob.listen(1.2)
    assert not [f for f in bob.heard if f["type"] == "room.updated"]

    alice.say(opened["room"], "psst")

    heard = bob.receive("room.updated", LIVE_SECONDS, room=opened["room"])
    assert (heard["name"], heard["unread"], heard["head"]) == (me(alice)["name"], 1, 1)


def test_one_who_is_blocked_writes_no_direct_messages(alice: Client, bob: Client) -> None:
    room = alice.ask("direct.open", members=[me(bob)["id"]])["entry"]["room"]
    alice.say(room, "psst")
    bob.receive("room.updated", LIVE_SECONDS, room=room)

    done(bob.ask("member.block", member=me(alice)["id"]))

    alice.receive("room.updated", LIVE_SECONDS, room=room, archived=True)
    assert refusal(alice.say(room, "hello?"))[0] == "forbidden"
    assert refusal(alice.ask("direct.open", members=[me(bob)["id"]]))[0] == "forbidden"
    alice.forget()
    done(bob.ask("member.unblock", member=me(alice)["id"]))
    alice.receive("room.updated", LIVE_SECONDS, room=room, archived=False)
    assert alice.say(room, "hello again")["type"] == "message.accepted"


# --- Invitations and notifications ------------------------------------------------------------


def test_an_invitation_is_made_used_and_revoked(alice: Client, north: Node) -> None:
    room = make(alice)
    made = alice.ask("invitation.create", room=room, uses=1)
    assert made["path"].startswith("/invite/")
    assert made["invitation"]["uses_left"] == 1

    cookie = next(north.cookies)
    north.post(made["path"], cookie)
    carol = told(north.connect(cookie))

    assert carol.enter(room)["type"] == "room.entered"
    assert alice.ask("invitation.list", room=room)["invitations"] == []
    second = alice.ask("invitation.create", room=room)["invitation"]
    [listed] = alice.ask("invitation.list", room=room)["invitations"]
    assert (listed["id"], listed["creator"]) == (second["id"], me(alice))
    done(alice.ask("invitation.revoke", invitation=second["id"]))
    assert alice.ask("invitation.list", room=room)["invitations"] == []


def test_levels_are_the_members_own_and_reach_every_device(north: Node, south: Node) -> None:
    cookie = next(north.cookies)
    phone, laptop = told(north.connect(cookie)), told(south.connect(cookie))
    room = make(phone)
    laptop.receive("room.updated", LIVE_SECONDS, room=room)

    done(phone.ask("notify.set", room=room, notify="mentions"))

    laptop.receive("room.updated", LIVE_SECONDS, room=room, notify="mentions")
