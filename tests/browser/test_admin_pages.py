"""Every page of the admin in a browser: no script of it fails, and an empty list says so."""

import re

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def superuser(node: Node) -> str:
    node.environment["DJANGO_SUPERUSER_PASSWORD"] = "only for tests"
    arguments = ("--noinput", "--username", "ottilie", "--email", "o@example.com")
    node.manage("createsuperuser", *arguments)
    return "ottilie"


@pytest.fixture
def ottilie(superuser: str, node: Node, visit: Visit) -> Person:
    """Of the staff; at the end their browser may not have complained about anything."""
    ottilie = visit("Ottilie", f"{node.origin}/admin/login/?next=/admin/")
    ottilie.page.get_by_label("Username").fill(superuser)
    ottilie.page.get_by_label("Password").fill("only for tests")
    ottilie.page.get_by_label("Password").press("Enter")
    expect(ottilie.page.get_by_role("heading", name="Overview")).to_be_visible()
    return ottilie


def test_no_list_and_no_page_of_the_admin_logs_an_error(
    ottilie: Person, alice: Person, node: Node
) -> None:
    alice.has_said("Something to list")
    page = ottilie.page
    links = page.locator("#content-main a").evaluate_all("links => links.map(link => link.href)")
    lists = sorted({link for link in links if re.search(r"/admin/\w+/\w+/$", link)})
    assert len(lists) >= 8

    for address in lists:
        page.goto(address)
        # The settings of the site are one row: their list leads to the form of that row.
        expect(page.locator("#changelist, #sitesettings_form")).to_be_visible()
        assert ottilie.complaints == [], address
        row = page.locator("#result_list th a, #result_list td a").first
        if row.count():
            page.goto(row.evaluate("link => link.href"))
            assert ottilie.complaints == [], row


def test_selecting_rows_works_and_is_counted(ottilie: Person, alice: Person, node: Node) -> None:
    alice.has_said("One", "Two")
    page = ottilie.page
    page.goto(f"{node.origin}/admin/chat/message/")

    page.locator("#result_list tbody input[type=checkbox]").first.check()
    expect(page.locator(".action-counter")).to_have_text(re.compile("^1 of"))
    page.locator("#action-toggle").check()

    boxes = page.locator("#result_list tbody input[type=checkbox]")
    expect(boxes.nth(1)).to_be_checked()


@pytest.mark.parametrize("place", ["chat/message", "chat/member", "chat/room", "chat/user"])
def test_a_search_without_hits_says_so_and_what_to_do(
    ottilie: Person, node: Node, place: str
) -> None:
    page = ottilie.page
    page.goto(f"{node.origin}/admin/{place}/?q=nothing-is-called-this")

    expect(page.get_by_role("status")).to_contain_text("No matches.")
    page.get_by_role("link", name="show all of them").click()
    expect(page).to_have_url(re.compile(f"{place}/"))
    expect(page.get_by_text("No matches.")).to_be_hidden()
