"""An input method's own keys are its own: what it composes is neither sent nor picked."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from .conftest import Person

pytestmark = pytest.mark.browser

# As Chromium reports a key that the input method takes.
TAKEN = {"windowsVirtualKeyCode": 229}


def compose(page: Page, text: str) -> CDPSession:
    keys = page.context.new_cdp_session(page)
    end = len(text)
    keys.send("Input.imeSetComposition", {"text": text, "selectionStart": end, "selectionEnd": end})
    return keys


def press(keys: CDPSession, key: str, **more: Any) -> None:
    pressed = {"key": key, "code": key, **TAKEN, **more}
    keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **pressed})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})


@pytest.mark.parametrize(
    ("composed", "meant"), [("heart", "hearts"), ("かお", "顔"), ("🎉", "🎉 party")]
)
def test_a_word_composed_in_the_emoji_field_picks_nothing(
    alice: Person, bob: Person, composed: str, meant: str
) -> None:
    bob.has_said("React to me")
    alice.choose("React to me", "Another emoji…")
    picker = alice.page.get_by_role("dialog", name="React with")
    field = picker.get_by_role("textbox")
    field.focus()

    keys = compose(alice.page, composed)
    press(keys, "Enter")
    expect(picker).to_be_visible()
    keys.send("Input.insertText", {"text": meant})

    expect(field).to_have_value(meant)
    expect(picker).to_be_visible()
    expect(alice.page.locator(".reaction")).to_have_count(0)


@pytest.mark.parametrize("key", ["Enter", "Tab", "Escape"])
def test_a_key_of_the_composition_takes_no_name_and_sends_nothing(
    alice: Person, bob: Person, key: str
) -> None:
    expect(alice.page.locator(".person-name", has_text=bob.name)).to_be_visible()
    alice.composer.press_sequentially("hello @bo")
    option = alice.page.get_by_role("option", name=bob.name)
    expect(option).to_be_visible()

    keys = compose(alice.page, "b")
    press(keys, key)
    keys.send("Input.insertText", {"text": "b"})

    expect(alice.composer).to_have_value("hello @bob")
    expect(alice.messages).to_have_count(0)
    alice.composer.press("Enter")
    expect(alice.composer).to_have_value(f"hello @{bob.name} ")


def test_safari_confirms_a_word_by_a_key_after_its_composition(alice: Person) -> None:
    alice.composer.fill("日本")

    alice.composer.evaluate(
        """field => field.dispatchEvent(new KeyboardEvent("keydown",
             { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))"""
    )

    expect(alice.composer).to_have_value("日本")
    expect(alice.messages).to_have_count(0)
