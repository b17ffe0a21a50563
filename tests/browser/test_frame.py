"""The frame: what is where on wide screens and narrow ones, and in which colours."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from .conftest import Visit

pytestmark = pytest.mark.browser

WIDE = ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=390, height=844)

# The longest transition or animation of anything on the page, in seconds.
LONGEST_MOTION = """() => Math.max(...[...document.querySelectorAll("body *")].flatMap(element =>
  [null, "::before", "::after"].flatMap(part => {
    const { transitionDuration, animationDuration } = getComputedStyle(element, part);
    return `${transitionDuration}, ${animationDuration}`.split(", ").map(parseFloat);
  })))"""


def test_wide_the_rooms_and_the_people_stand_beside_the_talk(join: Visit, room: str) -> None:
    page = join("Alice", room, viewport=WIDE).page

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Room "))
    expect(page.locator("#here-count")).to_have_text("1 here")
    expect(page.get_by_role("navigation", name="Rooms")).to_be_visible()
    expect(page.get_by_role("complementary", name="Who is here")).to_be_visible()
    expect(page.get_by_role("button", name="Rooms and people")).to_be_hidden()


def test_narrow_they_are_behind_one_button(join: Visit, room: str) -> None:
    page = join("Alice", room, viewport=NARROW).page
    rooms = page.get_by_role("navigation", name="Rooms")
    people = page.get_by_role("complementary", name="Who is here")
    button = page.get_by_role("button", name="Rooms and people")
    expect(rooms).to_be_hidden()

    button.click()
    expect(rooms).to_be_in_viewport()
    expect(people).to_be_in_viewport()

    page.keyboard.press("Escape")
    expect(rooms).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize("size", [WIDE, NARROW, {"width": 320, "height": 480}])
def test_the_page_fills_the_screen_and_nothing_sticks_out(
    join: Visit, room: str, size: ViewportSize
) -> None:
    alice = join("Alice", room, viewport=size)
    alice.has_said("x" * 400, "```\n" + "wide " * 100 + "\n```", f"@{'y' * 200}")

    measured = alice.page.evaluate(
        """() => ({
          wider: document.documentElement.scrollWidth - innerWidth,
          higher: document.documentElement.scrollHeight - innerHeight,
          list: document.querySelector("message-list").scrollWidth
            - document.querySelector("message-list").clientWidth,
          bounces: getComputedStyle(document.body).overscrollBehaviorY,
        })"""
    )

    assert measured == {"wider": 0, "higher": 0, "list": 0, "bounces": "none"}
    expect(alice.composer).to_be_in_viewport(ratio=1)
    expect(alice.page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)


def test_anyone_may_zoom_and_no_field_makes_a_phone_do_it(join: Visit, room: str) -> None:
    page = join("Alice", room).page
    viewport = page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "interactive-widget=resizes-content" in viewport
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport

    texts = "input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select"
    sizes = page.locator(texts).evaluate_all(
        "fields => fields.map(field => [field.id, parseFloat(getComputedStyle(field).fontSize)])"
    )

    assert len(sizes) > 3
    assert [field for field, size in sizes if size < 16] == []


def test_colours_follow_the_system_until_they_are_switched(join: Visit, room: str) -> None:
    page = join("Alice", room, color_scheme="dark").page
    dark = ground(page)
    page.emulate_media(color_scheme="light")
    assert ground(page) != dark

    page.get_by_role("button", name="Switch between light and dark").click()
    assert ground(page) == dark
    page.reload()
    assert ground(page) == dark


def test_whoever_wants_little_motion_gets_none(join: Visit, room: str) -> None:
    page = join("Alice", room, new=True).page
    assert page.evaluate(LONGEST_MOTION) >= 0.1

    page.emulate_media(reduced_motion="reduce")

    assert page.evaluate(LONGEST_MOTION) <= 0.001


def ground(page: Page) -> str:
    """The colour behind the talk."""
    colour: str = page.locator(".talk").evaluate("talk => getComputedStyle(talk).backgroundColor")
    return colour
