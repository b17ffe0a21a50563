"""Someone is deleted, or turns out to be somebody else: the other node follows by itself."""

from typing import Any

from chat.maintenance.erasure import NOBODY
from chat.protocol import CLOSE_SIGN_IN
from tests.clients import Node
from tests.sockets import Client, wait_until

from .test_profiles import load
from .test_socket_contract import me

CARRY_OVER = """
from chat.accounts.models import Member
from chat.accounts.sessions import Identity
from chat.moderation import accounts, carrying_over
account, guest = (Member.objects.get(pk=pk) for pk in ({account}, {guest}))
accounts.make_account(account)
former = Identity(guest.pk, guest.name, guest.session)
carrying_over.carry_over(account=account, guest=former)
"""


def wait_for_name(client: Client, member_id: int, name: str) -> None:
    """Until the client is told, without asking, that this member is called so now."""
    told: dict[int, str] = {}
    while told.get(member_id) != name:
        for one in client.receive("members.changed")["members"]:
            told[one["id"]] = one["name"]


def roster(client: Client, room: str) -> set[int]:
    people: list[dict[str, Any]] = client.ask("people.load", room=room)["people"]
    return {one["id"] for one in people}


def test_a_deleted_member_is_gone_on_the_other_node_too(north: Node, south: Node) -> None:
    cookie, room = next(north.cookies), next(north.rooms)
    alice, elsewhere, bob = north.connect(cookie), south.connect(cookie), south.connect()
    for client in (alice, elsewhere, bob):
        client.enter(room)
    name = me(alice)["name"]
    said = alice.say(room, "a secret")["seq"]
    answered = bob.say(room, f"@{name} look")["seq"]
    alice.ask("reaction.set", room=room, seq=answered, emoji="👍", on=True)
    load(bob, me(alice)["id"])

    north.post("/account/delete/", cookie, typed=name, texts="remove", name="remove")

    for client in (alice, elsewhere):
        assert client.receive("bye")["code"] == CLOSE_SIGN_IN
    wait_for_name(bob, me(alice)["id"], NOBODY)
    assert load(bob, me(alice)["id"]) == [{"id": me(alice)["id"], "name": NOBODY}]
    wait_until(lambda: not shown(bob, room, said)["body"])
    wait_until(lambda: not shown(bob, room, answered).get("reactions"))
    assert shown(bob, room, said)["author"]["name"] == NOBODY
    late = Client(south.open_socket(cookie))
    assert late.receive("bye")["code"] == CLOSE_SIGN_IN


def shown(client: Client, room: str, seq: int) -> dict[str, Any]:
    """The message as the node shows it to who comes now."""
    page = client.ask("history.load", room=room, before=seq + 1)
    [found] = [one for one in page["messages"] if one["seq"] == seq]
    return dict(found)


def test_a_guest_who_is_an_account_now_is_one_on_the_other_node_too(
    north: Node, south: Node
) -> None:
    room = next(north.rooms)
    greta, gus, carol = south.connect(), south.connect(), south.connect()
    for client in (greta, gus, carol):
        client.enter(room)
    account, guest = me(greta), me(gus)
    said = gus.say(room, "as a guest")["seq"]
    load(carol, guest["id"])

    # Beside the nodes: without Redis, no hint comes.
    both = {"account": account["id"], "guest": guest["id"]}
    north.manage("shell", "-v0", "-c", CARRY_OVER.format(**both))

    assert gus.receive("bye")["code"] == CLOSE_SIGN_IN
    wait_for_name(carol, guest["id"], account["name"])
    message = shown(carol, room, said)
    assert message["author"] == {"id": guest["id"], "name": account["name"]}
    done = greta.ask("message.edit", room=room, seq=said, body="as an account")
    assert done["type"] == "change.accepted"
    assert shown(carol, room, said)["author"]["id"] == guest["id"]


def test_an_account_that_is_renamed_is_so_under_the_ids_it_had_on_the_other_node(
    north: Node, south: Node
) -> None:
    room, cookie = next(north.rooms), next(north.cookies)
    greta, gus, carol = north.connect(cookie), south.connect(), south.connect()
    for client in (gus, carol):
        client.enter(room)
    said = gus.say(room, "as a guest")["seq"]
    both = {"account": me(greta)["id"], "guest": me(gus)["id"]}
    north.manage("shell", "-v0", "-c", CARRY_OVER.format(**both))
    wait_until(lambda: load(carol, me(gus)["id"])[0]["name"] == me(greta)["name"])

    north.post("/rename/", cookie, name="Margarete the Great")

    wait_for_name(carol, me(gus)["id"], "Margarete the Great")
    assert shown(carol, room, said)["author"]["name"] == "Margarete the Great"
