"""A moderator at work in the room, and what it looks like to those it concerns."""

import re

import pytest
from playwright.sync_api import Locator, expect

from .conftest import Person, Visit
from .test_accessibility import violations
from .user_actions import Keyboard

pytestmark = pytest.mark.browser


@pytest.fixture
def bob(join: Visit, room: str) -> Person:
    """Nobody else's Bob: what is done to him outlasts the test."""
    return join("Bob", room, new=True)


def dialog(person: Person, name: str) -> Locator:
    return person.page.get_by_role("dialog", name=name)


def card_of(looking: Person, at: Person) -> Locator:
    """The profile card of someone, opened from the people panel."""
    looking.page.locator("people-panel").get_by_role("button", name=at.name).click()
    return card(looking, at)


def card(looking: Person, at: Person) -> Locator:
    shown = looking.page.locator("profile-card")
    expect(shown.get_by_role("heading")).to_have_text(at.name)
    return shown


def make_moderator(olivia: Person, member: Person) -> None:
    shown = card_of(olivia, member)
    shown.get_by_role("button", name="Make moderator…").click()
    dialog(olivia, "Make").get_by_role("button", name="Make moderator").click()
    expect(shown).to_contain_text(f"{member.name} is a moderator now.")
    olivia.page.keyboard.press("Escape")


def set_rules(olivia: Person) -> Locator:
    olivia.choose_of_room("Room settings…")
    return dialog(olivia, "Room settings")


def test_a_message_is_deleted_for_everyone_and_restored(olivia: Person, bob: Person) -> None:
    bob.has_said("Buy now")

    olivia.choose("Buy now", "Delete for everyone…")
    dialog(olivia, "Delete this message").get_by_label("Reason").fill("An advertisement")
    dialog(olivia, "Delete this message").get_by_label("Reason").press("Enter")
    expect(bob.bodies).to_have_text(["Message deleted"])

    olivia.choose("Message deleted", "Restore")
    expect(bob.bodies).to_have_text(["Buy now"])


def test_a_member_reports_and_the_moderator_decides(olivia: Person, bob: Person, room: str) -> None:
    olivia.has_said("Buy now")

    bob.choose("Buy now", "Report…")
    dialog(bob, "Report this message").get_by_role("button", name="Report").click()
    expect(dialog(bob, "Report this message")).to_be_visible()  # it asks for a reason
    bob.page.keyboard.type("An advertisement")
    bob.page.keyboard.press("Enter")

    expect(bob.page.locator("#toast")).to_have_text(re.compile("Thank you"))
    expect(bob.page.get_by_role("link", name="Reports")).to_be_hidden()
    olivia.page.get_by_role("link", name=re.compile(r"Reports \(\d+\)")).click()
    report = olivia.page.locator("report-list .report").filter(has_text="An advertisement")
    report.get_by_role("button", name="Dismiss report").click()
    expect(report.get_by_role("status")).to_contain_text("The report was dismissed.")


def test_a_member_is_muted_from_the_list_and_told_until_when(olivia: Person, bob: Person) -> None:
    shown = card_of(olivia, bob)
    shown.get_by_role("button", name="Mute…").click()
    bob.loses_the_network()
    bob.say("But")
    dialog(olivia, "Mute").get_by_role("button", name="Mute").click()
    expect(shown).to_contain_text("Muted until")
    bob.page.context.set_offline(False)

    expect(bob.page.locator(".composer-refusal")).to_contain_text("You are muted until")
    expect(bob.composer).to_be_hidden()
    expect(bob.message("But")).to_contain_text("Not sent. You are muted until")

    shown.get_by_role("button", name="Unmute").click()
    expect(shown).to_contain_text(f"{bob.name} may write again.")
    expect(bob.page.locator(".composer-refusal")).to_be_hidden()
    bob.message("But").get_by_role("button", name="Retry").click()
    expect(olivia.message("But").locator("time")).to_be_visible()


def test_a_banned_member_is_shut_out_and_does_not_come_back(olivia: Person, bob: Person) -> None:
    bob.has_said("Buy now")

    olivia.message("Buy now").locator(".message-author").click()
    card(olivia, bob).get_by_role("button", name="Ban…").click()
    ban = dialog(olivia, "Ban")
    ban.get_by_label("For how long").select_option("for good")
    ban.get_by_role("button", name="Ban").click()

    expect(bob.page.get_by_text("You were removed from this chatroom.")).to_be_visible()
    bob.page.get_by_role("button", name="Reload").click()
    expect(bob.page.get_by_label("Your name")).to_be_visible()
    expect(olivia.page.locator("#here-count")).to_have_text("1 here")
    expect(card(olivia, bob)).to_contain_text("Banned for good")


def test_a_room_is_slowed_and_locked_and_says_so(olivia: Person, bob: Person) -> None:
    rules = set_rules(olivia)
    rules.get_by_label("Slow mode").select_option("One message a minute")
    rules.get_by_role("button", name="Save").click()
    notice = bob.page.locator("room-notice")
    expect(notice).to_have_text("Slow mode: one message every 60 s.")
    bob.has_said("One")
    expect(notice).to_contain_text("Your next one in")

    set_rules(olivia)
    expect(rules.get_by_label("Slow mode")).to_have_value("60")
    rules.get_by_label("Who may post").select_option("Owners and moderators only (locked)")
    rules.get_by_label("Slow mode").select_option("Off")
    rules.get_by_role("button", name="Save").click()

    refusal = bob.page.locator(".composer-refusal")
    expect(refusal).to_have_text("This room is locked: only moderators write here for now.")
    expect(bob.composer).to_be_hidden()
    expect(olivia.page.locator("room-notice")).to_contain_text("This room is locked")
    olivia.has_said("Three")
    bob.page.reload()
    expect(refusal).to_contain_text("This room is locked")


def test_a_guest_sees_none_of_the_powers_and_a_new_moderator_all(
    olivia: Person, bob: Person, join: Visit, room: str
) -> None:
    carol = join("Carol", room, new=True)
    carol.has_said("Hello")
    bob.choose_of_room("Room settings…")
    expect(dialog(bob, "Room settings").get_by_label("Who may post")).to_be_hidden()
    bob.page.keyboard.press("Escape")
    bob.message("Hello").hover()
    bob.message("Hello").get_by_role("button", name="Actions for").click()
    expect(bob.page.get_by_role("menuitem", name="Report…")).to_be_visible()
    expect(bob.page.get_by_role("menuitem", name="Delete for everyone…")).to_have_count(0)
    bob.page.keyboard.press("Escape")
    expect(card_of(bob, carol).get_by_role("group", name="Moderation")).to_have_count(0)
    bob.page.keyboard.press("Escape")

    make_moderator(olivia, bob)

    expect(bob.page.locator("html")).to_have_class(re.compile("is-moderator"))
    bob.choose_of_room("Room settings…")
    expect(dialog(bob, "Room settings").get_by_label("Who may post")).to_be_visible()
    bob.page.keyboard.press("Escape")
    bob.choose("Hello", "Delete for everyone…")
    dialog(bob, "Delete this message").get_by_role("button", name="Delete").click()
    expect(carol.bodies).to_have_text(["Message deleted"])


def test_a_keyboard_is_enough(olivia: Person, bob: Person) -> None:
    bob.has_said("Buy now")
    page = olivia.page
    expect(olivia.message("Buy now")).to_be_visible()

    hand = Keyboard(page)
    hand.open_menu(olivia.message("Buy now"))
    hand.choose(page.get_by_role("menuitem", name="Delete for everyone…"))
    page.keyboard.type("An advertisement")
    page.keyboard.press("Enter")

    expect(bob.bodies).to_have_text(["Message deleted"])
    expect(olivia.composer).to_be_focused()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_axe_finds_nothing_in_a_moderators_hands(
    olivia: Person, join: Visit, room: str, size: tuple[int, int]
) -> None:
    olivia.has_said("Buy now")
    viewport = {"width": size[0], "height": size[1]}
    max_ = join("Max", room, viewport=viewport)
    page = max_.page
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        found[state] = violations(page)

    set_rules(olivia).get_by_label("Slow mode").select_option("One message a minute")
    olivia.page.get_by_role("button", name="Save").click()
    expect(page.locator("room-notice")).to_be_visible()
    look("slow mode")
    max_.choose("Buy now", "Report…")
    look("reporting")
    page.keyboard.type("An advertisement")
    page.keyboard.press("Enter")
    make_moderator(olivia, max_)
    expect(page.locator("html")).to_have_class(re.compile("is-moderator"))
    set_rules(max_)
    look("a room’s rules")
    page.keyboard.press("Escape")
    max_.message("Buy now").hover()
    max_.message("Buy now").get_by_role("button", name="Actions for").click()
    look("a moderator’s menu")
    page.get_by_role("menuitem", name="View profile").click()
    look("the card of an owner")
    page.keyboard.press("Escape")
    max_.choose("Buy now", "Delete for everyone…")
    look("deleting for everyone")
    page.keyboard.press("Escape")
    if size[0] < 768:
        page.get_by_role("button", name="Rooms", exact=True).click()
    page.get_by_role("link", name=re.compile(r"Reports \(\d+\)")).click()
    expect(page.locator("report-list .report")).not_to_have_count(0)
    look("the reports")
    page.goto(f"{room.partition('/rooms/')[0]}/reports/")
    expect(page.locator(".report")).not_to_have_count(0)
    look("the reports without JavaScript")

    assert {state: of for state, of in found.items() if of} == {}
