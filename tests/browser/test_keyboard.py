"""Keys and dialogs: from anywhere back to writing."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


def test_a_letter_typed_anywhere_is_written(alice: Person) -> None:
    alice.page.get_by_role("button", name=re.compile("^People")).focus()

    alice.page.keyboard.type("hello")

    expect(alice.composer).to_be_focused()
    expect(alice.composer).to_have_value("hello")


def test_the_question_mark_shows_the_shortcuts_but_can_be_written(alice: Person) -> None:
    dialog = alice.page.get_by_role("dialog", name="Keyboard shortcuts")
    alice.composer.press("?")
    expect(alice.composer).to_have_value("?")
    expect(dialog).to_be_hidden()
    alice.page.locator("message-list").focus()

    alice.page.keyboard.press("?")

    expect(dialog).to_be_visible()
    alice.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(alice.composer).to_be_focused()
    alice.choose_of_room("Keyboard shortcuts")
    dialog.get_by_role("button", name="Close").click()
    expect(alice.composer).to_be_focused()


def test_any_emoji_can_be_a_reaction(alice: Person, bob: Person) -> None:
    alice.say("cake?")
    bob.choose("cake?", "Another emoji")
    dialog = bob.page.get_by_role("dialog", name="React with")
    dialog.get_by_role("button", name="🚀").click()
    expect(alice.message("cake?").locator(".reaction")).to_have_text(re.compile("🚀 1"))
    expect(bob.composer).to_be_focused()

    bob.choose("cake?", "Another emoji")
    dialog.get_by_role("textbox").fill("🎂")

    expect(alice.message("cake?").locator(".reaction")).to_have_count(2)
    expect(dialog).to_be_hidden()
    expect(bob.composer).to_be_focused()


def test_an_emoji_is_found_by_its_name(alice: Person, bob: Person) -> None:
    alice.say("cake?")
    bob.choose("cake?", "Another emoji")
    dialog = bob.page.get_by_role("dialog", name="React with")

    bob.page.keyboard.type("birthday")
    expect(dialog.locator(".emoji").first).to_have_text("🎂")
    bob.page.keyboard.type("x")
    expect(dialog.get_by_text("No emoji has that name.")).to_be_visible()
    bob.page.keyboard.press("Backspace")
    expect(dialog.locator(".emoji").first).to_have_text("🎂")
    bob.page.keyboard.press("Enter")

    expect(alice.message("cake?").locator(".reaction")).to_have_text(re.compile("🎂 1"))


def test_deleting_asks_first_and_returns_to_writing(alice: Person) -> None:
    alice.has_said("stays")
    alice.choose("stays", "Delete")
    alice.page.get_by_role("button", name="Cancel").click()

    expect(alice.composer).to_be_focused()
    expect(alice.bodies).to_have_text(["stays"])


def test_arrows_home_and_end_walk_through_the_messages(alice: Person) -> None:
    alice.has_said("one", "two", "three")
    alice.composer.press("Shift+Tab")
    for key, text in [
        ("ArrowUp", "three"),
        ("Home", "one"),
        ("ArrowDown", "two"),
        ("End", "three"),
    ]:
        alice.page.keyboard.press(key)
        expect(alice.message(text)).to_be_focused()
    assert alice.page.locator("li.message [tabindex='0']:visible").count() <= 3

    alice.page.keyboard.press("Escape")
    expect(alice.composer).to_be_focused()


def test_an_empty_room_shows_how_to_invite(join: Visit, room: str) -> None:
    alice = join("Alice", room, permissions=["clipboard-read", "clipboard-write"])
    invite = alice.page.get_by_role("region", name="Nobody has said anything yet")
    expect(invite.get_by_role("textbox")).to_have_value(room)
    invite.get_by_role("button", name="Copy link").click()
    expect(alice.page.get_by_text("Link copied.").first).to_be_visible()
    assert alice.page.evaluate("navigator.clipboard.readText()") == room

    alice.has_said("Hello?")

    expect(invite).to_be_hidden()


def test_days_are_named_anew_at_midnight(join: Visit, visit: Visit, room: str) -> None:
    alice = join("Alice", room, timezone_id="UTC")
    alice.has_said("late")
    alice.page.clock.install()
    alice.page.reload()
    alice.is_live()
    expect(alice.page.locator("li.day")).to_have_text("Today")

    alice.page.clock.fast_forward("24:00:05")

    expect(alice.page.locator("li.day")).to_have_text("Yesterday")


def test_a_screen_reader_is_told_of_new_messages_at_most_every_two_seconds(
    alice: Person, bob: Person
) -> None:
    alice.page.evaluate(
        """() => {
          window.said = [];
          const status = document.querySelector("#status");
          new MutationObserver(() => window.said.push([performance.now(), status.textContent]))
            .observe(status, { childList: true, characterData: true, subtree: true });
          Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
        }"""
    )
    for number in range(8):
        bob.say(f"message {number}")
        bob.page.wait_for_timeout(400)
    alice.page.wait_for_timeout(2_500)

    times, texts = zip(*alice.page.evaluate("window.said"), strict=True)
    assert "new message" in texts[0]
    assert all(later - earlier > 1_900 for earlier, later in pairwise(times))
