"""Edits, deletions and reactions wait for the network, as messages do."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import Person
from .network_faults import Wire

pytestmark = pytest.mark.browser


def react(person: Person, text: str, emoji: str = "👍") -> None:
    person.message(text).hover()
    person.message(text).get_by_role("button", name=f"React with {emoji}").click()


def delete(person: Person, text: str) -> None:
    person.choose(text, "Delete")
    person.page.get_by_role("button", name="Delete", exact=True).click()


def test_what_is_changed_offline_is_shown_at_once_and_sent_when_the_network_is_back(
    alice: Person, bob: Person
) -> None:
    alice.has_said("to like", "to delete", "to mend")
    expect(bob.messages).to_have_count(3)
    alice.loses_the_network()

    react(alice, "to like")
    delete(alice, "to delete")
    alice.edit("to mend", "mended")
    expect(alice.message("mended")).to_contain_text("Edit waiting to be sent")
    expect(alice.message("to like").locator(".reaction")).to_have_text("👍 1")
    expect(alice.message("to like")).to_contain_text("Reaction waiting to be sent")
    expect(alice.message("Message deleted")).to_contain_text("Deletion waiting to be sent")
    expect(bob.message("to like").locator(".reaction")).to_have_count(0)
    alice.page.context.set_offline(False)

    expect(bob.message("to like").locator(".reaction")).to_have_text("👍 1")
    expect(bob.bodies).to_have_text(["to like", "Message deleted", "mended"])
    expect(alice.page.locator(".delivery:visible")).to_have_count(0)
    alice.forgive("ERR_INTERNET_DISCONNECTED")


def test_what_is_changed_offline_survives_a_reload(alice: Person, bob: Person) -> None:
    alice.has_said("to like")
    wire = Wire(alice.page)
    alice.page.reload()
    alice.is_live()
    wire.cut()
    react(alice, "to like")
    expect(alice.message("to like")).to_contain_text("Reaction waiting to be sent")

    alice.page.reload()
    expect(alice.message("to like").locator(".reaction")).to_have_text("👍 1")
    wire.mend()

    expect(bob.message("to like").locator(".reaction")).to_have_text("👍 1")


def test_a_reaction_that_is_taken_back_offline_is_never_sent(alice: Person, bob: Person) -> None:
    alice.has_said("to like")
    alice.loses_the_network()
    react(alice, "to like")
    react(alice, "to like")
    expect(alice.message("to like").locator(".reaction")).to_have_count(0)
    react(alice, "to like", "❤️")
    alice.page.context.set_offline(False)

    expect(bob.message("to like").locator(".reaction")).to_have_text(re.compile("❤️ 1"))
    expect(alice.message("to like").locator(".reaction")).to_have_count(1)
    alice.forgive("ERR_INTERNET_DISCONNECTED")


def test_what_is_refused_says_why_at_its_row(alice: Person, bob: Person) -> None:
    wire = Wire(alice.page)
    wire.refused = {"reaction.set"}
    alice.page.reload()
    alice.is_live()
    alice.has_said("to like")

    react(alice, "to like")
    row = alice.message("to like")
    expect(row).to_contain_text("Reaction not saved. Not here.")
    expect(row.locator(".reaction")).to_have_count(0)
    wire.refused.clear()
    row.get_by_role("button", name="Retry").click()
    expect(bob.message("to like").locator(".reaction")).to_have_text("👍 1")

    wire.refused = {"reaction.set"}
    react(alice, "to like", "❤️")
    expect(row).to_contain_text("Reaction not saved.")
    row.get_by_role("button", name="Discard").click()
    expect(row.locator(".delivery")).to_be_hidden()
