"""Coming in: with a name, or a better one, and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


def test_from_a_link_to_talking_in_two_steps(alice: Person, visit: Visit, room: str) -> None:
    bob = visit("Bob", room)

    bob.page.get_by_label("Your name").fill(bob.name)
    bob.page.get_by_label("Your name").press("Enter")
    expect(bob.composer).to_be_focused()
    bob.is_live()
    bob.page.keyboard.type("Here I am")
    bob.page.keyboard.press("Enter")

    expect(alice.bodies).to_have_text(["Here I am"])
    assert bob.page.url == room


def test_a_link_to_a_message_leads_there_through_the_name(
    alice: Person, visit: Visit, room: str
) -> None:
    alice.has_said("one", "two", "three")
    bob = visit("Bob", f"{room}2/")

    bob.page.get_by_label("Your name").fill(bob.name)
    bob.page.get_by_label("Your name").press("Enter")

    expect(bob.composer).to_be_visible()
    assert bob.page.url == f"{room}2/"
    expect(bob.message("two")).to_be_focused()


def test_a_name_that_is_taken_is_refused_with_suggestions(
    alice: Person, visit: Visit, node: Node
) -> None:
    mallory = visit("Mallory", node.origin)
    page = mallory.page
    name = page.get_by_label("Your name")
    name.fill(alice.name.upper())
    name.press("Enter")

    expect(page.get_by_role("alert")).to_be_visible()
    mallory.forgive("status of 409")
    suggestions = page.get_by_role("group").get_by_role("button")
    assert suggestions.count() >= 2
    suggestion = suggestions.first.inner_text()
    suggestions.first.click()

    expect(page).to_have_url(re.compile("/rooms/lobby/$"))
    expect(page.locator(".me-name")).to_have_text(suggestion)


def test_without_a_name_a_room_can_be_read(alice: Person, visit: Visit, room: str) -> None:
    alice.has_said("Read me")

    visitor = visit("Visitor", room)

    expect(visitor.bodies).to_have_text(["Read me"])
    expect(visitor.composer).to_have_count(0)
    expect(visitor.page.get_by_label("Your name")).to_be_visible()


def test_without_javascript_one_can_read_join_and_write(
    alice: Person, visit: Visit, room: str
) -> None:
    alice.has_said("Before")

    bob = visit("Bob", room, java_script_enabled=False)
    expect(bob.bodies).to_have_text(["Before"])
    bob.page.get_by_label("Your name").fill(bob.name)
    bob.page.get_by_role("button", name="Join").click()
    bob.composer.fill("From a plain form")
    bob.page.get_by_role("button", name="Send").click()

    expect(bob.bodies).to_have_text(["Before", "From a plain form"])
    expect(alice.bodies).to_have_text(["Before", "From a plain form"])


def test_a_member_takes_another_name_and_leaves(join: Visit, room: str) -> None:
    alice = join("Alice", room, new=True)
    page = alice.page
    alice.choose_of_account("Change name…")
    page.get_by_label("Your new name").fill(f"Renamed {alice.name}")
    page.get_by_role("button", name="Change name").click()
    expect(page.locator(".me-name")).to_have_text(f"Renamed {alice.name}")

    alice.choose_of_account("Leave…")
    page.get_by_role("dialog", name="Leave the chatroom?").get_by_role("button").click()
    expect(page.get_by_label("Your name")).to_be_visible()
