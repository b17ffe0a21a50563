"""A row: its time is a link, its buttons stand beside its text, a finger on it asks for more."""

import re

import pytest
from playwright.sync_api import Locator, expect

from .conftest import Person, Visit
from .user_actions import Finger

pytestmark = pytest.mark.browser


def toolbar(person: Person, text: str) -> Locator:
    return person.message(text).get_by_role("group", name="Message actions")


def test_the_time_is_a_link_to_the_message(alice: Person, room: str) -> None:
    alice.has_said("read me")
    when = alice.message("read me").locator(".message-when")
    expect(when).to_have_attribute("href", re.compile(r"^/rooms/[-\w]+/1/$"))

    when.click()

    expect(alice.page).to_have_url(f"{room}1/")
    expect(alice.message("read me")).to_be_focused()


def test_the_toolbar_reacts_picks_and_replies(alice: Person, bob: Person) -> None:
    alice.has_said("tea?")
    expect(toolbar(bob, "tea?").locator(".toolbar-react")).to_have_count(0)
    bob.message("tea?").hover()
    like = toolbar(bob, "tea?").get_by_role("button", name="React with 👍")

    like.click()
    expect(alice.message("tea?").locator(".reaction")).to_have_text("👍 1")
    expect(bob.message("tea?").locator(".reaction")).to_have_attribute("aria-pressed", "true")
    bob.composer.hover()
    bob.message("tea?").hover()
    expect(like).to_have_attribute("aria-pressed", "true")
    like.click()
    expect(alice.message("tea?").locator(".reaction")).to_have_count(0)

    bob.message("tea?").hover()
    toolbar(bob, "tea?").get_by_role("button", name="another emoji").click()
    bob.page.get_by_role("dialog", name="React with").get_by_role("button", name="🚀").click()
    expect(alice.message("tea?").locator(".reaction")).to_have_text("🚀 1")

    bob.message("tea?").hover()
    toolbar(bob, "tea?").get_by_role("button", name="Reply").click()
    bob.say("yes")
    expect(alice.message("yes").locator(".message-quote-text")).to_have_text("tea?")


def test_the_toolbar_never_covers_the_text_of_its_row(alice: Person) -> None:
    alice.has_said("first", "long " * 60, "after " * 60)
    for text in ("first", "long", "after"):
        alice.message(text).hover()
        bar = toolbar(alice, text)
        expect(bar).to_have_css("opacity", "1")
        box = bar.bounding_box()
        body = alice.message(text).locator(".message-body").bounding_box()
        assert box
        assert body
        above = box["y"] + box["height"] <= body["y"] + 4
        below = box["y"] >= body["y"] + body["height"] - 4
        assert above or below, (text, box, body)


def test_the_right_arrow_goes_into_the_toolbar_and_escape_back(alice: Person) -> None:
    alice.has_said("one", "two")
    keyboard = alice.page.keyboard
    alice.composer.press("Shift+Tab")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowRight")
    expect(toolbar(alice, "two").get_by_role("button", name="React with 👍")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(toolbar(alice, "two").get_by_role("button", name="React with ❤️")).to_be_focused()
    keyboard.press("Escape")
    expect(alice.message("two")).to_be_focused()
    keyboard.press("ArrowUp")
    expect(alice.message("one")).to_be_focused()
    expect(toolbar(alice, "two").get_by_role("button")).to_have_count(1)


def test_a_finger_that_rests_opens_a_sheet_and_a_tap_beside_it_closes_it(
    join: Visit, room: str, bob: Person
) -> None:
    bob.has_said("touch me")
    alice = join("Alice", room, **Finger.browser, viewport={"width": 390, "height": 844})
    finger = Finger(alice.page)
    menu = alice.page.get_by_role("menu", name="Message actions")

    finger.open_menu(alice.message("touch me"))
    expect(menu).to_be_visible()
    box = menu.bounding_box()
    assert box
    assert box["y"] + box["height"] == pytest.approx(844, abs=1)
    assert box["width"] == pytest.approx(390, abs=1)

    alice.page.touchscreen.tap(195, 100)
    expect(menu).to_be_hidden()

    finger.open_menu(alice.message("touch me"))
    menu.get_by_role("menuitemcheckbox", name="React with 🎉").tap()
    expect(bob.message("touch me").locator(".reaction")).to_have_text("🎉 1")


def test_a_visitor_has_no_toolbar(alice: Person, visit: Visit, room: str) -> None:
    alice.has_said("look, do not touch")
    visitor = visit("Vic", room)
    expect(visitor.message("look")).to_be_visible()
    expect(visitor.page.locator("html.scripted")).to_have_count(1)
    visitor.message("look").hover()
    expect(toolbar(visitor, "look")).to_be_hidden()


def test_a_name_that_is_called_is_a_pill_and_mine_is_tinted(alice: Person, bob: Person) -> None:
    bob.has_said("here I am")
    alice.say(f"hello @{bob.name}, and @nobody, `@{bob.name}`")
    pill = bob.message("hello").locator(".mention")

    expect(pill).to_have_text([f"@{bob.name}"])
    expect(pill).to_have_class(re.compile("is-me"))
    expect(bob.message("hello")).to_have_class(re.compile("mentions-me"))
    expect(alice.message("hello").locator(".mention")).to_have_count(1)
    expect(alice.message("hello").locator(".mention.is-me")).to_have_count(0)


def test_old_messages_bear_the_name_of_today(join: Visit, room: str, bob: Person) -> None:
    carol = join("Carol", room, new=True)
    carol.has_said("before")
    was = carol.name
    expect(bob.message("before").locator(".message-author")).to_have_text(was)
    carol.choose_of_account("Change name…")
    carol.page.get_by_label("Your new name").fill(f"{was} X")
    carol.page.get_by_role("button", name="Change name").click()
    expect(carol.page.locator(".me-name")).to_have_text(f"{was} X")
    carol.name = f"{was} X"
    carol.is_live()
    carol.has_said("after")

    expect(bob.message("before").locator(".message-author")).to_have_text(f"{was} X")
    expect(carol.message("before").locator(".message-author")).to_have_text(f"{was} X")


def test_deleted_messages_in_a_row_are_one_line(alice: Person, bob: Person, olivia: Person) -> None:
    alice.has_said("one", "two", "three", "four")
    for text in ("one", "two", "three"):
        alice.choose(text, "Delete")
        alice.page.get_by_role("button", name="Delete", exact=True).click()
    line = bob.page.locator("li.deletions")
    expect(line).to_contain_text("3 messages deleted")
    expect(bob.messages).to_have_count(1)
    expect(line.get_by_role("button")).to_be_hidden()
    expect(bob.message("four").locator(".message-author")).to_be_visible()

    show = olivia.page.locator("li.deletions").get_by_role("button", name="Show")
    show.click()
    expect(olivia.messages).to_have_count(4)
    olivia.page.locator("li.deletions").get_by_role("button", name="Hide").click()
    expect(olivia.messages).to_have_count(1)

    bob.page.reload()
    expect(line).to_contain_text("3 messages deleted")
    bob.page.goto(bob.page.url.rstrip("/") + "/2/")
    expect(bob.page.locator("#m2")).to_be_focused()
