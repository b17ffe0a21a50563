"""Two people in a room."""

import re

import pytest
from playwright.sync_api import expect

from . import by_files
from .conftest import Person, Visit
from .network_faults import Held

pytestmark = pytest.mark.browser

node, regulars = by_files.node, by_files.regulars


def test_two_people_join_by_name_and_talk(alice: Person, bob: Person) -> None:
    alice.say("Hello Bob")
    expect(bob.message("Hello Bob").locator(".message-author")).to_have_text(alice.name)

    bob.say("Hello Alice\nhow are you?")
    expect(alice.message("how are you?")).to_be_visible()

    for person in (alice, bob):
        expect(person.bodies).to_have_text(["Hello Bob", "Hello Alice how are you?"])
        expect(person.page.locator(".people-count")).to_have_text("2")


def test_enter_sends_and_shift_enter_breaks_the_line(alice: Person, bob: Person) -> None:
    alice.composer.press_sequentially("one")
    alice.composer.press("Shift+Enter")
    alice.composer.press_sequentially("two")
    alice.composer.press("Enter")

    expect(alice.composer).to_have_value("")
    expect(bob.bodies).to_have_count(1)
    assert bob.bodies.first.text_content() == "one\ntwo"


def test_who_has_sent_a_message_is_not_typing_it_any_more(alice: Person, bob: Person) -> None:
    told = "typing.start"
    sent: list[str] = []
    alice.page.on(
        "websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame)))
    )
    alice.page.reload()
    expect(alice.page.locator(".people-count")).to_have_text("2")

    alice.composer.press_sequentially("quick")
    alice.composer.press("Enter")
    expect(bob.bodies).to_have_text(["quick"])
    # Typing is told once a second at most: what was held back would go out by then.
    alice.page.wait_for_timeout(1500)

    assert [told in frame for frame in sent].count(True) == 1


def test_a_message_is_shown_at_once_and_bears_a_time_when_the_server_has_it(alice: Person) -> None:
    held = Held(alice.page, "message.accepted", "room.changes")
    alice.page.reload()
    alice.is_live()
    alice.say("Hello?")
    message = alice.message("Hello?")
    expect(message).to_have_class(re.compile("is-pending"))
    expect(message).to_contain_text("Sending…")
    expect(message.locator("time")).to_be_hidden()

    held.wait()
    held.release()

    expect(message.locator("time")).to_be_visible()
    expect(message).not_to_have_class(re.compile("is-pending"))
    expect(message.get_by_text("Sending…")).to_be_hidden()


def test_a_message_is_text_whatever_it_looks_like(alice: Person, bob: Person) -> None:
    alice.say("<img src=x onerror=alert(1)> & <b>bold</b> see https://example.org/a?b=c.")

    line = bob.message("bold").locator(".message-body")
    expect(line).to_have_text(
        "<img src=x onerror=alert(1)> & <b>bold</b> see https://example.org/a?b=c."
    )
    expect(line.locator("a")).to_have_attribute("href", "https://example.org/a?b=c")
    expect(line.locator("img, b")).to_have_count(0)


def test_a_reload_keeps_everything(alice: Person, bob: Person) -> None:
    alice.say("first", "second")
    expect(bob.bodies).to_have_text(["first", "second"])
    bob.choose("first", "👍")
    expect(alice.message("first").locator(".reaction")).to_contain_text("1")
    alice.composer.fill("a draft")

    alice.page.reload()
    alice.is_live()

    expect(alice.bodies).to_have_text(["first", "second"])
    expect(alice.message("first").locator(".reaction")).to_contain_text("1")
    expect(alice.composer).to_have_value("a draft")


def test_an_edit_a_reaction_and_a_deletion_reach_the_others(alice: Person, bob: Person) -> None:
    alice.say("a slip", "a secret")
    expect(bob.message("a secret")).to_be_visible()

    alice.edit("a slip", "a typo")
    expect(bob.message("a typo").locator(".message-edited")).to_be_visible()

    bob.choose("a typo", "🎉")
    reaction = alice.message("a typo").locator(".reaction")
    expect(reaction).to_have_text(re.compile("🎉 1"))
    reaction.click()
    expect(bob.message("a typo").locator(".reaction")).to_have_text(re.compile("🎉 2"))

    alice.choose("a secret", "Delete")
    alice.page.get_by_role("button", name="Delete", exact=True).click()
    expect(bob.bodies).to_have_text(["a typo", "Message deleted"])
    expect(alice.bodies).to_have_text(["a typo", "Message deleted"])


def test_only_my_messages_are_mine_to_change(alice: Person, bob: Person) -> None:
    alice.say("mine")
    menu = bob.page.get_by_role("menu")
    bob.message("mine").hover()
    bob.message("mine").get_by_role("button", name="Actions for").click()

    expect(menu.get_by_text("Reply")).to_be_visible()
    expect(menu.get_by_text("Edit")).to_have_count(0)
    expect(menu.get_by_text("Delete")).to_have_count(0)


def test_a_reply_quotes_what_it_answers(alice: Person, bob: Person) -> None:
    alice.say("Where is the key?")

    bob.choose("Where is the key?", "Reply")
    bob.say("Under the mat")

    quote = alice.message("Under the mat").locator(".message-quote")
    expect(quote).to_have_text(f"{alice.name} Where is the key?")
    quote.click()
    expect(alice.message("Where is the key?").first).to_be_focused()


def test_the_arrow_up_edits_my_last_message_and_escape_gives_up(alice: Person, bob: Person) -> None:
    alice.say("mine")
    expect(alice.bodies).to_have_text(["mine"])
    bob.say("his")
    expect(alice.bodies).to_have_text(["mine", "his"])

    alice.composer.press("ArrowUp")
    expect(alice.editor).to_have_value("mine")
    expect(alice.message("mine").locator("textarea")).to_be_focused()
    alice.editor.press("Escape")

    expect(alice.editor).to_have_count(0)
    expect(alice.composer).to_be_focused()
    expect(alice.composer).to_have_value("")


def test_the_arrow_up_edits_what_the_server_has_and_the_page_does_not_show_yet(
    alice: Person, bob: Person
) -> None:
    alice.has_said("first")
    held = Held(alice.page, "room.changes")
    alice.page.reload()
    alice.is_live()
    alice.say("second")
    expect(alice.message("second").locator("time")).to_be_visible()

    alice.composer.press("ArrowUp")
    expect(alice.editor).to_have_value("second")
    alice.editor.fill("third")
    alice.editor.press("Enter")
    held.release()

    expect(alice.bodies).to_have_text(["first", "third"])
    expect(bob.bodies).to_have_text(["first", "third"])
    expect(alice.page.locator(".is-pending, .is-changing")).to_have_count(0)


def test_who_types_is_told(alice: Person, bob: Person) -> None:
    alice.composer.press_sequentially("Well")

    expect(bob.page.locator(".typing")).to_have_text(f"{alice.name} is typing…")


def test_a_hidden_page_counts_what_is_unread(join: Visit, room: str, bob: Person) -> None:
    # New, with an empty inbox, which counts too.
    alice = join("Alice", room, new=True)
    title = alice.page.title()
    other_tab = alice.page.context.new_page()
    other_tab.bring_to_front()
    alice.page.evaluate("Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'})")

    bob.say("one", "two")

    expect(alice.page).to_have_title(f"(2) {title}")


def test_a_message_that_is_too_long_is_not_sent(alice: Person) -> None:
    alice.composer.fill("x" * 4001)

    expect(alice.page.locator(".composer-counter")).to_have_text("4,001 of 4,000")
    expect(alice.page.get_by_role("button", name="Send")).to_be_disabled()
    alice.composer.press("Enter")
    expect(alice.messages).to_have_count(0)
