"""What axe and a keyboard find."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.clients import Node

from .conftest import Person, Visit
from .network_faults import Wire
from .test_unread import hide, look

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_axe_finds_nothing_in_the_room(
    alice: Person, join: Visit, room: str, size: tuple[int, int]
) -> None:
    width, height = size
    viewport = {"width": width, "height": height}
    bob = join("Bob", room, viewport=viewport)
    alice.say("Hello", f"@{bob.name} look at https://example.org")
    expect(bob.messages).to_have_count(2)
    bob.choose("Hello", "👍")
    expect(bob.page.locator(".reaction")).to_be_visible()
    bob.say("Hi")
    expect(bob.page.locator(".is-pending")).to_have_count(0)

    assert violations(bob.page) == []


def test_axe_finds_nothing_at_the_door(visit: Visit, node: Node) -> None:
    visitor = visit("Visitor", node.origin)
    assert violations(visitor.page) == []

    visitor.page.get_by_label("Your name").fill("admin")
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.forgive("Failed to load resource")
    assert violations(visitor.page) == []


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_axe_finds_nothing_in_any_state(
    alice: Person, join: Visit, room: str, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    bob = join("Bob", room, viewport=viewport)
    page = bob.page
    found: dict[str, list[str]] = {}

    def look(state: str, within: str | None = None) -> None:
        found[state] = violations(page, within)

    look("an empty room")
    alice.say("**bold** `code`\n```python\ndef f(x): return 'x'  # why\n```\n> quote")
    expect(bob.page.locator("pre")).to_be_visible()
    bob.has_said("mine")
    bob.composer.press_sequentially("@")
    expect(page.get_by_role("option")).not_to_have_count(0)
    look("names are offered", within=".dock")
    bob.composer.press("Escape")
    bob.composer.fill("")
    page.locator("#connection-state").click()
    expect(page.get_by_role("dialog", name="Connection")).to_be_visible()
    look("the inspector", within="#inspector")
    page.keyboard.press("Escape")
    bob.choose("mine", "Details")
    expect(page.get_by_role("dialog", name="Delivery trace of")).to_be_visible()
    look("the way of a message", within="message-trace")
    page.keyboard.press("Escape")
    bob.message("mine").hover()
    bob.message("mine").get_by_role("button", name="Actions for").click()
    look("the menu")
    page.get_by_role("menuitem", name="Another emoji").click()
    look("the emoji")
    page.keyboard.press("Escape")
    page.locator("message-list").focus()
    page.keyboard.press("?")
    look("the shortcuts", within="dialog[open]")
    page.keyboard.press("Escape")
    bob.choose("mine", "Edit")
    look("editing", within="message-list")
    bob.editor.press("Escape")
    bob.choose("mine", "Delete")
    look("deleting", within="dialog[open]")
    page.get_by_role("button", name="Cancel").click()
    page.goto(f"{room}1/")
    bob.is_live()
    look("a permalink")
    page.evaluate("document.querySelector('.away').hidden = false")
    page.evaluate("document.querySelector('.away p').textContent = 'You were away; 30 messages.'")
    look("after an absence", within="main")
    if size[0] < 500:
        page.get_by_role("button", name="Rooms", exact=True).click()
        look("the drawer of rooms")
        page.keyboard.press("Escape")
        page.get_by_role("button", name=re.compile("^People")).click()
        look("the people")
        page.keyboard.press("Escape")
    bob.loses_the_network()
    bob.say("waits")
    expect(page.locator(".banner")).to_be_visible()
    look("offline")
    bob.forgive("ERR_INTERNET_DISCONNECTED")

    assert {state: faults for state, faults in found.items() if faults} == {}


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_axe_finds_nothing_in_what_happens_to_messages(
    alice: Person, join: Visit, room: str, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    bob = join("Bob", room, viewport=viewport)
    page, wire = bob.page, Wire(bob.page)
    page.reload()
    bob.is_live()
    found: dict[str, list[str]] = {}

    def look_at(state: str, within: str | None = None) -> None:
        found[state] = violations(page, within)

    alice.has_said("Hello?")
    bob.choose("Hello?", "Reply")
    expect(page.get_by_text("Replying to")).to_be_visible()
    look_at("replying", within=".dock")
    bob.has_said("Mine")
    wire.refused = {"refused"}
    bob.say("refused")
    expect(bob.message("refused")).to_have_class(re.compile("is-failed"))
    look_at("failed", within="message-list")
    bob.choose("Mine", "Delete")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(bob.message("Message deleted")).to_be_visible()
    look_at("deleted", within="message-list")
    hide(page)
    alice.say("Are you there?")
    expect(page.locator("li.new")).to_be_visible()
    look_at("unread", within="message-list")
    look(page)
    bob.composer.fill("x" * 4_001)
    look_at("too long", within=".dock")
    bob.composer.fill("")
    wire.cut()
    bob.say("waits")
    expect(page.locator(".banner")).to_contain_text("Trying again in")
    look_at("disconnected")

    assert {state: faults for state, faults in found.items() if faults} == {}


def test_axe_finds_nothing_without_scripts(alice: Person, visit: Visit, room: str) -> None:
    alice.has_said("**Hello**", "there")
    visitor = visit("Visitor", "about:blank")
    # Axe is a script itself: JavaScript stays on, and the page gets none.
    visitor.page.route("**/*.js", lambda route: route.abort())
    visitor.page.goto(room)
    expect(visitor.bodies).to_have_count(2)
    assert violations(visitor.page) == []

    visitor.page.get_by_label("Your name").fill(visitor.name)
    visitor.page.get_by_role("button", name="Join").click()
    expect(visitor.composer).to_be_visible()
    assert violations(visitor.page) == []
    visitor.forgive("ERR_FAILED")


@pytest.mark.parametrize("path", ["rooms/nowhere/", "rooms/lobby/"])
def test_axe_finds_nothing_for_a_visitor(visit: Visit, node: Node, path: str) -> None:
    visitor = visit("Visitor", f"{node.origin}/{path}")
    visitor.forgive("status of 404")

    assert violations(visitor.page) == []


def test_axe_finds_what_is_planted(alice: Person) -> None:
    alice.page.evaluate(
        """() => {
          const button = document.createElement("button");
          button.className = "button";
          const image = document.createElement("img");
          image.src = "data:,";
          document.querySelector("main").append(button, image);
        }"""
    )

    faults = " ".join(violations(alice.page))
    assert "button-name" in faults
    assert "image-alt" in faults
    alice.complaints.clear()


def test_the_keyboard_alone_is_enough(alice: Person, bob: Person) -> None:
    alice.say("one", "two")
    expect(bob.messages).to_have_count(2)
    keyboard = bob.page.keyboard

    bob.composer.focus()
    keyboard.press("Shift+Tab")
    expect(bob.page.locator("message-list")).to_be_focused()
    keyboard.press("ArrowUp")
    expect(bob.message("two")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("Enter")
    expect(alice.message("two").locator(".reaction")).to_contain_text("1")

    expect(bob.message("two").locator(".toolbar-react").first).to_be_focused()
    keyboard.press("ArrowLeft")
    expect(bob.message("two").get_by_role("button", name="Actions for")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("ArrowDown")
    expect(bob.page.get_by_role("menuitem", name="Reply")).to_be_focused()
    keyboard.press("Enter")
    expect(bob.composer).to_be_focused()
    keyboard.type("three")
    keyboard.press("Enter")
    expect(alice.message("three").locator(".message-quote")).to_contain_text("two")


def test_the_skip_link_comes_first(alice: Person) -> None:
    alice.page.evaluate("document.activeElement.blur()")
    alice.page.keyboard.press("Tab")
    expect(alice.page.get_by_role("link", name="Skip to writing")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(alice.composer).to_be_focused()


def test_wherever_the_focus_is_it_can_be_seen(alice: Person) -> None:
    alice.has_said("Hello")
    alice.page.keyboard.press("Tab")  # someone who uses the keyboard

    focused, unseen = alice.page.evaluate(
        """() => {
          const stops = "a[href], button, input, textarea, summary, [tabindex='0'], li.message";
          const look = element => {
            const looks = [];
            for (let one = element; one && one !== document.body; one = one.parentElement) {
              const { outline, boxShadow, borderColor } = getComputedStyle(one);
              looks.push([outline, boxShadow, borderColor]);
            }
            return JSON.stringify(looks);
          };
          const focused = [], unseen = [];
          for (const element of document.querySelectorAll(stops)) {
            if (element.matches(".rooms-list li ~ li a")) continue;
            element.tabIndex = element.tabIndex;
            element.focus();
            if (document.activeElement !== element) continue;
            focused.push(element.className);
            const seen = look(element);
            element.blur();
            if (look(element) === seen) unseen.push(element.outerHTML);
          }
          return [focused, unseen];
        }"""
    )

    assert len(focused) > 10
    assert unseen == []


def violations(page: Page, within: str | None = None) -> list[str]:
    """What axe finds in the page as it is, and in its colours when it is dark.

    `within`: only there, which is quicker.
    """
    found = _violations(page, within)
    page.emulate_media(color_scheme="dark")
    found += [
        f"dark: {one}"
        for one in _violations(page, within, runOnly=["color-contrast", "link-in-text-block"])
    ]
    page.emulate_media(color_scheme="light")
    return found


def _violations(page: Page, within: str | None, **options: list[str]) -> list[str]:
    # Half-faded colours are nobody's to read.
    page.evaluate(
        """() => document.getAnimations()
          .filter(one => one.effect.getComputedTiming().endTime < Infinity)
          .forEach(one => one.finish())"""
    )
    # It is large: a page gets it once.
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(
        "([within, options]) => axe.run(within ?? document, options)",
        [within, options | {"resultTypes": ["violations"]}],
    )
    return [
        f"{violation['id']}: {json.dumps(node['target'])} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
