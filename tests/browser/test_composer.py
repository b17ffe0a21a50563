"""Writing: names that are completed."""

import pytest
from playwright.sync_api import expect

from .conftest import Person

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
