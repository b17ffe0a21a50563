"""What is not sent yet: refused, unanswered, edited or taken back on its way."""

import pytest
from playwright.sync_api import expect

from .conftest import Person
from .network_faults import Wire

pytestmark = pytest.mark.browser


def test_a_refusal_without_a_ref_fails_the_message_and_sends_those_behind_it(
    alice: Person, bob: Person
) -> None:
    wire = Wire(alice.page)
    wire.unnamed = {"one", "three"}
    alice.page.reload()
    alice.is_live()

    alice.say("one", "two", "three", "four")

    expect(bob.bodies).to_have_text(["two", "four"])
    expect(alice.page.locator(".is-failed")).to_have_count(2)
    expect(alice.message("one")).to_contain_text("Nobody can read this.")


@pytest.mark.parametrize("code", [1011, 4500, 1009])
def test_a_message_that_ends_its_connection_twice_stays_behind(
    alice: Person, bob: Person, code: int
) -> None:
    wire = Wire(alice.page)
    wire.deadly = {"poison": code}
    alice.page.reload()
    alice.is_live()
    alice.say("poison", "and a cure")

    expect(alice.page.locator("#connection-state")).not_to_have_attribute("data-phase", "live")
    if code >= 4500:
        # It does not come back by itself; and a page that is loaded anew knows what happened.
        for _ in range(2):
            expect(alice.page.locator("#connection-state")).to_have_attribute("data-phase", "ended")
            alice.page.reload()
            if alice.page.locator(".is-failed").count():
                break

    expect(bob.bodies).to_have_text(["and a cure"])
    expect(alice.message("poison")).to_contain_text("Not sent.")
    alice.page.reload()
    alice.is_live()
    expect(alice.message("poison").get_by_role("button", name="Discard")).to_be_visible()


@pytest.mark.parametrize("choice", ["Edit", "Discard"])
def test_what_waits_can_be_edited_or_discarded(alice: Person, bob: Person, choice: str) -> None:
    alice.loses_the_network()
    alice.say("one", "two")

    alice.message("one").get_by_role("button", name=choice).click()
    if choice == "Edit":
        alice.editor.fill("uno")
        alice.editor.press("Enter")
    expect(alice.message("one")).to_have_count(0)
    expect(alice.composer).to_be_focused()
    alice.page.context.set_offline(False)

    expect(bob.bodies).to_have_text(["uno", "two"] if choice == "Edit" else ["two"])


def test_what_is_being_edited_is_not_sent_and_holds_nobody_up(alice: Person, bob: Person) -> None:
    alice.loses_the_network()
    alice.say("one", "two")
    alice.message("one").get_by_role("button", name="Edit").click()
    alice.editor.fill("half a th")
    alice.page.context.set_offline(False)
    expect(bob.bodies).to_have_text(["two"])

    alice.page.reload()
    alice.is_live()
    expect(alice.editor).to_have_value("half a th")
    alice.editor.press_sequentially("ought")
    alice.editor.press("Enter")

    expect(bob.bodies).to_have_text(["two", "half a thought"])
    alice.complaints.clear()


def test_what_waits_is_sent_as_it_was_when_its_edit_is_cancelled(
    alice: Person, bob: Person
) -> None:
    alice.loses_the_network()
    alice.say("as it was")
    alice.composer.press("ArrowUp")
    alice.editor.fill("otherwise")
    alice.editor.press("Escape")
    expect(alice.message("as it was")).to_contain_text("Waiting to be sent")
    alice.page.context.set_offline(False)

    expect(bob.bodies).to_have_text(["as it was"])
    alice.complaints.clear()


def test_what_is_on_its_way_for_long_can_be_taken_back(alice: Person, bob: Person) -> None:
    wire = Wire(alice.page)
    wire.unanswered = {"into the void"}
    alice.page.reload()
    alice.is_live()

    alice.say("into the void", "behind it")
    expect(alice.message("into the void")).to_contain_text("Sending…")
    alice.message("into the void").get_by_role("button", name="Discard").click()

    expect(bob.bodies).to_have_text(["behind it"])
    expect(alice.page.locator(".is-failed")).to_have_count(0)


def test_a_message_taken_back_in_one_tab_is_not_sent_by_another(
    alice: Person, bob: Person, room: str
) -> None:
    wire = Wire(alice.page)
    wire.passing = {"stuck"}
    alice.page.reload()
    alice.is_live()
    alice.say("stuck", "behind it")
    other = alice.page.context.new_page()
    other.goto(room)
    stuck = other.locator("li.message").filter(has_text="stuck")

    stuck.get_by_role("button", name="Discard").click()

    expect(bob.bodies).to_have_text(["behind it"])
    expect(alice.message("stuck")).to_have_count(0)


def test_an_edit_that_failed_can_be_sent_again(alice: Person, bob: Person) -> None:
    wire = Wire(alice.page)
    alice.page.reload()
    alice.is_live()
    alice.has_said("a first try")
    wire.refused = {"a second try"}
    alice.edit("a first try", "a second try")
    row = alice.message("a first try")
    expect(row).to_contain_text("Edit not saved. Not here.")
    row.get_by_role("button", name="Edit").click()
    expect(alice.editor).to_have_value("a second try")

    wire.refused.clear()
    alice.editor.press("Enter")

    expect(bob.bodies).to_have_text(["a second try"])
    expect(alice.bodies).to_have_text(["a second try"])
    expect(alice.page.locator(".delivery:visible")).to_have_count(0)
