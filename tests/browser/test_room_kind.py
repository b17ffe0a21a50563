"""Who may come into a room: its owner makes it private or public, and knows what that means."""

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person, Visit
from .test_making_rooms import dialog, join_public, make_room, rooms_of
from .test_switching import is_in

pytestmark = pytest.mark.browser

GONE = "not open to you any more"


def chooses(person: Person, entry: str) -> None:
    """In the settings of the room."""
    person.choose_of_room("Room settings")
    dialog(person, "Room settings").get_by_role("button", name=entry).click()


def test_a_room_is_made_private_for_its_members_and_public_again(
    alice: Person, bob: Person, join: Visit, visit: Visit, node: Node
) -> None:
    name = make_room(alice, "Public")
    alice.has_said("Come in, all of you")
    join_public(bob, name)
    carol = join("Carol", alice.page.url)
    reader = visit("Reader", alice.page.url)
    reader.is_live()

    chooses(alice, "Make private…")
    asked = dialog(alice, "Make this room private?")
    expect(asked).to_contain_text("Only its members keep it")
    expect(asked).to_contain_text("It has 2 members.")
    asked.get_by_role("button", name="Make private").click()

    expect(alice.page.locator("#toast")).to_contain_text("The room is private.")
    expect(alice.page.locator(".topbar svg.room-mark")).to_be_visible()
    for outside in (carol, reader):
        expect(outside.page.get_by_role("heading", name=GONE)).to_be_visible()
        expect(outside.message("Come in, all of you")).to_be_hidden()
    is_in(bob, name)
    bob.has_said("Only us now")
    expect(alice.message("Only us now")).to_be_visible()

    chooses(alice, "Make public…")
    asked = dialog(alice, "Make this room public?")
    expect(asked).to_contain_text("read all that was said so far")
    asked.get_by_role("button", name="Make public").click()
    expect(alice.page.locator("#toast")).to_contain_text("The room is public.")

    # With what was said meanwhile. Its address is the one that they have still.
    for outside in (carol, reader):
        outside.page.reload()
        expect(outside.message("Only us now")).to_be_visible()


def test_what_was_done_too_quickly_is_undone_where_it_is_said(alice: Person) -> None:
    name = make_room(alice, "Private")
    chooses(alice, "Make public…")
    alice.page.get_by_role("button", name="Make public").click()
    expect(alice.page.locator("#toast")).to_contain_text("The room is public.")

    alice.page.locator("#toast").get_by_role("button", name="Undo").click()

    expect(alice.page.locator("#toast")).to_contain_text("The room is private.")
    mark = rooms_of(alice).filter(has_text=name).locator("svg.room-mark")
    expect(mark).to_have_count(1)


def test_only_owners_are_offered_it_and_nobody_in_the_lobby(
    alice: Person, bob: Person, node: Node
) -> None:
    name = make_room(alice, "Public")
    join_public(bob, name)
    bob.choose_of_room("Room settings")
    expect(dialog(bob, "Room settings").get_by_text("Make private…")).to_be_hidden()
    bob.page.keyboard.press("Escape")

    alice.page.goto(f"{node.origin}/rooms/lobby/")
    alice.is_live()
    alice.choose_of_room("Room settings")
    expect(dialog(alice, "Room settings").get_by_text("Make private…")).to_be_hidden()
