"""Someone who has never seen it does every lab by clicks alone."""

import re

import pytest
from playwright.sync_api import expect

from lab.labs.registry import numbers
from tests.browser.test_accessibility import violations

from .clicks import do_lab
from .conftest import Look

pytestmark = pytest.mark.browser


def test_the_first_lab_is_open_from_the_start(look: Look) -> None:
    page = look()

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Lab 1 · "))
    for name in ("Ada", "Bob"):
        room = page.frame_locator(f'iframe[title^="{name}’s room"]')
        expect(room.locator("#connection-state")).to_have_attribute("data-phase", "live")
        expect(room.get_by_role("textbox", name="Message to")).to_be_visible()


@pytest.mark.parametrize(
    "number",
    # All ten take minutes.
    [1, *(pytest.param(number, marks=pytest.mark.slow) for number in numbers() if number > 1)],
)
def test_a_lab_is_done_by_clicks(look: Look, number: int) -> None:
    page = look()

    do_lab(page, number)

    assert violations(page) == []
    page.get_by_role("button", name="All labs").click()
    entry = page.locator(".labs li").filter(has=page.locator(f'text="{number}"')).first
    expect(entry).to_contain_text("done")
