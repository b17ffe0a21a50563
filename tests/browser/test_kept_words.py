"""Words are kept: whatever becomes of the storage, the connection, or what they were about."""

from typing import Any

import pytest
from playwright.sync_api import expect

from .conftest import Person

pytestmark = pytest.mark.browser

NEVER_STORES = """
const refuse = () => { throw new DOMException("No room", "QuotaExceededError"); };
Storage.prototype.setItem = refuse;
"""
THROWS_ALWAYS = """
const refuse = () => { throw new Error("The storage is broken"); };
for (const name of ["getItem", "setItem", "removeItem", "key"]) Storage.prototype[name] = refuse;
"""
IS_FORBIDDEN = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("No", "SecurityError"); } });
}
"""


def toast(person: Person) -> Any:
    return person.page.locator("#toast")


# --- Storage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        (NEVER_STORES, "storage is full"),
        (THROWS_ALWAYS, "storage is full"),
        (IS_FORBIDDEN, "keeps nothing for this page"),
    ],
    ids=["full", "broken", "forbidden"],
)
def test_without_a_storage_that_works_messages_are_sent_and_the_page_says_so_once(
    alice: Person, bob: Person, storage: str, said: str
) -> None:
    alice.page.add_init_script(storage)
    alice.page.reload()
    alice.is_live()

    alice.say("one")
    expect(toast(alice)).to_contain_text(said)
    alice.loses_the_network()
    alice.say("two", "three")
    expect(alice.message("three")).to_contain_text("Waiting to be sent")
    alice.page.context.set_offline(False)

    expect(bob.bodies).to_have_text(["one", "two", "three"])
    expect(alice.composer).to_have_value("")


@pytest.mark.parametrize("kept", ["{", "[1]", '"text"', '{"body":7}'])
def test_what_is_spoilt_in_the_storage_keeps_nothing_from_being_sent(
    alice: Person, bob: Person, kept: str
) -> None:
    alice.page.evaluate(
        """kept => {
          const { me, room } = JSON.parse(document.querySelector("#boot").textContent);
          localStorage.setItem(`outbox:${me.id}:${room}:spoilt`, kept);
          sessionStorage.setItem(`place:${me.id}:${room}`, kept);
          sessionStorage.setItem(`edit:${me.id}:${room}`, kept);
        }""",
        kept,
    )
    alice.page.reload()
    alice.is_live()

    alice.say("still here")

    expect(bob.bodies).to_have_text(["still here"])


def test_a_damaged_message_of_which_the_text_is_left_can_be_edited(alice: Person) -> None:
    alice.page.evaluate(
        """() => {
          const { me, room } = JSON.parse(document.querySelector("#boot").textContent);
          localStorage.setItem(`outbox:${me.id}:${room}:a-1`, '{"body":"what was left"}');
        }"""
    )
    alice.page.reload()

    expect(alice.message("what was left")).to_contain_text("damaged")
    alice.message("what was left").get_by_role("button", name="Edit").click()

    expect(alice.editor).to_have_value("what was left")


def test_a_storage_that_is_emptied_meanwhile_takes_no_message_with_it(
    alice: Person, bob: Person
) -> None:
    alice.loses_the_network()
    alice.say("one", "two")
    alice.page.evaluate("localStorage.clear()")
    alice.page.context.set_offline(False)

    expect(bob.bodies).to_have_text(["one", "two"])


# --- Drafts -----------------------------------------------------------------------------------


def test_two_tabs_of_a_room_keep_a_draft_each_also_when_loaded_anew(
    alice: Person, room: str
) -> None:
    alice.composer.fill("in the first tab")
    other = alice.page.context.new_page()
    other.goto(room)
    field = other.get_by_role("textbox", name="Message to")
    expect(field).to_have_value("")
    field.fill("in the second tab")

    for page in (alice.page, other):
        page.reload()

    expect(alice.composer).to_have_value("in the first tab")
    expect(field).to_have_value("in the second tab")


def test_the_draft_of_a_tab_that_was_closed_comes_back_once(alice: Person, room: str) -> None:
    first = alice.page.context.new_page()
    first.goto(room)
    first.get_by_role("textbox", name="Message to").fill("to be continued")
    first.close()
    fields = []
    for _ in range(2):
        second = alice.page.context.new_page()
        second.goto(room)
        fields.append(second.get_by_role("textbox", name="Message to"))
        expect(second.locator("#connection-state")).to_have_attribute("data-phase", "live")
        if len(fields) == 1:
            expect(fields[0]).to_have_value("to be continued")

    expect(fields[1]).to_have_value("")


def test_a_page_that_is_loaded_anew_goes_on_with_the_edit(alice: Person, bob: Person) -> None:
    alice.has_said("the old text")
    alice.choose("the old text", "Edit")
    alice.editor.fill("half of a new")
    alice.page.reload()
    expect(alice.editor).to_have_value("half of a new")

    alice.editor.press_sequentially(" text")
    alice.editor.press("Enter")

    expect(bob.bodies).to_have_text(["half of a new text"])


# --- Pasted -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pasted", "shown"),
    [
        ("a bell\\u0007 and\\u0000 nothing", "a bell and nothing"),
        ("one\\u0085two\\u2029three", "one\ntwo\nthree"),
        ("half \\ud83d, \\udc4d an emoji\\uffff", "half ,  an emoji"),
        ("\\u009b1mbold\\u009b0m, \\u001b[38;5;196mred", "bold, red"),
    ],
    ids=["controls", "line ends", "halves", "terminal"],
)
def test_what_is_pasted_is_sent_without_what_cannot_be_stored(
    alice: Person, bob: Person, pasted: str, shown: str
) -> None:
    alice.composer.focus()
    alice.page.evaluate(f'document.execCommand("insertText", false, "{pasted}")')
    alice.composer.press("Enter")

    expect(bob.bodies).to_have_count(1)
    assert bob.bodies.first.inner_text() == shown
    alice.choose(shown.split()[0], "Edit")
    alice.page.evaluate(f'document.execCommand("insertText", false, "{pasted}")')
    alice.editor.press("Enter")
    expect(bob.message("edited")).to_have_count(1)


# --- What it is about -------------------------------------------------------------------------


def test_an_edit_of_a_message_that_was_deleted_becomes_a_new_one_if_its_author_wants(
    alice: Person, bob: Person, room: str
) -> None:
    alice.has_said("short")
    other = Person(alice.name, alice.page.context.new_page())
    other.page.goto(room)
    other.is_live()
    alice.choose("short", "Edit")
    alice.editor.fill("short and sweet")

    other.choose("short", "Delete")
    other.page.get_by_role("button", name="Delete").click()
    expect(alice.page.get_by_role("main").get_by_text("message was deleted")).to_be_visible()
    expect(alice.editor).to_have_value("short and sweet")
    alice.editor.press("Enter")
    expect(bob.bodies).to_have_text(["Message deleted"])
    alice.page.keyboard.press("Enter")

    expect(bob.bodies).to_have_text(["Message deleted", "short and sweet"])


@pytest.mark.parametrize("decision", ["send", "keep"])
def test_a_reply_to_a_message_that_was_deleted_is_sent_without_it_if_its_author_wants(
    alice: Person, bob: Person, decision: str
) -> None:
    alice.has_said("Where is the key?")
    bob.choose("Where is the key?", "Reply")
    bob.composer.press_sequentially("On the")

    alice.choose("Where is the key?", "Delete")
    alice.page.get_by_role("button", name="Delete").click()
    gone = bob.page.get_by_role("main").get_by_text("reply to was deleted")
    expect(gone).to_be_visible()
    if decision == "send":
        bob.page.get_by_role("button", name="Send without the quote").click()
        expect(alice.bodies).to_have_text(["Message deleted", "On the"])
        expect(alice.message("On the").locator(".message-quote")).to_be_hidden()
    else:
        bob.composer.press("Escape")
        expect(bob.composer).to_have_value("On the")
    expect(gone).to_be_hidden()
