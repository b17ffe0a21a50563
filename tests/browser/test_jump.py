"""Jump to…: by a few letters to a room, without a mouse."""

import pytest
from playwright.sync_api import expect

from .conftest import Person

pytestmark = pytest.mark.browser


def test_a_few_letters_and_enter_lead_to_a_room(alice: Person) -> None:
    page = alice.page
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    alice.composer.press("Control+k")
    field = page.get_by_role("combobox", name="Room or person")
    expect(field).to_be_focused()

    page.keyboard.type("lob")
    expect(page.get_by_role("option").first).to_have_text("#Lobby")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Lobby")
    expect(alice.composer).to_be_focused()
    assert sockets == []


def test_what_nobody_is_called_is_said_and_escape_leads_back(alice: Person) -> None:
    page = alice.page
    page.get_by_role("button", name="Jump to…").click()
    page.keyboard.type("no such place")

    expect(page.get_by_text("Nothing has that name.")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")

    expect(page.get_by_role("combobox", name="Room or person")).to_be_hidden()
    expect(alice.composer).to_be_focused()
