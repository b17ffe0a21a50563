"""Who may come in, as people see it, and what those who are inside are told."""

import itertools
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.clients import Node

from . import account_users
from .account_users import SIZES, Phone
from .conftest import Person, Visit
from .test_accessibility import violations

pytestmark = pytest.mark.browser

local_node = account_users.local_node

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _as_on_a_new_site(local_node: Node, address: str) -> Iterator[None]:
    yield
    again = f"Test {next(_numbers)} is over."
    local_node.manage(
        "shell", "-v0", "-c",
        "from chat.accounts.site_settings import SiteSettings, save\n"
        f"save(SiteSettings(welcome={again!r}))",
    )  # fmt: skip
    wait_until_shown(address, again)


def set_and_shown(node: Node, address: str, name: str, value: str, *, shown: str) -> None:
    """Set this for the site, and wait until the page on which one joins shows it."""
    node.manage("site", "set", name, value)
    wait_until_shown(address, shown)


def wait_until_shown(address: str, text: str) -> None:
    while text not in urlopen(address).read().decode():  # noqa: S310 - our own node
        time.sleep(0.05)


@pytest.fixture
def address(local_node: Node) -> str:
    return f"http://localhost:{local_node.port}/"


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}px")
def size(request: pytest.FixtureRequest) -> dict[str, Any]:
    width, height = request.param
    return {"viewport": {"width": width, "height": height}, "has_touch": width < 500}


def type_name(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your name").press("Enter")


def is_in(person: Person) -> None:
    expect(person.composer).to_be_visible()
    person.is_live()


def say(person: Person, text: str) -> None:
    """By the button: on a touch screen, Enter begins a new line."""
    person.composer.fill(text)
    person.page.get_by_role("button", name="Send", exact=True).click()
    expect(person.message(text).locator("time")).to_be_visible()


def owner_of(visit: Visit, node: Node, address: str, size: dict[str, Any]) -> Person:
    """Someone who took the link that `invite_owner` prints."""
    link = node.manage("invite_owner").strip()
    owner = visit("Olivia", link, **size)
    type_name(owner.page, owner.name)
    owner.page.get_by_role("button", name="Become owner").click()
    is_in(owner)
    return owner


def test_an_account_is_made_at_the_door(
    local_node: Node, visit: Visit, address: str, size: dict[str, Any]
) -> None:
    local_node.manage("site", "set", "who_may_come_in", "accounts")
    welcome = "Welcome to the house of tea."
    set_and_shown(local_node, address, "welcome", welcome, shown=welcome)
    greta = visit("Greta", address, **size)
    phone = Phone(greta.page)
    expect(greta.page.get_by_text(welcome)).to_be_visible()
    assert violations(greta.page) == []

    type_name(greta.page, greta.name)

    expect(greta.page.locator(".recovery-codes li")).to_have_count(10)
    assert violations(greta.page) == []
    greta.page.get_by_role("link", name="I saved them").click()
    is_in(greta)
    assert len(phone.passkeys) == 1


def test_a_newcomer_waits_and_goes_in_by_itself(
    local_node: Node, visit: Visit, address: str, size: dict[str, Any]
) -> None:
    owner = owner_of(visit, local_node, address, size)
    set_and_shown(local_node, address, "approval", "on", shown="Who are you?")
    greta = visit("Greta", address, **size)
    greta.page.get_by_label("Who are you?").fill("We met at the fair")
    assert violations(greta.page) == []
    type_name(greta.page, greta.name)
    expect(greta.page.get_by_role("heading", name="One moment, Greta")).to_be_visible()
    assert violations(greta.page) == []

    open_newcomers(owner)
    entry = owner.page.get_by_role("article", name=greta.name)
    expect(entry).to_contain_text("We met at the fair")
    assert violations(owner.page) == []
    # Refused by mistake, with the keyboard alone, and taken back.
    entry.get_by_role("button", name="Refuse…").focus()
    owner.page.keyboard.press("Enter")
    owner.page.keyboard.type("Not known here")
    owner.page.keyboard.press("Enter")
    expect(greta.page.get_by_text("Not known here")).to_be_visible()
    expect(entry.get_by_role("button", name="Undo")).to_be_focused()
    owner.page.keyboard.press("Enter")
    expect(entry.get_by_role("button", name="Let in")).to_be_visible()
    greta.page.reload()
    expect(greta.page.get_by_role("heading", name="One moment, Greta")).to_be_visible()

    entry.get_by_role("button", name="Let in").click()

    expect(entry).to_contain_text("may come in")
    is_in(greta)
    expect(owner.page.locator(".newcomers-waiting")).to_have_text("")


def open_newcomers(owner: Person) -> None:
    drawer = owner.page.get_by_role("button", name="Rooms", exact=True)
    if drawer.is_visible():
        drawer.click()
    link = owner.page.get_by_role("link", name=re.compile(r"Newcomers \(1\)"))
    link.click()


def test_the_rules_are_accepted_and_accepted_again_when_they_change(
    local_node: Node, visit: Visit, address: str, size: dict[str, Any]
) -> None:
    set_and_shown(local_node, address, "rules", "Be kind.", shown="Be kind.")
    greta = visit("Greta", address, **size)
    expect(greta.page.get_by_role("region", name="Rules")).to_contain_text("Be kind.")
    assert violations(greta.page) == []
    greta.page.get_by_label("I accept the rules").check()
    type_name(greta.page, greta.name)
    is_in(greta)
    notice = greta.page.get_by_role("region", name="About this site")
    expect(notice).to_be_hidden()

    local_node.manage("site", "set", "rules", "Be kinder.")

    expect(notice).to_contain_text("The rules of this chatroom have changed.")
    assert violations(greta.page) == []
    greta.page.get_by_role("link", name="Read the rules").click()
    expect(greta.page.get_by_text("Be kinder.")).to_be_visible()
    assert violations(greta.page) == []
    greta.page.get_by_role("button", name="Accept the rules").click()
    is_in(greta)
    expect(notice).to_be_hidden()


def test_who_is_in_is_told_how_to_come_in_again(
    local_node: Node, visit: Visit, address: str, size: dict[str, Any]
) -> None:
    greta = visit("Greta", address, **size)
    type_name(greta.page, greta.name)
    is_in(greta)
    Phone(greta.page)
    notice = greta.page.get_by_role("region", name="About this site")

    local_node.manage("site", "set", "who_may_come_in", "accounts")
    expect(notice).to_contain_text("This chatroom is for accounts now.")
    say(greta, f"{greta.name} is still here")
    local_node.manage("site", "set", "guests_read_only", "on")
    expect(notice).to_contain_text("Guests only read here now.")
    refusal = greta.page.locator(".composer-refusal")
    expect(refusal).to_contain_text("Keep this name to write")
    assert violations(greta.page) == []

    notice.get_by_role("button", name="Keep this name").click()
    expect(greta.page.locator("#keep-name .recovery-codes li")).to_have_count(10)
    greta.page.get_by_role("button", name="I saved them").click()
    is_in(greta)
    expect(notice).to_be_hidden()
    say(greta, f"{greta.name} writes again")
