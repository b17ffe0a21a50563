"""Someone without a name at a browser: the room is live, its past can be read, nothing is dead."""

import pytest
from playwright.sync_api import expect

from tests.sockets import wait_until

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


def test_a_visitor_sees_new_messages_as_they_come(alice: Person, visit: Visit, room: str) -> None:
    alice.has_said("Before")
    visitor = visit("Visitor", room)
    visitor.is_live()

    alice.has_said("Now")
    alice.choose("Now", "👍")
    alice.edit("Before", "Before, edited")
    expect(alice.message("Before, edited").locator(".message-edited")).to_be_visible()

    expect(visitor.bodies).to_have_text(["Before, edited", "Now"])
    expect(visitor.message("Now").locator(".reaction")).to_contain_text("1")
    expect(visitor.message("Now")).to_be_in_viewport()
    expect(visitor.page.get_by_text("Connecting")).to_be_hidden()
    expect(alice.page.locator("#here-count")).to_have_text("1 here")


def test_a_visitor_scrolls_back_to_the_beginning(alice: Person, visit: Visit, room: str) -> None:
    alice.has_said(*(f"number {number}" for number in range(120)))
    visitor = visit("Visitor", room)
    visitor.is_live()
    expect(visitor.message("number 119")).to_be_in_viewport()
    timeline = visitor.page.locator("message-list")

    timeline.hover()
    beginning = visitor.page.get_by_text("This is the beginning of")

    def is_reached() -> bool:
        visitor.page.mouse.wheel(0, -1_200)
        visitor.page.wait_for_timeout(50)
        return beginning.is_visible()

    wait_until(is_reached)
    expect(visitor.page.get_by_text("number 0", exact=True)).to_be_visible()
    alice.has_said("Said meanwhile")
    visitor.page.get_by_role("button", name="Jump to newest (1)").click()
    expect(visitor.message("Said meanwhile")).to_be_in_viewport()


def test_after_a_lost_connection_a_visitor_catches_up(
    alice: Person, visit: Visit, room: str
) -> None:
    alice.has_said("Before")
    visitor = visit("Visitor", room)
    visitor.is_live()
    visitor.loses_the_network()
    expect(visitor.page.locator(".banner")).to_be_visible()

    alice.has_said("Meanwhile")
    visitor.page.context.set_offline(False)

    expect(visitor.bodies).to_have_text(["Before", "Meanwhile"])
    expect(visitor.page.locator(".banner")).to_be_hidden()


@pytest.mark.parametrize("where", ["", "1/"])
def test_every_control_that_a_visitor_sees_does_something(
    alice: Person, visit: Visit, room: str, where: str
) -> None:
    alice.has_said("Read me")
    visitor = visit("Visitor", room + where)
    visitor.is_live()
    page = visitor.page

    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_have_count(0)
    names = [
        button.get_attribute("aria-label") or button.inner_text()
        for button in page.get_by_role("button").all()
        if button.is_visible()
    ]
    assert sorted(names) == [
        "Close",
        "Join",
        "Jump to…\nCtrl K",
        "Live",
        "More about this room",
        "People",
    ]
    page.get_by_role("button", name="Live").click()
    expect(page.get_by_role("dialog", name="Connection")).to_contain_text("Last number")
    page.keyboard.press("Escape")
    page.get_by_label("Your name").fill(visitor.name)
    page.get_by_label("Your name").press("Enter")
    expect(visitor.composer).to_be_visible()


def test_a_quote_leads_a_visitor_to_what_was_said(alice: Person, visit: Visit, room: str) -> None:
    alice.has_said("The source")
    alice.choose("The source", "Reply")
    alice.has_said("The answer", *(f"number {number}" for number in range(70)))
    visitor = visit("Visitor", f"{room}2/")
    visitor.is_live()

    visitor.message("The answer").get_by_role("link", name="The source").click()

    expect(visitor.message("The source").first).to_be_focused()
    expect(visitor.message("The source").first).to_be_in_viewport()
