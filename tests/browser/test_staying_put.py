"""After a form the person is where they were, can go on writing, and reads what came of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("where", ["taken", "invisible", "too long"])
def test_a_refused_name_leaves_one_in_the_room(
    join: Visit, room: str, bob: Person, where: str
) -> None:
    alice = join("Alice", room, new=True)
    alice.has_said("A message with a link")
    name = {"taken": bob.name, "invisible": "\u2060\u2060", "too long": "x" * 40}[where]
    page = alice.page
    alice.choose_of_account("Change name…")
    field = page.get_by_label("Your new name")
    field.evaluate("field => field.removeAttribute('maxlength')")
    field.fill(name)
    page.get_by_role("button", name="Change name").click()

    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    expect(page).to_have_url(room)
    expect(field).to_be_focused()
    alice.is_live()
    link = alice.message("A message").get_by_role("link").first
    expect(link).to_have_attribute("href", re.compile(r"/rooms/room-\d+/1/$"))
    page.goto(room + "1/")
    expect(alice.message("A message")).to_be_focused()
    alice.forgive("status of 4")


def test_reloading_after_a_refusal_brings_the_room(join: Visit, room: str, bob: Person) -> None:
    alice = join("Alice", room, new=True)
    alice.choose_of_account("Change name…")
    alice.page.get_by_label("Your new name").fill(bob.name)
    alice.page.get_by_role("button", name="Change name").click()
    expect(alice.page.get_by_role("dialog").get_by_role("alert")).to_be_visible()

    alice.page.reload()

    expect(alice.page.get_by_role("heading", level=1)).to_have_text(re.compile("^Room "))
    alice.is_live()
    alice.forgive("status of 409")


@pytest.mark.parametrize("start", ["the room", "the front page"])
def test_after_joining_one_writes_at_once(visit: Visit, room: str, node: Node, start: str) -> None:
    guest = visit("Nadia", room if start == "the room" else node.origin)

    guest.page.get_by_label("Your name").fill(guest.name)
    guest.page.get_by_label("Your name").press("Enter")
    guest.is_live()

    expect(guest.composer).to_be_focused()
    guest.page.keyboard.type("Hello")
    expect(guest.composer).to_have_value("Hello")


def test_after_another_name_too(join: Visit, room: str) -> None:
    alice = join("Alice", room, new=True)
    alice.choose_of_account("Change name…")
    alice.page.get_by_label("Your new name").fill(f"{alice.name} B")
    alice.page.get_by_label("Your new name").press("Enter")

    expect(alice.page.locator(".me-name")).to_have_text(f"{alice.name} B")
    expect(alice.composer).to_be_focused()


def test_the_list_has_me_first_and_counts_like_people(join: Visit, room: str) -> None:
    for name in ("guest 10", "Guest 9", "ärger"):
        join(name, room, new=True)
    zoe = join("Zoe", room)

    names = zoe.page.locator(".person-name")
    expect(names).to_have_count(4)
    expect(names).to_have_text(
        [re.compile("^Zoe"), re.compile("^ärger"), re.compile("^Guest 9"), re.compile("^guest 10")]
    )
