"""Writing: names that are completed."""

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


def test_an_at_sign_offers_names_and_the_keyboard_takes_one(alice: Person, bob: Person) -> None:
    names = bob.page.get_by_role("listbox", name="Names")
    bob.composer.press_sequentially("hey @ali")
    option = names.get_by_role("option", name=alice.name)
    expect(option).to_have_attribute("aria-selected", "true")
    active = option.get_attribute("id")
    expect(bob.composer).to_have_attribute("aria-activedescendant", str(active))

    bob.composer.press("Escape")
    expect(names).to_be_hidden()
    bob.composer.press_sequentially("c")
    bob.composer.press("Tab")

    expect(bob.composer).to_have_value(f"hey @{alice.name} ")
    expect(bob.composer).to_be_focused()
    bob.composer.press("Enter")
    expect(alice.message("hey")).to_have_class("message starts-group mentions-me")


def test_names_are_walked_through_with_arrows_and_taken_by_click(
    alice: Person, bob: Person
) -> None:
    alice.has_said("I spoke last")
    expect(bob.messages).to_have_count(1)
    bob.composer.press_sequentially("@")
    options = bob.page.get_by_role("option")
    expect(options.first).to_contain_text(alice.name)
    bob.composer.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")

    options.first.click()

    expect(bob.composer).to_have_value(f"@{alice.name} ")
    expect(bob.composer).to_be_focused()


def test_enter_that_confirms_a_word_of_an_input_method_sends_nothing(
    alice: Person, bob: Person
) -> None:
    alice.composer.focus()
    keys = alice.page.context.new_cdp_session(alice.page)
    composition = {"text": "にほん", "selectionStart": 3, "selectionEnd": 3}
    keys.send("Input.imeSetComposition", composition)
    # As Chromium reports a key that the input method takes.
    pressed = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **pressed})
    keys.send("Input.insertText", {"text": "日本"})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})
    expect(alice.composer).to_have_value("日本")
    expect(alice.messages).to_have_count(0)

    alice.composer.press("Enter")

    expect(bob.bodies).to_have_text(["日本"])


def test_on_touch_enter_breaks_the_line_and_the_button_sends(
    join: Visit, room: str, bob: Person
) -> None:
    viewport = {"width": 390, "height": 844}
    alice = join("Alice", room, viewport=viewport, has_touch=True, is_mobile=True)
    expect(alice.composer).to_have_attribute("enterkeyhint", "enter")

    alice.composer.press_sequentially("one")
    alice.composer.press("Enter")
    alice.composer.press_sequentially("two")
    expect(alice.composer).to_have_value("one\ntwo")
    expect(alice.messages).to_have_count(0)
    alice.page.get_by_role("button", name="Send").tap()

    expect(bob.bodies).to_have_count(1)
    assert bob.bodies.first.text_content() == "one\ntwo"
    expect(alice.composer).to_be_focused()


def test_the_composer_grows_with_its_text_up_to_a_limit(alice: Person) -> None:
    def height() -> float:
        return float(alice.composer.evaluate("field => field.offsetHeight"))

    one = height()
    alice.composer.fill("\n".join("three"))
    line = float(alice.composer.evaluate("field => parseFloat(getComputedStyle(field).lineHeight)"))
    assert height() == pytest.approx(one + 4 * line, abs=2)

    alice.composer.fill("\n" * 200)
    screen = alice.page.evaluate("innerHeight")
    assert height() <= 0.4 * screen + 1
    expect(alice.page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)

    alice.composer.fill("")
    assert height() == one


def test_each_room_keeps_its_draft(alice: Person, node: Node) -> None:
    here, there = alice.page.url, f"{node.origin}/rooms/{next(node.rooms)}/"
    alice.composer.fill("for here")
    alice.page.goto(there)
    expect(alice.composer).to_have_value("")
    alice.composer.fill("for there")

    alice.page.goto(here)
    expect(alice.composer).to_have_value("for here")
    alice.page.goto(there)
    expect(alice.composer).to_have_value("for there")


def test_escape_gives_a_reply_up_and_keeps_the_text(alice: Person, bob: Person) -> None:
    alice.has_said("Where is the key?")
    bob.choose("Where is the key?", "Reply")
    expect(bob.page.get_by_text("Replying to")).to_be_visible()
    bob.composer.press_sequentially("By the way")

    bob.composer.press("Escape")
    expect(bob.page.get_by_text("Replying to")).to_be_hidden()
    bob.composer.press("Enter")

    expect(alice.message("By the way")).to_be_visible()
    expect(alice.message("By the way").locator(".message-quote")).to_be_hidden()
