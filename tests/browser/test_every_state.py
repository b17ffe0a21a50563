"""What axe finds in the menus, panels, dialogs and pages that the other tests do not look at."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.clients import Node

from .conftest import Person, Visit
from .room_actions import DRAWER
from .test_accessibility import violations
from .test_moderation import make_moderator
from .test_reports import report
from .user_actions import Finger, Hand, Mouse

pytestmark = pytest.mark.browser

WIDE = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, **Finger.browser}
SHAPES = pytest.mark.parametrize("shape", [WIDE, PHONE], ids=["wide", "narrow"])
OPENED_AS_WRITTEN = """id => {
  document.querySelector("dialog[open]")?.close();
  const dialog = document.getElementById(id);
  for (const filledLater of dialog.querySelectorAll("h2:empty, button:empty")) {
    filledLater.textContent = "Words";
  }
  dialog.showModal();
}"""
# Pages besides the room, for a member and for someone without a name.
MEMBERS_PAGES = ["account/data/", "reports/", "newcomers/", "rules/", "invite/no-such-link/"]
VISITORS_PAGES = ["sign-in/", "rules/", "welcome/no-such-link/", "rooms/nowhere/"]


class Looks:
    """Notes what axe finds in each state of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: dict[str, list[str]] = {}

    def at(self, state: str, within: str | None = None) -> None:
        assert state not in self.found
        self.found[state] = violations(self.page, within)

    def are_clean(self) -> None:
        assert {state: faults for state, faults in self.found.items() if faults} == {}


@pytest.fixture
def max_(join: Visit, room: str, shape: dict[str, object]) -> Person:
    return join("Max", room, **shape)


@pytest.fixture
def hand(max_: Person, shape: dict[str, object]) -> Hand:
    return (Finger if "has_touch" in shape else Mouse)(max_.page)


@SHAPES
def test_axe_finds_nothing_in_what_opens_beside_the_talk(
    max_: Person, hand: Hand, alice: Person
) -> None:
    page, looks = max_.page, Looks(max_.page)

    def from_the_list(selector: str) -> None:
        """A control beside the talk; on a phone it is in the drawer."""
        drawer = page.get_by_role("button", name=DRAWER)
        if drawer.is_visible() and not page.locator("#sides").is_visible():
            hand.press(drawer)
        hand.press(page.locator(selector))

    from_the_list("#inbox-button")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    looks.at("an empty inbox")
    _close_panel(page)
    alice.has_said("tea", f"@{max_.name} are you coming?")
    from_the_list("#inbox-button")
    expect(page.locator(".inbox-item")).to_have_count(1)
    looks.at("an inbox", within="#panel")
    _close_panel(page)

    from_the_list("#jump-to")
    expect(page.get_by_role("option").first).to_be_visible()
    looks.at("the quick switcher")
    page.keyboard.type("no such place")
    expect(page.get_by_text("Nothing has that name.")).to_be_visible()
    looks.at("the quick switcher with nothing found", within="#switcher")
    page.keyboard.press("Escape")

    from_the_list(".account > summary")
    expect(page.locator(".account-menu")).to_be_visible()
    looks.at("the account menu")
    hand.pick(page.get_by_label("Compact", exact=True))
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    looks.at("a compact list")

    hand.press(page.get_by_role("button", name="More about this room"))
    looks.at("the menu of the room")
    page.keyboard.press("Escape")
    people = page.locator("#panel-people")
    if not people.is_visible():
        hand.press(page.locator("#people-button"))
    page.get_by_role("searchbox", name="Find someone").fill(alice.name)
    expect(people.get_by_role("listitem")).to_have_count(1)
    looks.at("someone found among the people", within="#panel")
    hand.press(people.get_by_role("button", name=alice.name))
    expect(page.locator("profile-card")).to_be_visible()
    looks.at("the card of someone")
    page.keyboard.press("Escape")

    looks.are_clean()


@SHAPES
def test_axe_finds_nothing_in_what_happens_in_the_talk(
    max_: Person, hand: Hand, alice: Person, node: Node, room: str
) -> None:
    page, looks = max_.page, Looks(max_.page)
    talker = node.connect()
    key = room.split("/")[-2]
    talker.enter(key)
    for number in range(1, 41):
        talker.say(key, f"line {number}")
    expect(max_.message("line 40")).to_be_visible()
    jump = page.get_by_role("button", name="Jump to newest")
    hand.scroll_back()
    expect(jump).to_be_visible()
    talker.say(key, "news")
    expect(jump).to_have_text("Jump to newest (1)")
    looks.at("the way back to the newest")
    hand.press(jump)
    expect(jump).to_be_hidden()

    alice.composer.press_sequentially("I have to")
    expect(page.locator(".typing")).to_contain_text("is typing")
    looks.at("someone is typing", within=".dock")
    alice.composer.press("Enter")
    expect(alice.message("I have to").locator("time")).to_be_visible()
    alice.choose("I have to", "👍")
    expect(max_.message("I have to").locator(".reaction")).to_be_visible()
    hand.open_menu(max_.message("I have to"))
    looks.at("the menu of a message")
    hand.choose(page.get_by_role("menu").get_by_text("Who reacted…"))
    expect(page.locator("#who-reacted")).to_contain_text(alice.name)
    looks.at("who reacted", within="#who-reacted")
    page.keyboard.press("Escape")

    for sign in ("#", ":sm"):
        max_.composer.press_sequentially(sign)
        expect(page.get_by_role("option").first).to_be_visible()
        looks.at(f"what is offered after {sign}", within=".dock")
        max_.composer.press("Escape")
        max_.composer.fill("")
    looks.are_clean()


@SHAPES
def test_axe_finds_nothing_in_the_reports_and_what_is_locked(
    max_: Person, olivia: Person, alice: Person
) -> None:
    looks = Looks(max_.page)
    alice.has_said("Buy now")
    report(olivia, "Buy now", f"For {max_.name}")
    olivia.choose_of_room("Room settings…")
    olivia.page.get_by_label("Who may post").select_option("moderators")
    olivia.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(max_.page.locator(".composer-refusal")).to_be_visible()
    looks.at("a locked room")

    make_moderator(olivia, max_)
    expect(max_.page.locator("html")).to_have_class(re.compile("is-moderator"))
    if not max_.page.locator("#sides").is_visible():
        max_.page.get_by_role("button", name=DRAWER).click()
    max_.page.get_by_role("link", name=re.compile("^Reports")).click()
    mine = max_.page.locator(".report").filter(has_text=f"For {max_.name}")
    expect(mine).to_be_visible()
    looks.at("reports")
    mine.get_by_role("button", name="Dismiss report").click()
    expect(mine.get_by_role("button", name="Undo")).to_be_visible()
    looks.at("a report that was dismissed", within="#panel")
    looks.are_clean()


@SHAPES
def test_axe_finds_nothing_in_any_dialog_as_the_server_wrote_it(
    olivia: Person, join: Visit, room: str, shape: dict[str, object]
) -> None:
    max_ = join("Max", room, **shape)
    looks = Looks(max_.page)
    ids: list[str] = max_.page.locator("dialog").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) > 20
    for dialog in ids:
        max_.page.evaluate(OPENED_AS_WRITTEN, dialog)
        looks.at(dialog, within=f"#{dialog}")
    looks.are_clean()


@SHAPES
def test_axe_finds_nothing_on_the_pages_around_the_room(
    node: Node, visit: Visit, join: Visit, room: str, shape: dict[str, object]
) -> None:
    for person, paths in (
        (visit("Visitor", room, **shape), VISITORS_PAGES),
        (join("Max", room, **shape), MEMBERS_PAGES),
    ):
        looks = Looks(person.page)
        looks.at("the room")
        for path in paths:
            person.page.goto(f"{node.origin}/{path}")
            looks.at(path)
        person.forgive("status of 40")
        looks.are_clean()


def _close_panel(page: Page) -> None:
    page.locator("#panel .panel-close").click()
    expect(page.locator("#panel-inbox")).to_be_hidden()
