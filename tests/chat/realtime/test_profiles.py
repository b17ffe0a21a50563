"""Profiles over sockets: everyone who shows a member learns of a change, on whichever node."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chat.maintenance.erasure import NOBODY
from tests.clients import Node
from tests.sockets import Client, wait_until

from .test_socket_contract import me

WITHIN_SECONDS = 2.0


def load(client: Client, *ids: int) -> list[dict[str, Any]]:
    loaded = client.ask("members.load", members=list(ids))
    assert loaded["type"] == "members.loaded", loaded
    return list(loaded["members"])


def face(client: Client, member_id: int) -> dict[str, Any]:
    [found] = load(client, member_id)
    return found


def changed(client: Client) -> list[dict[str, Any]]:
    return list(client.receive("members.changed")["members"])


def ends(**after: int) -> str:
    return (datetime.now(UTC) + timedelta(**after)).isoformat()


def test_a_status_is_told_to_all_who_show_the_member_on_every_node(
    north: Node, south: Node
) -> None:
    alice, bob, carol = north.connect(), north.connect(), south.connect()
    for other in (bob, carol):
        assert face(other, me(alice)["id"]) == me(alice)

    until = ends(hours=1)
    done = alice.ask("status.set", emoji="🌴", text="On holiday", until=until)

    assert done["type"] == "command.done"
    for other in (bob, carol):
        [told] = changed(other)
        assert told["id"] == me(alice)["id"]
        assert (told["status"]["emoji"], told["status"]["text"]) == ("🌴", "On holiday")
        assert face(other, me(alice)["id"]) == told


def test_a_status_is_over_on_every_node_without_a_word(north: Node, south: Node) -> None:
    alice, carol = north.connect(), south.connect()
    alice.ask("status.set", text="Back in a second", until=ends(seconds=1))
    assert "status" in face(carol, me(alice)["id"])

    wait_until(lambda: "status" not in face(carol, me(alice)["id"]))


def test_who_shows_nobody_is_told_nothing(north: Node) -> None:
    alice, bob = north.connect(), north.connect()

    alice.ask("profile.set", about="Nobody asked.")
    alice.ask("status.set", text="Nobody asked.")

    assert face(bob, me(alice)["id"])["status"] == {"text": "Nobody asked."}


def test_what_others_cannot_see_changes_nothing_for_them(north: Node) -> None:
    alice, bob = north.connect(), north.connect()
    face(bob, me(alice)["id"])

    alice.ask("profile.set", about="Beans.", pronouns="she/her", time_zone="Europe/Vienna")
    alice.ask("status.set", text="Seen")

    [told] = changed(bob)
    assert told["status"] == {"text": "Seen"}


def test_the_card_shows_what_a_member_says(north: Node) -> None:
    alice, bob = north.connect(), north.connect()
    alice.ask("profile.set", about="Beans.", pronouns="she/her", time_zone="Europe/Vienna")

    for asker in (alice, bob):
        shown = asker.ask("member.show", member=me(alice)["id"], room="lobby")
        assert shown["profile"] == {
            "pronouns": "she/her", "about": "Beans.", "time_zone": "Europe/Vienna",
        }  # fmt: skip
        assert "former_names" not in shown


def test_guests_are_refused_a_handle_in_words(north: Node) -> None:
    alice = north.connect()

    refused = alice.ask("profile.set", handle="alice")

    assert (refused["code"], refused["detail"]) == (
        "forbidden", "A handle needs an account: keep this name first.",
    )  # fmt: skip


def test_nobody_who_never_was_is_loaded(north: Node) -> None:
    alice = north.connect()

    assert load(alice, 0, 2**50) == []
    assert alice.ask("members.load", members=[])["code"] == "bad_command"
    assert alice.ask("members.load", members=list(range(201)))["code"] == "bad_command"


def test_a_visitor_learns_of_those_alone_who_spoke_where_all_can_read(north: Node) -> None:
    alice, quiet, secret = north.connect(), north.connect(), north.connect()
    alice.enter("lobby")
    alice.say("lobby", "hello")
    opened = secret.ask("room.create", name="Den", kind="private")
    key = opened["entry"]["room"]
    secret.enter(key)
    secret.say(key, "hush")
    visitor = north.visit()
    everyone = [me(one)["id"] for one in (alice, quiet, secret)]

    assert [one["id"] for one in load(visitor, *everyone)] == [me(alice)["id"]]

    load(alice, *everyone)
    for one in (secret, quiet, alice):
        one.ask("status.set", text="Changed")
    told = changed(visitor)
    assert [one["id"] for one in told] == [me(alice)["id"]]


def test_a_visitor_says_nothing_about_themselves(north: Node) -> None:
    visitor = north.visit()

    for command in ("profile.set", "status.set", "picture.remove"):
        assert visitor.ask(command)["code"] == "forbidden"
    assert visitor.ask("profile.clear", member=1, part="picture")["code"] == "forbidden"


def test_a_member_clears_nobodys_profile(north: Node) -> None:
    alice, bob = north.connect(), north.connect()
    alice.ask("profile.set", about="Beans.")

    refused = bob.ask("profile.clear", member=me(alice)["id"], part="texts")

    assert refused["code"] == "forbidden"


def test_changes_have_a_limit(north: Node) -> None:
    alice = north.connect()

    answers = [alice.ask("status.set", text=f"{number}") for number in range(25)]

    assert answers[-1]["code"] == "rate_limited"
    assert answers[-1]["retry_ms"] > 0


def test_a_change_of_which_no_hint_comes_is_found_all_the_same(north: Node, south: Node) -> None:
    """A command beside the nodes, which without Redis can tell them nothing."""
    alice, carol = north.connect(), south.connect()
    alice.ask("status.set", text="Here")
    face(carol, me(alice)["id"])

    north.manage("erase_member", str(me(alice)["id"]))

    told = changed(carol)
    assert told == [{"id": me(alice)["id"], "name": NOBODY}]
