"""The part of the tour (tour.py) in which two people make rooms and meet in them."""

from typing import Protocol

from playwright.sync_api import expect

from .conftest import Person
from .room_actions import Guest, invites, makes_a_private_room, removes
from .test_accessibility import violations
from .test_switching import is_in
from .user_actions import Hand


class Walkers(Protocol):
    ada: Person
    ben: Person
    hand: Hand
    bens: Hand
    room: str


def rooms(walk: Walkers) -> None:
    """A private room: made, set up, shared by a link, talked in, and Ben is removed again."""
    ada, ben = Guest(walk.ada, walk.hand), Guest(walk.ben, walk.bens)
    name = f"Club of {walk.ada.name}"
    makes_a_private_room(ada, name)

    settings = ada.chooses_of_room("Room settings")
    ada.hand.write(settings.get_by_label("Topic"), "On Mondays")
    assert violations(ada.page) == []
    ada.hand.press(settings.get_by_role("button", name="Save"))
    expect(ada.page.locator(".topbar-topic")).to_have_text("On Mondays")

    link = invites(ada)
    ben.page.goto(ada.page.url.split("/rooms/")[0] + link)
    ben.hand.press(ben.page.get_by_role("button", name="Join"))
    ben.person.is_live()
    is_in(ben.person, name)
    ben.says("Good evening")
    expect(ada.person.message("Good evening")).to_be_visible()

    removes(ada, ben, name)
    assert violations(ada.page) == []
    assert violations(ben.page) == []
    ada.closes(ada.page.get_by_role("dialog", name="Members of"))


def conversations(walk: Walkers) -> None:
    """Ben looks for a public room; Ada writes to Ben alone; both come back to where they were."""
    ada, ben = Guest(walk.ada, walk.hand), Guest(walk.ben, walk.bens)
    ben.opens_rooms()
    ben.hand.press(ben.page.get_by_role("button", name="Browse rooms"))
    browse = ben.page.get_by_role("dialog", name="Browse rooms")
    ben.hand.write(browse.get_by_role("searchbox"), walk.room)
    found = browse.get_by_role("listitem").filter(has_text=walk.room.title())
    expect(found).to_have_count(1)
    assert violations(ben.page) == []
    ben.hand.press(found.get_by_role("button", name="Join"))
    is_in(ben.person, walk.room.title())

    ada.opens_rooms()
    ada.hand.press(ada.page.get_by_role("button", name="New message"))
    new = ada.page.get_by_role("dialog", name="New message")
    ada.hand.write(new.get_by_role("searchbox"), ben.person.name)
    ada.hand.press(new.get_by_role("button", name=f"Add {ben.person.name}"))
    assert violations(ada.page) == []
    ada.hand.press(new.get_by_role("button", name="Write"))
    expect(ada.page.get_by_role("heading", level=1)).to_have_text(ben.person.name)
    ada.says("Only for you")
    ben.opens_rooms()
    ben.hand.press(ben.page.locator(".direct-messages a").filter(has_text=ada.person.name))
    expect(ben.person.message("Only for you")).to_be_visible()

    for one in (ada, ben):
        one.opens_rooms()
        one.hand.press(one.link_to(walk.room.title()).first)
        is_in(one.person, walk.room.title())
