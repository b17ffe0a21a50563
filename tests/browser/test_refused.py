"""What the page does when the server says no."""

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.clients import Node

from .conftest import Person
from .network_faults import Wire

pytestmark = pytest.mark.browser


def test_a_refused_message_says_why_and_can_be_sent_again_edited_or_discarded(
    alice: Person, bob: Person
) -> None:
    wire = Wire(alice.page)
    wire.refused = {"one", "two", "three"}
    alice.page.reload()
    alice.is_live()

    alice.say("one", "two", "three", "four")
    expect(bob.bodies).to_have_text(["four"])
    expect(alice.page.locator(".is-failed")).to_have_count(3)
    expect(alice.message("one")).to_contain_text("Not sent. Not here.")

    alice.message("two").get_by_role("button", name="Discard").click()
    expect(alice.message("two")).to_have_count(0)
    alice.message("three").get_by_role("button", name="Edit").click()
    expect(alice.editor).to_have_value("three")
    alice.editor.fill("3")
    wire.refused.clear()
    alice.editor.press("Enter")
    expect(bob.bodies).to_have_text(["four", "3"])
    alice.message("one").get_by_role("button", name="Retry").click()

    expect(bob.bodies).to_have_text(["four", "3", "one"])
    expect(alice.page.locator(".is-failed")).to_have_count(0)


def test_a_final_close_code_ends_the_trying(alice: Person) -> None:
    attempts: list[WebSocketRoute] = []

    def ban(socket: WebSocketRoute) -> None:
        attempts.append(socket)
        socket.close(code=4503, reason="Banned.")

    alice.page.route_web_socket("**/ws/", ban)
    alice.page.reload()

    expect(alice.page.locator(".banner")).to_contain_text("You were removed")
    alice.page.wait_for_timeout(2_000)
    assert len(attempts) == 1


def test_a_lost_connection_counts_down_and_can_be_tried_at_once(alice: Person) -> None:
    attempts: list[WebSocketRoute] = []

    def fail(socket: WebSocketRoute) -> None:
        attempts.append(socket)
        if len(attempts) <= 6:
            socket.close(code=1011)
        else:
            socket.connect_to_server()

    alice.page.route_web_socket("**/ws/", fail)
    alice.page.reload()
    banner = alice.page.locator(".banner")
    expect(banner).to_contain_text("Trying again in")

    while len(attempts) <= 6:
        alice.page.evaluate("document.querySelector('.banner button').click()")
        alice.page.wait_for_timeout(50)

    alice.is_live()
    expect(banner).to_be_hidden()


CLOSE_AND_OPEN = """
from chat.models import Room
from chat.moderation import room_rules
from chat.moderation.authorization import SYSTEM
room = Room.objects.get(key={key!r})
room_rules.rename(actor=SYSTEM, room=room, name=room.name, kind={kind!r})
"""


def test_a_room_that_closes_says_so_and_keeps_what_was_not_sent(
    alice: Person, node: Node, room: str
) -> None:
    key = room.rstrip("/").rsplit("/", 1)[1]
    alice.say("before")
    alice.composer.fill("too late")

    node.manage("shell", "-v0", "-c", CLOSE_AND_OPEN.format(key=key, kind="private"))
    refusal = alice.page.locator(".composer-refusal")
    expect(refusal).to_contain_text("not open to you any more")
    expect(alice.composer).to_be_hidden()
    expect(alice.page.locator("#connection-state")).not_to_have_attribute("data-phase", "live")

    node.manage("shell", "-v0", "-c", CLOSE_AND_OPEN.format(key=key, kind="public"))
    alice.page.reload()
    alice.is_live()
    alice.composer.press("Enter")

    expect(alice.bodies).to_have_text(["before", "too late"])
