"""The site settings on real nodes: a change holds on each of them within two seconds, and throws
nobody out.
"""

import itertools
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from chat.protocol import CLOSE_SIGN_IN
from tests import clients
from tests.clients import Node
from tests.kit import two_nodes
from tests.sockets import PATIENCE_SECONDS, Client, wait_until

FOLLOWED_SECONDS = 2
# All settings in one process: each starts for a second.
RESET = """
from chat.accounts.site_settings import SiteSettings, save
save(SiteSettings(welcome={welcome!r}))
"""
QUIETLY = """
from chat.accounts.site_models import SiteSettings
SiteSettings.objects.update_or_create(pk=1, defaults={{"name": "{name}"}})
"""

_numbers = itertools.count(1)

# Their settings change, so that other modules share neither.
place = pytest.fixture(scope="module")(two_nodes.start_place)
north = pytest.fixture(scope="module")(two_nodes.start_north)
south = pytest.fixture(scope="module")(two_nodes.start_south)


@pytest.fixture(autouse=True)
def _as_on_a_new_site(north: Node, south: Node) -> Iterator[None]:
    yield
    over = f"Test {next(_numbers)} is over."
    north.manage("shell", "-v0", "-c", RESET.format(welcome=over))
    wait_until(lambda: shows(north, over) and shows(south, over))


def shows(node: Node, text: str) -> bool:
    with urlopen(node.origin) as page:  # noqa: S310 - our own node
        return text in page.read().decode()


def set_site(node: Node, name: str, value: str) -> float:
    node.manage("site", "set", name, value)
    return time.monotonic()


def told(client: Client, since: float) -> dict[str, Any]:
    """What the client hears of the change, in time."""
    event = client.receive("site.changed")
    assert time.monotonic() - since < FOLLOWED_SECONDS
    site: dict[str, Any] = event["site"]
    return site


def test_everyone_hears_of_a_change_on_every_node_and_stays(north: Node, south: Node) -> None:
    here, there = north.connect(), south.connect()
    assert "site" not in here.hello

    changed = set_site(north, "who_may_come_in", "accounts")

    assert told(here, changed) == {"comes_in": "accounts"}
    assert told(there, changed) == {"comes_in": "accounts"}
    room = next(north.rooms)
    for client in (here, there):
        client.enter(room)
        assert client.say(room, "Still here")["type"] == "message.accepted"
    assert south.connect().hello["site"] == {"comes_in": "accounts"}


def test_where_guests_only_read_a_guest_writes_nothing(north: Node, south: Node) -> None:
    guest, room = south.connect(), next(north.rooms)
    guest.enter(room)
    mine = guest.say(room, "Mine")["seq"]

    told(guest, set_site(north, "guests_read_only", "on"))

    send = {"room": room, "client_id": "g-1", "body": "May I?"}
    refused = [
        guest.ask("message.send", **send),
        guest.ask("message.edit", room=room, seq=mine, body="Other"),
        guest.ask("reaction.set", room=room, seq=mine, emoji="👍", on=True),
        guest.ask("room.create", name="Mine", kind="public"),
    ]
    assert [reply.get("code") for reply in refused] == ["forbidden"] * 4
    assert "Keep your name" in refused[0]["detail"]
    assert guest.ask("message.delete", room=room, seq=mine)["type"] == "change.accepted"


def test_where_visitors_do_not_read_their_sockets_end(north: Node, south: Node) -> None:
    visitor = south.visit()

    changed = set_site(north, "visitors_read", "off")

    assert visitor.receive("bye")["code"] == CLOSE_SIGN_IN
    assert time.monotonic() - changed < FOLLOWED_SECONDS
    late = Client(south.open_socket("", query="?visitor=1"))
    assert late.receive("bye")["code"] == CLOSE_SIGN_IN


def test_moderators_hear_who_waits_and_decide_once(north: Node, south: Node) -> None:
    cookie = next(north.cookies)
    link = north.manage("invite_owner").strip()
    north.post(link.removeprefix(north.origin), cookie)
    set_site(north, "approval", "on")
    owner = south.connect(cookie)
    if owner.hello.get("newcomers") is None:
        while owner.receive("standing").get("newcomers") is None:
            pass

    # The node that told the owner follows the setting; the other may still be about to.
    south.post("/join/", "nothing=1", name="Greta", note="From the fair")

    assert owner.receive("standing")["newcomers"] == 1
    (waiting,) = owner.ask("newcomers.load")["newcomers"]
    assert (waiting["name"], waiting["note"]) == ("Greta", "From the fair")
    decide = {"newcomer": waiting["id"], "reason": "Not known here"}
    assert owner.ask("newcomer.decide", decision="refused", **decide)["type"] == "command.done"
    assert owner.ask("newcomer.decide", decision="approved", **decide)["code"] == "forbidden"
    assert owner.ask("newcomer.decide", decision="", **decide)["type"] == "command.done"
    assert [one["id"] for one in owner.ask("newcomers.load")["newcomers"]] == [waiting["id"]]
    guest = south.connect()
    assert guest.ask("newcomers.load")["code"] == "forbidden"
    assert guest.ask("newcomer.decide", decision="approved", **decide)["code"] == "forbidden"


def test_a_node_of_a_new_site_keeps_the_settings_too() -> None:
    """Nothing was moderated yet, so that no number says that there is something to read."""
    with clients.deployment() as place, place.node() as node:
        deadline, shown = time.monotonic() + PATIENCE_SECONDS, True
        number = 0
        while shown:
            assert time.monotonic() < deadline, "each page reads the settings anew"
            number += 1
            # Past all that tells nodes of a change: only a page that asks the database shows it.
            node.manage("shell", "-v0", "-c", QUIETLY.format(name=f"Site {number}"))
            with urlopen(node.origin) as page:  # noqa: S310 - our own node
                shown = f"Site {number}" in page.read().decode()
