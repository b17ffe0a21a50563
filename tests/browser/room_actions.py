"""What people do with rooms in the page, each with one way to use it (user_actions.py)."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from .conftest import Person
from .test_switching import is_in
from .user_actions import Hand

# The button of the drawer says what is new there, too.
DRAWER = re.compile("^Rooms")

GONE = "not open to you any more"


@dataclass
class Guest:
    """Someone with a browser and one way to use it."""

    person: Person
    hand: Hand

    @property
    def page(self) -> Page:
        return self.person.page

    def joins(self) -> None:
        self.hand.write(self.page.get_by_label("Your name"), self.person.name)
        self.page.keyboard.press("Enter")
        self.person.is_live()

    def says(self, text: str) -> None:
        self.hand.write(self.person.composer, text)
        self.hand.send()
        expect(self.person.message(text).locator("time")).to_be_visible()

    def opens_rooms(self) -> None:
        """On a narrow screen they are in a drawer."""
        rooms = self.page.locator("#sides")
        if not rooms.is_visible():
            self.hand.press(self.page.get_by_role("button", name=DRAWER))
            expect(rooms).to_be_visible()

    def chooses_of_room(self, entry: str) -> Locator:
        """The dialog that the entry of the room's menu opens."""
        self.hand.press(self.page.get_by_role("button", name="More about this room"))
        self.hand.choose(self.page.get_by_role("menuitem", name=entry))
        shown = self.page.locator("dialog[open]")
        expect(shown).to_be_visible()
        return shown

    def closes(self, dialog: Locator) -> None:
        self.hand.press(dialog.get_by_role("button", name="Close"))
        expect(dialog).to_be_hidden()

    def link_to(self, room: str) -> Locator:
        return self.page.locator(".rooms-list a").filter(has_text=room)


def makes_a_private_room(alice: Guest, name: str) -> None:
    alice.opens_rooms()
    alice.hand.press(alice.page.get_by_role("button", name="New room"))
    new = alice.page.get_by_role("dialog", name="New room")
    alice.hand.write(new.get_by_label("Name"), name)
    alice.hand.pick(new.get_by_label("Private"))
    alice.hand.press(new.get_by_role("button", name="Create room"))
    is_in(alice.person, name)


def invites(alice: Guest) -> str:
    """The link's path."""
    invite = alice.chooses_of_room("Invite people")
    alice.hand.press(invite.get_by_role("button", name="Create link"))
    field = invite.get_by_label("Invitation link")
    expect(field).to_have_value(re.compile("/invite/"))
    link = field.input_value()
    alice.closes(invite)
    return "/invite/" + link.split("/invite/")[1]


def removes(alice: Guest, bob: Guest, room: str) -> None:
    """Alice removes Bob, whose page shows nothing of the room any more."""
    members = alice.chooses_of_room("Members")
    remove = members.get_by_role("button", name=f"Remove {bob.person.name}")
    expect(remove).to_be_visible()
    alice.hand.press(remove)
    expect(bob.link_to(room)).to_have_count(0)
    expect(bob.page.get_by_role("heading", name=GONE)).to_be_visible()
    expect(members.get_by_role("status")).to_contain_text("was removed from this room")
