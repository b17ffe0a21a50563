"""What the account menu offers to whom: one way to each thing."""

import pytest
from playwright.sync_api import Page, expect

from . import account_users
from .account_users import Phone, join, keep_name
from .conftest import Visit

pytestmark = pytest.mark.browser

local_node, address = account_users.local_node, account_users.address


def offered(page: Page, entry: str) -> bool:
    return page.locator(".account-menu").get_by_text(entry, exact=True).is_visible()


def test_an_account_changes_its_name_in_the_profile_and_a_guest_in_the_menu(
    visit: Visit, address: str
) -> None:
    greta = join(visit, address)
    greta.open_account()
    assert offered(greta.page, "Change name…")
    greta.page.keyboard.press("Escape")

    Phone(greta.page)
    keep_name(greta)
    greta.open_account()

    assert offered(greta.page, "Your profile…")
    assert not offered(greta.page, "Change name…")


def test_without_javascript_an_account_changes_its_name_by_a_form(
    visit: Visit, address: str
) -> None:
    greta = join(visit, address)
    Phone(greta.page)
    keep_name(greta)
    state = greta.page.context.storage_state()
    plain = visit("Plain", address, java_script_enabled=False, storage_state=state)

    plain.open_account()
    plain.page.get_by_role("link", name="Change name…").click()
    plain.page.get_by_label("Your new name").fill(f"Margarete {greta.name}")
    plain.page.get_by_role("button", name="Change name").click()

    expect(plain.page.locator(".me-name")).to_have_text(f"Margarete {greta.name}")
