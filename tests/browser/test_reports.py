"""The queue of reports within the page: context, decisions, ways back, several moderators."""

import re

import pytest
from playwright.sync_api import Locator, expect

from .conftest import Person, Visit
from .test_moderation import card, dialog, make_moderator

pytestmark = pytest.mark.browser


@pytest.fixture
def gus(join: Visit, room: str) -> Person:
    """Someone whose message is reported; what is done to him outlasts the test."""
    return join("Gus", room, new=True)


def report(by: Person, text: str, reason: str) -> None:
    by.choose(text, "Report…")
    by.page.keyboard.type(reason)
    by.page.keyboard.press("Enter")
    expect(by.page.locator("#toast")).to_contain_text("Thank you")


def queue(moderator: Person) -> Locator:
    moderator.page.get_by_role("link", name=re.compile(r"^Reports")).click()
    return moderator.page.locator("report-list")


def reported(moderator: Person, reason: str) -> Locator:
    return moderator.page.locator("report-list .report").filter(has_text=reason)


def test_a_report_is_read_in_context_and_leads_to_its_room(
    olivia: Person, gus: Person, alice: Person
) -> None:
    alice.has_said("One", "Two")
    gus.has_said("Buy now")
    alice.has_said("Three")
    report(alice, "Buy now", "Context, please")

    queue(olivia)
    item = reported(olivia, "Context, please")
    expect(item.locator(".report-body")).to_have_text(["One", "Two", "Buy now", "Three"])
    expect(item.locator(".report-reasons")).to_contain_text(alice.name)

    item.locator(".report-name").click()
    card(olivia, gus)
    olivia.page.keyboard.press("Escape")
    item.get_by_role("link", name="Open in room").click()
    expect(olivia.message("Buy now")).to_be_in_viewport()


def test_a_message_is_deleted_from_the_queue_and_comes_back(
    olivia: Person, gus: Person, alice: Person
) -> None:
    gus.has_said("Buy now")
    report(alice, "Buy now", "To delete")
    queue(olivia)
    item = reported(olivia, "To delete")

    item.get_by_role("button", name="Delete message").click()
    expect(item.get_by_role("status")).to_contain_text("The message was deleted.")
    expect(alice.bodies).to_have_text(["Message deleted"])

    item.get_by_role("button", name="Undo").click()
    expect(alice.bodies).to_have_text(["Buy now"])
    expect(item.get_by_role("button", name="Dismiss report")).to_be_visible()
    item.get_by_role("button", name="Dismiss report").click()
    expect(item.get_by_role("status")).to_contain_text("The report was dismissed.")
    item.get_by_role("button", name="Undo").click()
    expect(item.get_by_role("button", name="Dismiss report")).to_be_visible()


def test_the_author_is_muted_from_the_queue_and_the_report_waits_on(
    olivia: Person, gus: Person, alice: Person
) -> None:
    gus.has_said("Buy now")
    report(alice, "Buy now", "To mute")
    queue(olivia)
    item = reported(olivia, "To mute")

    item.get_by_role("button", name="Mute author…").click()
    mute = dialog(olivia, "Mute")
    expect(mute.get_by_label("Reason")).to_have_value("To mute")
    mute.get_by_label("For how long").select_option("a day")
    mute.get_by_role("button", name="Mute").click()

    expect(item.get_by_role("status")).to_contain_text(f"{gus.name} was muted for a day.")
    expect(gus.page.locator(".composer-refusal")).to_contain_text("You are muted until")
    expect(item.get_by_role("button", name="Delete message")).to_be_visible()
    item.get_by_role("button", name="Undo").click()
    expect(item.get_by_role("status")).to_contain_text(f"{gus.name} may write again.")


def test_what_another_moderator_decides_goes_from_the_queue_by_itself(
    olivia: Person, gus: Person, alice: Person, join: Visit, room: str
) -> None:
    max_ = join("Max", room, new=True)
    make_moderator(olivia, max_)
    gus.has_said("Buy now")
    report(alice, "Buy now", "For both")
    queue(olivia)
    queue(max_)
    expect(reported(max_, "For both")).to_be_visible()
    expect(reported(olivia, "For both")).to_be_visible()

    reported(max_, "For both").get_by_role("button", name="Dismiss report").click()

    expect(reported(olivia, "For both")).to_have_count(0)


def test_the_queue_is_worked_by_keyboard_alone(olivia: Person, gus: Person, alice: Person) -> None:
    gus.has_said("Buy now")
    report(alice, "Buy now", "By keyboard")
    link = olivia.page.get_by_role("link", name=re.compile(r"^Reports"))
    link.focus()
    olivia.page.keyboard.press("Enter")
    item = reported(olivia, "By keyboard")
    expect(item).to_be_visible()

    for _ in range(60):
        olivia.page.keyboard.press("Tab")
        if item.get_by_role("button", name="Dismiss report").evaluate(
            "one => one === document.activeElement"
        ):
            break
    olivia.page.keyboard.press("Enter")
    expect(item.get_by_role("status")).to_contain_text("The report was dismissed.")
    expect(item.get_by_role("button", name="Undo")).to_be_visible()
