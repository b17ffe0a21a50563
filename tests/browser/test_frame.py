"""The frame: what is where on wide screens and narrow ones, and in which colours."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from .conftest import Person, Visit

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
    expect(page.get_by_role("complementary", name="People")).to_be_visible()
    expect(page.get_by_role("button", name="Rooms", exact=True)).to_be_hidden()


@pytest.mark.parametrize(("region", "name"), [("navigation", "Rooms"), ("complementary", "People")])
def test_narrow_each_is_behind_a_button(
    join: Visit, room: str, region: Literal["navigation", "complementary"], name: str
) -> None:
    page = join("Alice", room, viewport=NARROW).page
    side = page.get_by_role(region, name=name)
    button = page.get_by_role("button", name=re.compile(f"^{name}"))
    expect(side).to_be_hidden()

    button.click()
    expect(side).to_be_in_viewport()

    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    expect(button).to_be_focused()


def test_a_panel_that_was_closed_stays_closed(join: Visit, room: str) -> None:
    page = join("Alice", room, viewport=WIDE).page
    people = page.get_by_role("complementary", name="People")
    button = page.get_by_role("button", name=re.compile("^People"))
    expect(button).to_have_attribute("aria-expanded", "true")
    before = page.locator(".talk").bounding_box()

    people.get_by_role("button", name="Close").click()
    expect(people).to_be_hidden()
    expect(button).to_be_focused()
    after = page.locator(".talk").bounding_box()
    assert before
    assert after
    assert after["width"] > before["width"] + 200

    page.reload()
    expect(people).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(people).to_be_visible()


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
    alice = join("Alice", room, color_scheme="dark")
    page = alice.page
    dark = ground(page)
    page.emulate_media(color_scheme="light")
    assert ground(page) != dark

    alice.open_account()
    page.get_by_text("Dark", exact=True).click()
    assert ground(page) == dark
    page.reload()
    assert ground(page) == dark


def test_dense_lines_are_chosen_and_remembered(join: Visit, room: str) -> None:
    alice = join("Alice", room, new=True)
    alice.has_said("one", "two", "three")
    cosy = height_of(alice)

    alice.open_account()
    alice.page.get_by_text("Compact", exact=True).click()
    assert height_of(alice) < cosy
    alice.page.reload()
    expect(alice.messages).to_have_count(3)
    assert height_of(alice) < cosy


def height_of(person: Person) -> float:
    height: float = person.page.locator(".messages").evaluate(
        "list => list.getBoundingClientRect().height"
    )
    return height


def test_whoever_wants_little_motion_gets_none(join: Visit, room: str) -> None:
    page = join("Alice", room, new=True).page
    assert page.evaluate(LONGEST_MOTION) >= 0.1

    page.emulate_media(reduced_motion="reduce")

    assert page.evaluate(LONGEST_MOTION) <= 0.001


def ground(page: Page) -> str:
    """The colour behind the talk."""
    colour: str = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    return colour
