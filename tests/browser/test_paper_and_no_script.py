"""The room on paper, and without JavaScript: all of it is there, and nothing that cannot work."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import Person, Visit

pytestmark = pytest.mark.browser

LONG = "and so on and so on " * 20
# Nothing hears these: neither the browser nor, without JavaScript, the page.
DEAD = """() => [...document.querySelectorAll("button")].filter(button =>
  button.checkVisibility() && button.type === "button" && !button.popoverTargetElement &&
  !button.disabled
  ).map(button => button.outerHTML)"""


def pages(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A5")))


def test_printing_gives_every_message_and_no_control(alice: Person) -> None:
    alice.has_said(*(f"{number} {LONG}" for number in range(20)))
    page = alice.page

    assert pages(page) >= 4
    page.emulate_media(media="print")
    height, whole = page.locator("message-list").evaluate(
        "list => [list.clientHeight, list.scrollHeight]"
    )
    assert height >= whole
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(alice.bodies.first).to_be_visible()
    expect(alice.composer).to_be_hidden()
    for button in page.get_by_role("button").all():
        expect(button).to_be_hidden()
    page.emulate_media(media="screen")
    expect(alice.composer).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_light_whatever_the_screen_is(join: Visit, room: str, scheme: str) -> None:
    alice = join("Alice", room, color_scheme=scheme)
    alice.has_said("In ink")
    alice.page.emulate_media(media="print")

    colour = alice.bodies.evaluate("body => getComputedStyle(body).color")

    assert max(map(float, re.findall(r"[\d.]+", colour)[:3])) < 100


def test_without_javascript_it_prints_too_and_opens_at_the_newest(
    alice: Person, visit: Visit, room: str
) -> None:
    alice.has_said(*(f"{number} {LONG}" for number in range(20)))

    reader = visit("Reader", room, java_script_enabled=False)

    expect(reader.message("19 and so on")).to_be_in_viewport()
    expect(reader.message("0 and so on").first).not_to_be_in_viewport()
    assert pages(reader.page) >= 4


def test_without_javascript_a_link_to_a_message_opens_there(
    alice: Person, visit: Visit, room: str
) -> None:
    alice.has_said(*(f"{number} {LONG}" for number in range(20)))

    reader = visit("Reader", f"{room}3/", java_script_enabled=False)

    expect(reader.message("2 and so on").first).to_be_in_viewport()
    expect(reader.message("19 and so on")).not_to_be_in_viewport()
    link = reader.message("19 and so on").get_by_role("link").first
    expect(link).to_have_attribute("href", re.compile("/rooms/room-[0-9]+/20/$"))


@pytest.mark.parametrize("where", ["", "1/", "../lobby/"])
def test_without_javascript_nothing_is_shown_that_needs_it(
    alice: Person, visit: Visit, room: str, where: str
) -> None:
    alice.has_said("React to me")
    alice.choose("React to me", "👍")
    expect(alice.page.locator(".reaction")).to_be_visible()

    visitor = visit("Visitor", room + where, java_script_enabled=False)
    assert visitor.page.evaluate(DEAD) == []
    visitor.page.get_by_label("Your name").fill(visitor.name)
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.composer).to_be_visible()

    assert visitor.page.evaluate(DEAD) == []
    if not where:
        # What others think of it can be read all the same.
        expect(visitor.page.locator(".reaction")).to_contain_text("1")
