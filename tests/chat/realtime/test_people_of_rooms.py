"""The people of rooms that people make: found, blocked, shown on a card, marked by role."""

from tests.clients import Node
from tests.sockets import Client

from . import test_rooms_people_make as making
from .test_room_lists import LIVE_SECONDS
from .test_rooms_people_make import done, make, make_for_both, refusal, told
from .test_socket_contract import me

alice, bob = making.alice, making.bob


# --- Reports ------------------------------------------------------------------------------


def test_reports_of_a_private_room_come_to_those_who_run_it(north: Node) -> None:
    cookie = next(north.cookies)
    alice, bob, carol = (told(north.connect(one)) for one in (cookie, None, None))
    den = make(alice)
    done(alice.ask("member.add", room=den, members=[me(bob)["id"], me(carol)["id"]]))
    carol.receive("room.updated", LIVE_SECONDS, room=den, joined=True)
    said = carol.say(den, "Buy now")

    done(bob.ask("message.report", room=den, seq=said["seq"], reason="An advertisement"))
    alice.receive("standing", LIVE_SECONDS, reports=1)
    [reported] = alice.ask("reports.load")["reports"]
    assert (reported["room"], reported["body"]) == (den, "Buy now")
    assert refusal(bob.ask("reports.load"))[0] == "forbidden"
    assert refusal(bob.ask("report.dismiss", report=reported["report"]))[0] == "forbidden"
    another_tab = north.connect(cookie)
    another_tab.receive("standing", LIVE_SECONDS, reports=1)

    done(alice.ask("report.dismiss", report=reported["report"]))
    another_tab.receive("standing", LIVE_SECONDS)
    assert alice.ask("reports.load")["reports"] == []
    assert "standing" not in {frame["type"] for frame in [*bob.heard, *carol.heard]}


# --- People ----------------------------------------------------------------------------------


def test_members_are_found_by_the_beginning_of_their_name(alice: Client, bob: Client) -> None:
    name = me(bob)["name"]

    found = alice.ask("members.find", query=name.upper())
    assert me(bob) in found["members"]
    assert me(alice) not in alice.ask("members.find", query="guest")["members"]
    assert alice.ask("members.find", query="nobody is called so")["members"] == []


def test_whom_one_blocks_is_listed_until_the_block_ends(alice: Client, bob: Client) -> None:
    done(alice.ask("member.block", member=me(bob)["id"]))
    assert alice.ask("blocked.list")["members"] == [me(bob)]
    assert bob.ask("blocked.list")["members"] == []

    done(alice.ask("member.unblock", member=me(bob)["id"]))
    assert alice.ask("blocked.list")["members"] == []


def test_a_card_shows_the_role_in_the_room_and_what_one_may_do_there(
    alice: Client, bob: Client
) -> None:
    den = make_for_both(alice, bob)

    shown = alice.ask("member.show", member=me(bob)["id"], room=den)
    assert (shown["role_here"], shown["may_here"]) == ("member", ["remove", "appoint"])
    shown = bob.ask("member.show", member=me(alice)["id"], room=den)
    assert (shown["role_here"], shown["may_here"], shown["may"]) == ("owner", [], [])
    done(bob.ask("member.block", member=me(alice)["id"]))
    assert bob.ask("member.show", member=me(alice)["id"], room=den)["blocked"]
    # Of a room that one does not see, nobody hears.
    done(alice.ask("member.remove", room=den, member=me(bob)["id"]))
    assert refusal(bob.ask("member.show", member=me(alice)["id"], room=den))[0] == "not_found"
    assert refusal(bob.ask("member.show", member=me(alice)["id"]))[0] == "forbidden"


def test_who_runs_a_room_is_marked_among_its_people_on_every_node(
    alice: Client, bob: Client
) -> None:
    den = make_for_both(alice, bob)
    alice.enter(den)
    bob.enter(den)

    def hears(client: Client, member: Client, role: str | None) -> None:
        wanted = me(member) | ({"role": role} if role else {})
        while not any(
            wanted in frame.get("joined", []) + frame.get("members", [])
            for frame in client.heard
            if frame["type"].startswith("presence.")
        ):
            client.receive("presence.diff", LIVE_SECONDS * 2, room=den)

    hears(bob, alice, "owner")
    done(alice.ask("member.appoint", room=den, member=me(bob)["id"], office="moderator"))
    hears(alice, bob, "moderator")
    people = alice.ask("people.find", room=den)["people"]
    assert [person.get("role") for person in people] == ["owner", "moderator"]
    alice.forget()
    done(alice.ask("member.appoint", room=den, member=me(bob)["id"], office=""))
    hears(alice, bob, None)
