"""Whatever the page has to say at once, it covers neither what was written nor the composer."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from . import every_dialog
from .conftest import Person, Visit

pytestmark = pytest.mark.browser

SIZES = [
    ViewportSize(width=1280, height=800),
    ViewportSize(width=390, height=844),
    ViewportSize(width=320, height=480),
    ViewportSize(width=320, height=640),
    # A phone on its side.
    ViewportSize(width=740, height=360),
    # 1280 × 1024 at 400 %.
    ViewportSize(width=320, height=256),
]

# What a person sees at once: name → rectangle, cut to the part of the list that is on the screen.
PLACES = """() => {
  const list = document.querySelector("message-list").getBoundingClientRect();
  const places = {};
  const add = (name, element, within = null) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const place = { left, right, top, bottom };
    if (within) {
      place.top = Math.max(top, within.top);
      place.bottom = Math.min(bottom, within.bottom);
    }
    if (element.checkVisibility() && place.right > place.left && place.bottom > place.top) {
      places[name] = place;
    }
  };
  for (const body of document.querySelectorAll("li.message .message-body")) {
    add(`“${body.textContent.slice(0, 12)}”`, body, list);
  }
  for (const [name, selector] of Object.entries(WHAT)) {
    const element = document.querySelector(selector);
    if (element) {
      add(name, element);
    }
  }
  return places;
}"""
WHAT = """{
  "the bar at the top": ".topbar", "the banner": ".banner", "the jump button": ".jump",
  "the word on an absence": ".away", "the toast": "#toast", "the notice": "room-notice",
  "the composer": ".composer form", "the typing line": ".typing", "the form": ".join-form",
}"""


def covered(page: Page) -> list[str]:
    places: dict[str, Any] = page.evaluate(PLACES.replace("WHAT", WHAT))
    return [
        f"{one} and {other}"
        for (one, a), (other, b) in itertools.combinations(places.items(), 2)
        if min(a["right"], b["right"]) - max(a["left"], b["left"]) > 1
        and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > 1
    ]


def shown(page: Page) -> set[str]:
    return set(page.evaluate(PLACES.replace("WHAT", WHAT)))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_pill_toast_banner_and_composer_stand_side_by_side(
    join: Visit, room: str, size: ViewportSize
) -> None:
    alice = join("Alice", room, viewport=size)
    alice.has_said(*(f"number {number} " + "and so on " * 12 for number in range(24)))
    page = alice.page

    page.locator("message-list").evaluate("list => { list.scrollTop = 0; }")
    expect(page.get_by_role("button", name="Jump to newest")).to_be_visible()
    alice.choose("number 0 ", "Copy link")
    expect(page.locator("#toast")).to_be_visible()
    assert {"the jump button", "the toast", "the composer"} <= shown(page)
    assert covered(page) == []

    alice.composer.fill("\n".join(f"line {number}" for number in range(10)))
    assert covered(page) == []
    alice.loses_the_network()
    expect(page.locator(".banner")).to_be_visible()
    assert covered(page) == []
    assert_reachable(alice)


def assert_reachable(person: Person) -> None:
    expect(person.composer).to_be_in_viewport(ratio=1)
    expect(person.page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    person.page.get_by_role("button", name="Jump to newest").click(trial=True)


def test_the_word_on_an_absence_covers_nothing(join: Visit, room: str, bob: Person) -> None:
    reader = join("Rita", room, new=True, viewport=SIZES[2])
    bob.has_said("before")
    expect(reader.bodies).to_have_count(1)
    reader.loses_the_network()
    bob.has_said(*(f"{number} while you were away" for number in range(25)))
    reader.page.context.set_offline(False)

    expect(reader.page.locator(".away")).to_be_visible()

    assert "the word on an absence" in shown(reader.page)
    assert covered(reader.page) == []


def test_a_banner_moves_no_line_from_under_the_eyes_of_a_reader(alice: Person) -> None:
    alice.has_said(*(f"{number} " + "and so on " * 40 for number in range(12)))
    where = """() => { const list = document.querySelector("message-list");
      const top = list.getBoundingClientRect().top + 120;
      return [...list.querySelectorAll("li.message")].find(row =>
        row.getBoundingClientRect().top > top).getBoundingClientRect().top; }"""
    alice.page.locator("message-list").evaluate("list => { list.scrollTop = 300; }")
    expect(alice.page.get_by_role("button", name="Jump to newest")).to_be_visible()
    before = alice.page.evaluate(where)

    alice.loses_the_network()
    expect(alice.page.locator(".banner")).to_be_visible()

    assert alice.page.evaluate(where) == pytest.approx(before, abs=2)


# The buttons, links and fields of a part of the page that something else covers, or that cannot be
# brought into sight.
UNREACHABLE = """part => [...part.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter(control => control.checkVisibility({ visibilityProperty: true }))
  .filter(control => control.type !== "hidden")
  .filter(control => {
    control.scrollIntoView({ block: "nearest", inline: "nearest" });
    const { left, right, top, bottom } = control.getBoundingClientRect();
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return !hit || !(control.contains(hit) || hit.contains(control));
  })
  .map(control => control.outerHTML.slice(0, 90))"""


def drawer(person: Person) -> Locator:
    button = person.page.get_by_role("button", name="Rooms", exact=True)
    if button.is_visible():
        button.click()
    return person.page.locator(".sidebar")


def panel(person: Person) -> Locator:
    side = person.page.get_by_role("complementary", name="People")
    if not side.is_visible():
        person.page.get_by_role("button", name=re.compile("^People")).click()
    return side


def account(person: Person) -> Locator:
    person.open_account()
    return person.page.locator(".account-menu")


def switcher(person: Person) -> Locator:
    person.page.keyboard.press("Control+k")
    return person.page.get_by_role("dialog")


def room_menu(person: Person) -> Locator:
    person.page.get_by_role("button", name="More about this room").click()
    return person.page.get_by_role("menu", name="More about this room")


def dialog_of_room(entry: str) -> Callable[[Person], Locator]:
    def open_it(person: Person) -> Locator:
        person.choose_of_room(entry)
        return person.page.get_by_role("dialog")

    return open_it


def dialog_of_account(entry: str) -> Callable[[Person], Locator]:
    def open_it(person: Person) -> Locator:
        person.choose_of_account(entry)
        return person.page.get_by_role("dialog")

    return open_it


def dialog_of_message(entry: str) -> Callable[[Person], Locator]:
    def open_it(person: Person) -> Locator:
        person.choose("Hello", entry)
        return person.page.get_by_role("dialog")

    return open_it


WHAT_OPENS = {
    "the drawer of rooms": drawer,
    "the panel": panel,
    "the account menu": account,
    "jumping": switcher,
    "the room's menu": room_menu,
    "inviting": dialog_of_room("Invite people…"),
    "the shortcuts": dialog_of_room("Keyboard shortcuts"),
    "the connection": dialog_of_room("Connection details"),
    "another name": dialog_of_account("Change name…"),
    "leaving": dialog_of_account("Leave…"),
    "deleting": dialog_of_message("Delete…"),
    "the emoji": dialog_of_message("Another emoji"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_whatever_opens_shows_all_of_its_controls(
    join: Visit, room: str, size: ViewportSize
) -> None:
    alice = join("Alice", room, viewport=size)
    alice.has_said("Hello")
    page = alice.page
    hidden: dict[str, list[str]] = {}
    for name, open_it in WHAT_OPENS.items():
        part = open_it(alice)
        expect(part).to_be_visible()
        box = part.bounding_box()
        assert box, name
        assert box["x"] >= -1, name
        assert box["x"] + box["width"] <= size["width"] + 1, name
        assert box["y"] + min(box["height"], size["height"]) <= size["height"] + 1, name
        hidden[name] = part.evaluate(UNREACHABLE)
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")

    assert {name: controls for name, controls in hidden.items() if controls} == {}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_no_dialog_covers_or_cuts_off_any_of_its_controls(
    ownership: None, join: Visit, room: str, size: ViewportSize
) -> None:
    olivia = join("Olivia", room)
    olivia.page.set_viewport_size(size)

    assert every_dialog.count(olivia.page) >= 20
    assert every_dialog.faults(olivia.page) == []


# As Safari does it: the layout stays as high as it was, and only the visual viewport shrinks.
KEYBOARD_OVER_THE_PAGE = """height => {
  Object.defineProperty(visualViewport, "height", { configurable: true, get: () => height });
  visualViewport.dispatchEvent(new Event("resize"));
}"""


@pytest.mark.parametrize(
    "phone",
    [ViewportSize(width=390, height=844), ViewportSize(width=844, height=390)],
    ids=["upright", "on its side"],
)
def test_a_keyboard_over_the_page_leaves_a_composer_of_ten_lines_in_sight(
    join: Visit, room: str, phone: ViewportSize
) -> None:
    alice = join("Alice", room, viewport=phone)
    alice.has_said(*(f"number {number} " + "and so on " * 12 for number in range(6)))
    visible = phone["height"] - (336 if phone["height"] > 400 else 200)
    alice.composer.fill("\n".join(f"line {number}" for number in range(10)))

    alice.page.evaluate(KEYBOARD_OVER_THE_PAGE, visible)

    send = alice.page.get_by_role("button", name="Send")
    for control in (alice.composer, send):
        box = control.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= visible
    assert covered(alice.page) == []
    assert "the bar at the top" in shown(alice.page)

    alice.page.evaluate(KEYBOARD_OVER_THE_PAGE, phone["height"])
    box = send.bounding_box()
    assert box
    assert box["y"] > visible
