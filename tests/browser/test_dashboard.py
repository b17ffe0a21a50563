"""The admin's front page in a browser."""

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


def test_the_figures_follow_what_goes_on(node: Node, visit: Visit, alice: Person) -> None:
    node.environment["DJANGO_SUPERUSER_PASSWORD"] = "only for tests"
    node.manage("createsuperuser", "--noinput", "--username", "otto", "--email", "o@example.com")
    otto = visit("Otto", f"{node.origin}/admin/login/?next=/admin/")
    otto.page.clock.install()
    otto.page.get_by_label("Username").fill("otto")
    otto.page.get_by_label("Password").fill("only for tests")
    otto.page.get_by_label("Password").press("Enter")
    figures = otto.page.locator(".dashboard-figures")
    expect(figures).to_contain_text("messages")
    said = figures.locator("strong").nth(1)
    before = said.inner_text()

    alice.has_said("One more")
    expect(said).to_have_text(before)
    otto.page.clock.fast_forward(10_000)

    expect(said).not_to_have_text(before)
    otto.forgive("404")  # Django's pages have no icon
