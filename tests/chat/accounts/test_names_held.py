"""How long a name is held: while its bearer is connected, and some minutes more."""

import importlib
import re
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from chat.accounts import guests
from chat.accounts.models import Member
from chat.accounts.names import canonical_name
from chat.errors import RateLimited
from chat.messages import commit
from chat.moderation import admission, room_rules, write_permissions
from chat.moderation.authorization import SYSTEM
from chat.moderation.moderation_state import RoomRules
from chat.rooms.models import Room
from tests import clients
from tests.clients import Deployment, Node
from tests.sockets import Frame

from ..conftest import browser_of

# --- Members of an older version --------------------------------------------------------------


def migrate() -> None:
    migration = importlib.import_module("chat.migrations.0009_confusable_names")
    with connection.schema_editor() as editor:
        migration.recompute(apps, editor)


def stored(name: str, form: str, **fields: Any) -> Member:
    return Member.objects.create(name=name, canonical_name=form, **fields)


@pytest.mark.django_db(transaction=True)
def test_forms_of_names_are_stored_anew_and_nobody_loses_a_name() -> None:
    wilma, fake = stored("Wilma", "wilrna"), stored("VVilma", "vvilrna")
    dora, owner = stored("Clora", "clora"), stored("Dora", "dora", office="owner")
    old = stored("Dora", "dora", released_at=timezone.now())
    fine = stored("Bob", canonical_name("Bob"))

    migrate()
    migrate()

    forms = dict(Member.objects.values_list("pk", "canonical_name"))
    assert forms[wilma.pk] == canonical_name("Wilma")
    assert forms[owner.pk] == forms[old.pk] == canonical_name("Dora")
    assert forms[fine.pk] == canonical_name("Bob")
    assert len({forms[m.pk] for m in (wilma, fake, dora, owner)}) == 4
    assert set(Member.objects.live().values_list("name", flat=True)) == {
        "Wilma", "VVilma", "Clora", "Dora", "Bob",
    }  # fmt: skip


# --- Slow mode --------------------------------------------------------------------------------


@pytest.fixture
def slow(db: None) -> Room:
    slow = room_rules.open_room(key="slow", name="Slow")
    room_rules.set_rules(actor=SYSTEM, room=slow, rules=RoomRules(slow_seconds=300))
    slow.refresh_from_db()
    return slow


def say(member: Member, room: Room, key: str) -> commit.Accepted:
    return write_permissions.write(
        member=member, room=room, operation=commit.Post(member.pk, key, "hello")
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::2:3:4"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_a_new_name_is_no_way_out_of_slow_mode(slow: Room, first: str, second: str) -> None:
    say(admission.join(name="Ada", address=first), slow, "a-1")

    with pytest.raises(RateLimited, match="Slow mode") as refused:
        say(admission.join(name="Bea", address=second), slow, "b-1")

    assert 290_000 < (refused.value.retry_ms or 0) <= 300_001


def test_a_classroom_is_not_slowed_as_one(slow: Room) -> None:
    pupils = [admission.join(name=f"Pupil {n}", address="198.51.100.7") for n in range(3)]

    for number, pupil in enumerate(pupils):
        assert say(pupil, slow, f"p-{number}").is_new


def test_who_has_been_here_for_a_while_owes_nothing_to_their_network(slow: Room) -> None:
    say(admission.join(name="Ada", address="198.51.100.7"), slow, "a-1")
    bea = admission.join(name="Bea", address="198.51.100.7")
    Member.objects.filter(pk=bea.pk).update(created_at=timezone.now() - timedelta(seconds=301))

    assert say(bea, slow, "b-1").is_new


def test_other_networks_and_no_network_have_clocks_of_their_own(slow: Room) -> None:
    addresses = ["198.51.100.7", "198.51.100.8", "2001:db8:0:1::1", "2001:db8:0:2::1", "", ""]

    for number, address in enumerate(addresses):
        member = admission.join(name=f"Person {number}", address=address)
        assert say(member, slow, f"p-{number}").is_new


# --- Forms --------------------------------------------------------------------------------------


def test_a_form_takes_a_name_back_for_the_browser_that_held_it(alice: Member, lobby: Room) -> None:
    browser = browser_of(alice)
    guests.end_session(member=alice)

    stranger = Client().post("/join/", {"name": "Alice"})
    back = browser.post("/join/", {"name": "Alice"})

    assert (stranger.status_code, back.status_code) == (HTTPStatus.CONFLICT, HTTPStatus.SEE_OTHER)
    assert Member.objects.live().get(name="Alice").pk != alice.pk


# --- Real nodes -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place() -> Iterator[Deployment]:
    with clients.deployment() as place:
        yield place


@pytest.fixture(scope="module")
def north(place: Deployment) -> Iterator[Node]:
    with place.node("north", TRUSTED_PROXY_HEADER="X-Forwarded-For") as node:
        yield node


@pytest.fixture(scope="module")
def south(place: Deployment, north: Node) -> Iterator[Node]:
    if not place.environment["REDIS_URL"]:
        yield north
        return
    with place.node("south", TRUSTED_PROXY_HEADER="X-Forwarded-For") as node:
        yield node


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def join(node: Node, name: str, cookie: str = "", address: str = "") -> tuple[int, str]:
    """The status, and the new cookie or what the page says."""
    token = "t" * 32
    headers = {"Cookie": f"{cookie}; csrftoken={token}", "Origin": node.origin}
    if address:
        headers["X-Forwarded-For"] = address
    form = urlencode({"name": name, "csrfmiddlewaretoken": token}).encode()
    request = urllib.request.Request(f"{node.origin}/join/", form, headers)  # noqa: S310 - ours
    try:
        urllib.request.build_opener(_Stay).open(request)
    except urllib.error.HTTPError as answer:
        if answer.code == HTTPStatus.SEE_OTHER:
            return answer.code, answer.headers["Set-Cookie"].split(";")[0]
        return answer.code, answer.read().decode()
    raise AssertionError("joining leads on, or is refused")


def test_who_is_connected_is_here_and_who_has_closed_the_tab_was(north: Node, south: Node) -> None:
    _, cookie = join(north, "Zelda")
    assert "was used a moment ago" in join(south, "Zelda")[1]

    tab = north.connect(cookie)
    refused_with(south, "ZELDA", "is taken by someone who is here now")
    tab.close()
    refused_with(south, "Zelda", "was used a moment ago")

    assert re.search(r"free again in (9|10) minutes", join(north, "Zelda")[1])
    assert north.connect(cookie).ask("ping")["type"] == "pong"


def refused_with(node: Node, name: str, words: str) -> None:
    """In the end. Asked so seldom that the limit on joining is not reached."""
    for _ in range(25):
        said = join(node, name)[1]
        if words in said:
            return
        time.sleep(0.5)
    raise AssertionError(said)


def test_a_new_guest_finds_the_clock_of_their_network_on_every_node(
    north: Node, south: Node
) -> None:
    room = next(north.rooms)
    north.manage(
        "shell", "-v0", "-c",
        "from chat.models import Room; from chat.moderation import room_rules\n"
        "from chat.moderation.authorization import SYSTEM\n"
        "from chat.moderation.moderation_state import RoomRules\n"
        f"room_rules.set_rules(actor=SYSTEM, room=Room.objects.get(key={room!r}),"
        " rules=RoomRules(slow_seconds=300))",
    )  # fmt: skip
    heres = [(north, "203.0.113.5"), (south, "203.0.113.5"), (south, "203.0.113.6")]

    first, second, third = (speak_as_a_new_guest(*here, room) for here in heres)

    assert first["type"] == third["type"] == "message.accepted"
    assert (second["code"], "Slow mode" in second["detail"]) == ("rate_limited", True)
    assert second["retry_ms"] > 200_000


def speak_as_a_new_guest(node: Node, address: str, room: str) -> Frame:
    _, cookie = join(node, f"Guest {uuid.uuid4().hex[:8]}", address=address)
    headers = {"Cookie": cookie, "X-Forwarded-For": address}
    tab = node.connect(cookie, additional_headers=headers)
    tab.enter(room)
    tab.receive("room.rules", slow_s=300)
    return tab.say(room, "hello")
