"""Writing: names that are completed, formats, emoji, and what happens where it is not allowed."""

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


def test_an_at_sign_offers_names_and_the_keyboard_takes_one(alice: Person, bob: Person) -> None:
    names = bob.page.get_by_role("listbox", name="People")
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


def test_rooms_and_emoji_are_completed_and_become_what_was_meant(
    alice: Person, bob: Person, node: Node
) -> None:
    alice.composer.press_sequentially("See #lob")
    rooms = alice.page.get_by_role("listbox", name="Rooms")
    expect(rooms.get_by_role("option")).to_have_text(["#Lobby"])
    alice.composer.press("Enter")
    alice.composer.press_sequentially(":teap")
    expect(alice.page.get_by_role("listbox", name="Emoji").get_by_role("option")).to_have_count(1)
    alice.composer.press("Tab")
    alice.composer.press("Enter")

    said = bob.bodies.first
    expect(said).to_have_text("See #Lobby 🫖")
    link = said.get_by_role("link", name="#Lobby")
    expect(link).to_have_attribute("href", f"{node.origin}/rooms/lobby/")


def test_keys_and_buttons_format_what_is_selected(alice: Person, bob: Person) -> None:
    alice.composer.press_sequentially("tea")
    alice.composer.press("ControlOrMeta+a")
    alice.composer.press("ControlOrMeta+b")
    expect(alice.composer).to_have_value("**tea**")
    alice.composer.press("End")
    alice.composer.press_sequentially(" and ")
    alice.page.get_by_role("button", name="Code").click()
    alice.composer.press_sequentially("milk")
    expect(alice.composer).to_have_value("**tea** and `milk`")
    alice.composer.press("End")
    alice.composer.press("Enter")

    expect(bob.bodies.locator("strong")).to_have_text("tea")
    expect(bob.bodies.locator("code")).to_have_text("milk")


def test_what_was_inserted_can_be_undone(alice: Person, bob: Person) -> None:
    alice.composer.press_sequentially("tea")
    alice.composer.press("ControlOrMeta+a")
    alice.composer.press("ControlOrMeta+b")
    expect(alice.composer).to_have_value("**tea**")

    alice.composer.press("ControlOrMeta+z")

    expect(alice.composer).to_have_value("tea")
    alice.composer.press("End")
    # Bob is offered once Alice's page has heard of him.
    expect(alice.page.locator("#here-count")).to_have_text("2 here")
    alice.composer.press_sequentially(" @")
    expect(alice.page.get_by_role("option", name=bob.name)).to_be_visible()
    alice.composer.press("Enter")
    expect(alice.composer).to_have_value(f"tea @{bob.name} ")
    alice.composer.press("ControlOrMeta+z")
    expect(alice.composer).not_to_have_value(f"tea @{bob.name} ")


def test_an_emoji_from_the_bar_stands_at_the_caret(alice: Person) -> None:
    alice.composer.press_sequentially("ab")
    alice.composer.press("ArrowLeft")
    alice.page.get_by_role("button", name="Emoji").click()
    picker = alice.page.get_by_role("dialog", name="Emoji")
    expect(picker.get_by_role("textbox")).to_be_focused()
    expect(picker).to_be_in_viewport(ratio=1)
    alice.page.keyboard.press("Escape")
    expect(picker).to_be_hidden()
    alice.page.get_by_role("button", name="Emoji").click()
    alice.page.keyboard.type("tada")
    picker.get_by_role("button", name="🎉").click()

    expect(picker).to_be_hidden()
    expect(alice.composer).to_have_value("a🎉b")
    expect(alice.composer).to_be_focused()


def test_the_keyboard_alone_reaches_the_bar_and_takes_an_emoji(alice: Person) -> None:
    alice.composer.press("Tab")
    expect(alice.page.get_by_role("button", name="Emoji")).to_be_focused()
    alice.page.keyboard.press("ArrowRight")
    expect(alice.page.get_by_role("button", name="Mention someone")).to_be_focused()
    alice.page.keyboard.press("ArrowLeft")
    alice.page.keyboard.press("Enter")
    alice.page.keyboard.type("teapot")
    expect(alice.page.get_by_role("dialog", name="Emoji").get_by_role("button")).to_have_count(1)
    alice.page.keyboard.press("Enter")

    expect(alice.composer).to_have_value("🫖")


def test_by_touch_a_name_is_taken_and_the_field_keeps_the_keyboard(
    join: Visit, room: str, bob: Person
) -> None:
    viewport = {"width": 390, "height": 844}
    alice = join("Alice", room, viewport=viewport, has_touch=True, is_mobile=True)
    alice.composer.tap()
    alice.page.get_by_role("button", name="Mention someone").tap()
    alice.page.get_by_role("option", name=bob.name).tap()

    expect(alice.composer).to_have_value(f"@{bob.name} ")
    expect(alice.composer).to_be_focused()
