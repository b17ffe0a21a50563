"""Mentions, answers and direct messages: in the inbox and in the counts."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.clients import Node

from .conftest import Person, Visit
from .test_accessibility import violations
from .test_making_rooms import choose_in_menu, dialog, make_room
from .test_switching import is_in
from .user_actions import Finger, Keyboard

pytestmark = pytest.mark.browser

# What is promised within two seconds, on a machine that other tests use too.
LIVE_MS = 10_000


@pytest.fixture
def garden(node: Node) -> str:
    """Another room, in which nobody has said anything."""
    return f"{node.origin}/rooms/{next(node.rooms)}/"


@pytest.fixture
def carol(join: Visit, garden: str) -> Person:
    """Someone new, with an empty inbox, in another room than the others."""
    return join("Carol", garden, new=True)


def key_of(person: Person) -> str:
    """Of the room that they are in."""
    return person.page.url.rstrip("/").split("/")[-1]


def id_of(person: Person) -> int:
    boot = json.loads(person.page.locator("#boot").text_content() or "")
    return int(boot["me"]["id"])


def entry(page: Page) -> Locator:
    return page.locator("#inbox-button")


def count(page: Page) -> Locator:
    return entry(page).locator(".unread-count:visible")


def open_inbox(person: Person) -> Locator:
    entry(person.page).click()
    panel = person.page.get_by_role("complementary", name="Inbox")
    expect(panel).to_be_visible()
    return panel


def items(person: Person) -> Locator:
    return person.page.locator(".inbox-item")


def unread(person: Person) -> Locator:
    return person.page.locator(".inbox-item.is-unread")


def test_an_empty_inbox_says_what_it_is_for(carol: Person) -> None:
    panel = open_inbox(carol)

    expect(panel.get_by_text("Nothing here yet")).to_be_visible()
    expect(panel.get_by_text("direct messages wait for you here")).to_be_visible()
    expect(panel.get_by_role("button", name="Mark all as read")).to_be_hidden()
    assert violations(carol.page) == []


def test_what_names_or_answers_me_comes_in_is_counted_and_leads_to_its_message(
    alice: Person, carol: Person, room: str, garden: str
) -> None:
    carol.page.goto(room)
    carol.has_said("A question")
    carol.page.goto(garden)
    carol.is_live()
    alice.has_said(*(f"line {number}" for number in range(3)))
    alice.choose("A question", "Reply")
    alice.has_said("An answer")
    alice.has_said(f"And @{carol.name}: look")

    expect(count(carol.page)).to_have_text("2", timeout=LIVE_MS)
    expect(carol.page).to_have_title(re.compile(r"^\(2\) "))
    icon = carol.page.locator("link[rel=icon]")
    expect(icon).to_have_attribute("href", re.compile("mentions"))
    panel = open_inbox(carol)
    expect(items(carol)).to_have_count(2)
    expect(items(carol).first).to_contain_text(f"{alice.name} mentioned you in")
    expect(items(carol).last).to_contain_text(f"{alice.name} replied to you in")
    expect(unread(carol)).to_have_count(2)
    assert violations(carol.page) == []

    panel.get_by_role("link", name="mentioned you").click()

    expect(carol.message("And @")).to_be_in_viewport()
    expect(carol.page).to_have_url(re.compile(r"/rooms/[-\w]+/\d+/$"))
    expect(unread(carol)).to_have_count(0)
    expect(count(carol.page)).to_have_count(0)
    expect(icon).not_to_have_attribute("href", re.compile("mentions"))


def test_an_old_message_is_jumped_to(alice: Person, carol: Person, node: Node) -> None:
    alice.has_said(f"@{carol.name} long ago")
    writer = node.connect()
    for number in range(150):
        writer.say(key_of(alice), f"since then {number}")
    open_inbox(carol)

    items(carol).get_by_role("link").click()

    expect(carol.message("long ago")).to_be_in_viewport()
    # By its name, though it may not be in her list.
    expect(carol.page.locator("h1")).to_have_text(re.compile("^Room "))


def test_one_is_marked_read_and_then_all(alice: Person, carol: Person) -> None:
    for number in range(3):
        alice.has_said(f"@{carol.name} {number}")
    panel = open_inbox(carol)
    expect(unread(carol)).to_have_count(3)

    unread(carol).nth(1).get_by_role("button", name="Mark as read").click()

    expect(unread(carol)).to_have_count(2)
    expect(count(carol.page)).to_have_text("2")
    expect(items(carol).nth(1).get_by_role("link")).to_be_focused()

    panel.get_by_role("button", name="Mark all as read").click()

    expect(unread(carol)).to_have_count(0)
    expect(count(carol.page)).to_have_count(0)
    expect(items(carol)).to_have_count(3)
    carol.page.reload()
    carol.is_live()
    expect(count(carol.page)).to_have_count(0)


def test_what_is_read_on_one_device_is_read_on_the_other(alice: Person, carol: Person) -> None:
    phone = carol.page.context.new_page()
    phone.goto(carol.page.url)
    for number in range(2):
        alice.has_said(f"@{carol.name} {number}")
    expect(count(phone)).to_have_text("2", timeout=LIVE_MS)
    open_inbox(carol)

    unread(carol).first.get_by_role("button", name="Mark as read").click()
    expect(count(phone)).to_have_text("1", timeout=LIVE_MS)
    carol.page.get_by_role("button", name="Mark all as read").click()
    expect(count(phone)).to_have_count(0, timeout=LIVE_MS)


def test_all_that_was_marked_read_is_unread_again_by_undo(alice: Person, carol: Person) -> None:
    phone = carol.page.context.new_page()
    phone.goto(carol.page.url)
    for number in range(2):
        alice.has_said(f"@{carol.name} {number}")
    open_inbox(carol)
    expect(unread(carol)).to_have_count(2)
    carol.page.get_by_role("button", name="Mark all as read").click()
    expect(unread(carol)).to_have_count(0)
    expect(count(phone)).to_have_count(0, timeout=LIVE_MS)

    carol.page.locator("#toast").get_by_role("button", name="Undo").click()

    expect(unread(carol)).to_have_count(2)
    expect(count(phone)).to_have_text("2", timeout=LIVE_MS)


def test_direct_messages_wait_there_until_they_are_read(alice: Person, carol: Person) -> None:
    carol.has_said("Hello")
    alice.page.goto(carol.page.url)
    alice.message("Hello").locator(".message-author").click()
    alice.page.get_by_role("button", name="Direct message").click()
    is_in(alice, carol.name)
    alice.has_said("Between us")

    expect(count(carol.page)).to_have_text("1", timeout=LIVE_MS)
    open_inbox(carol)
    expect(items(carol)).to_contain_text(f"{alice.name} wrote to you")
    alice.has_said("And another")
    expect(items(carol)).to_have_count(1)
    expect(items(carol)).to_contain_text("And another", timeout=LIVE_MS)

    items(carol).get_by_role("link").click()

    is_in(carol, alice.name)
    expect(carol.message("Between us")).to_be_visible()
    # What is hidden from sight beside a name far down the list does not make the page longer.
    assert carol.page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
    expect(count(carol.page)).to_have_count(0)
    expect(unread(carol)).to_have_count(0)


def test_a_message_that_one_is_looking_at_is_not_counted(carol: Person, join: Visit) -> None:
    bob = join("Bob", carol.page.url)
    counts = carol.page.evaluate_handle(
        """() => {
          const seen = [];
          const dot = document.querySelector("#inbox-button .unread-dot");
          new MutationObserver(() => seen.push(dot.hidden)).observe(dot, { attributes: true });
          return seen;
        }"""
    )
    bob.has_said(f"@{carol.name} here?")
    expect(carol.message("here?")).to_have_class(re.compile("mentions-me"))
    bob.has_said("One more")
    expect(carol.message("One more")).to_be_visible()
    open_inbox(carol)
    expect(items(carol)).to_have_count(1)

    expect(unread(carol)).to_have_count(0)
    assert False not in counts.json_value()


def test_what_came_while_the_network_was_away_is_there_when_it_is_back(
    alice: Person, carol: Person
) -> None:
    open_inbox(carol)
    carol.loses_the_network()
    alice.has_said(f"@{carol.name} are you there?")

    carol.page.context.set_offline(False)

    expect(count(carol.page)).to_have_text("1")
    expect(items(carol)).to_have_count(1)


def test_by_keyboard_alone(alice: Person, carol: Person) -> None:
    for number in range(2):
        alice.has_said(f"@{carol.name} {number}")
    expect(count(carol.page)).to_have_text("2", timeout=LIVE_MS)
    hand = Keyboard(carol.page)

    hand.press(entry(carol.page))
    expect(items(carol)).to_have_count(2)
    hand.press(carol.page.get_by_role("button", name="Mark as read").first)
    expect(unread(carol)).to_have_count(1)
    carol.page.keyboard.press("ArrowDown")
    expect(items(carol).nth(1).get_by_role("link")).to_be_focused()
    carol.page.keyboard.press("Enter")

    expect(carol.message(f"@{carol.name} 0")).to_be_in_viewport()
    expect(unread(carol)).to_have_count(0)


def test_by_touch_on_a_narrow_screen(alice: Person, join: Visit, garden: str) -> None:
    dora = join("Dora", garden, viewport={"width": 320, "height": 640}, **Finger.browser)
    alice.has_said(f"@{dora.name} look")
    hand = Finger(dora.page)
    expect(dora.page.locator(".sides-button .inbox-dot")).to_be_visible(timeout=LIVE_MS)

    hand.press(dora.page.locator(".sides-button"))
    hand.press(entry(dora.page))
    expect(items(dora)).to_have_count(1)
    assert violations(dora.page) == []
    hand.press(items(dora).get_by_role("link"))

    expect(dora.message("look")).to_be_in_viewport()
    expect(dora.page.get_by_role("complementary")).to_be_hidden()
    expect(dora.page.locator(".sides-button .inbox-dot")).to_be_hidden()


def test_a_deleted_message_goes_from_the_inbox(alice: Person, carol: Person) -> None:
    alice.has_said(f"@{carol.name} oops")
    open_inbox(carol)
    expect(items(carol)).to_have_count(1)

    alice.choose("oops", "Delete")
    alice.page.get_by_role("button", name="Delete", exact=True).click()

    expect(items(carol)).to_have_count(0, timeout=LIVE_MS)
    expect(count(carol.page)).to_have_count(0)


# --- In the list of rooms ---------------------------------------------------------------------


def set_level(person: Person, level: str) -> None:
    choose_in_menu(person, "Room settings")
    settings = dialog(person, "Room settings")
    settings.get_by_label(level).check()
    settings.get_by_role("button", name="Save").click()
    expect(settings).to_be_hidden()


def test_a_room_counts_its_mentions_and_obeys_its_level(
    alice: Person, join: Visit, node: Node
) -> None:
    carol = join("Carol", f"{node.origin}/rooms/lobby/", new=True)
    name = make_room(alice, "Public")
    address = alice.page.url
    carol.page.goto(address)
    carol.is_live()
    set_level(carol, "Mentions only")
    carol.page.goto(f"{node.origin}/rooms/lobby/")
    carol.is_live()
    badge = carol.page.locator(".rooms-list a").filter(has_text=name).locator(".unread-dot")
    expect(badge).to_have_count(1)

    alice.has_said("For everyone", f"For @{carol.name}")

    expect(badge).to_have_class(re.compile("has-mentions"), timeout=LIVE_MS)
    expect(badge.locator(".unread-count")).to_have_text("1")
    expect(carol.page).to_have_title(re.compile(r"^\(1\) "))
