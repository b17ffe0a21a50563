"""One walk, by keyboard alone: a guest keeps the name, signs in elsewhere by a link, comes back by
a recovery code, and signs out everywhere. No message changes its author, and the role stays.
"""

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.clients import Node

from . import account_users
from .account_users import SIZES, Phone, join
from .conftest import Person, Visit
from .test_accessibility import violations
from .user_actions import Keyboard

pytestmark = pytest.mark.browser

local_node, address = account_users.local_node, account_users.address


# Each press of a button, a link or a summary, by its user and not by a script.
COUNT_ACTIVATIONS = """() => {
  window.activations = 0;
  addEventListener("click", ({ isTrusted }) => { window.activations += Number(isTrusted); }, true);
}"""


def open_account(person: Person, hand: Keyboard, entry: str) -> None:
    """The account menu, backwards: the list of rooms may be long."""
    drawer = person.page.get_by_role("button", name="Rooms", exact=True)
    if drawer.is_visible():
        hand.go_back_to(drawer)
        person.page.keyboard.press("Enter")
        hand.press(person.page.locator(".account > summary"))
    else:
        hand.go_back_to(person.page.locator(".account > summary"))
        person.page.keyboard.press("Enter")
    hand.press(person.page.locator(".account-menu").get_by_role("button", name=entry))


def authors(page: Page) -> set[str | None]:
    names = page.locator(".message .message-author")
    return {one.get_attribute("data-member") for one in names.all()}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}px")
def test_from_a_guest_to_every_way_of_coming_back(
    visit: Visit, local_node: Node, address: str, size: tuple[int, int]
) -> None:
    options: dict[str, Any] = {"viewport": {"width": size[0], "height": size[1]}}
    greta = join(visit, address, **options)
    hand = Keyboard(greta.page)
    greta.has_said("as a guest")
    [guest_id] = authors(greta.page)
    phone = Phone(greta.page)

    # Two interactions: the menu, and the entry in it. On a narrow screen it is in a drawer.
    drawer = greta.page.get_by_role("button", name="Rooms", exact=True).is_visible()
    greta.page.evaluate(COUNT_ACTIVATIONS)
    open_account(greta, hand, "Keep this name")
    codes = greta.page.locator("#keep-name .recovery-codes li")
    expect(codes).to_have_count(10)
    assert greta.page.evaluate("window.activations") - drawer == 2
    code = codes.first.inner_text()
    greta.page.keyboard.press("Enter")
    greta.is_live()
    assert len(phone.passkeys) == 1
    local_node.manage("account", "promote", greta.name, "moderator")

    # Another browser, by the QR code's link.
    open_account(greta, hand, "Your account…")
    hand.press(greta.page.get_by_role("button", name="Sign in another device…"))
    link = greta.page.get_by_label("Link for the other device")
    expect(link).not_to_have_value("")
    tablet = visit("Tablet", link.input_value(), **options)
    tablet_hand = Keyboard(tablet.page)
    tablet_hand.press(tablet.page.get_by_role("button", name="Ask my other device"))
    number = tablet.page.locator(".match-number").inner_text()
    expect(greta.page.locator(".match-number")).to_have_text(number)
    hand.press(greta.page.get_by_role("button", name="Allow", exact=True))
    expect(tablet.page.locator(".me-name")).to_have_text(greta.name)
    tablet.page.goto(address)
    tablet.is_live()
    tablet.has_said("by the link")

    # A third one, with nothing but a code: no cookie, no passkey.
    origin = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
    third = visit("Third", f"{origin}/sign-in/code/?next={urlsplit(address).path}", **options)
    third_hand = Keyboard(third.page)
    expect(third.page.get_by_label("Recovery code")).to_be_focused()
    third.page.keyboard.type(code)
    third.page.keyboard.press("Enter")
    third.is_live()
    third.has_said("by the code")
    assert authors(third.page) == {guest_id}
    # The role is there without any cookie of before.
    third.message("as a guest").wait_for()
    assert "moderator" in local_node.manage("account", "list").split(greta.name)[0].splitlines()[-1]

    open_account(third, third_hand, "Your account…")
    expect(third.page.locator(".device-list .account-row")).to_have_count(3)
    assert violations(third.page) == []
    third_hand.press(third.page.get_by_role("button", name="Sign out everywhere"))

    expect(third.page.get_by_role("heading", name="Sign in")).to_be_visible()
    for one in (greta, tablet):
        expect(one.page.get_by_role("heading", name="You were signed out")).to_be_visible()


def test_your_data_is_reached_read_and_asked_for_by_keyboard(visit: Visit, address: str) -> None:
    greta = join(visit, address)
    hand = Keyboard(greta.page)
    greta.has_said("something")
    hand.go_back_to(greta.page.locator(".account > summary"))
    greta.page.keyboard.press("Enter")
    hand.press(greta.page.get_by_role("link", name="Your data…"))
    expect(greta.page.get_by_role("heading", name="Your data")).to_be_visible()
    assert violations(greta.page) == []

    hand.press(greta.page.get_by_role("button", name="Make the file"))
    file = greta.page.get_by_role("link", name="Download (")
    expect(file).to_be_visible()
    with greta.page.expect_download() as download:
        hand.press(file)
    assert download.value.suggested_filename.endswith(".zip")

    hand._reach(greta.page.get_by_label("Type"), "Tab")
    greta.page.keyboard.type(greta.name)
    greta.page.keyboard.press("Enter")
    expect(greta.page.get_by_role("heading", name="Deleted")).to_be_visible()
    assert violations(greta.page) == []


def test_what_a_guest_said_is_the_accounts_after_a_yes(
    visit: Visit, local_node: Node, address: str
) -> None:
    greta = join(visit, address)
    phone = Phone(greta.page)
    account_users.keep_name(greta)
    other = join(visit, address, "Gus")
    other.has_said("as Gus")
    # What Greta's page shows of Gus, and is not loaded again: a message, a mention, a reaction.
    greta.has_said(f"Hello @{other.name}!")
    other.message("Hello").hover()
    other.message("Hello").locator(".toolbar-react").first.click()
    reaction = greta.message("Hello").locator(".reaction")
    expect(reaction).to_be_visible()
    expect(greta.message("Hello").locator(".mention")).to_have_text(f"@{other.name}")
    Phone(other.page).take(phone.passkeys)

    other.page.goto(f"http://localhost:{local_node.port}/sign-in/?next={urlsplit(address).path}")
    other.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(other.page.get_by_role("heading", name="Carry over what you said?")).to_be_visible()
    assert violations(other.page) == []
    other.page.get_by_role("button", name="Carry over").click()

    other.is_live()
    expect(other.message("as Gus").locator(".message-author")).to_have_text(greta.name)
    other.edit("as Gus", "as Greta")
    expect(greta.message("as Greta").locator(".message-author")).to_have_text(greta.name)
    expect(greta.message("Hello").locator(".mention")).to_have_text(f"@{greta.name}")
    reaction.hover()
    expect(greta.page.locator("#reaction-hint")).to_contain_text(f"{greta.name} reacted")
