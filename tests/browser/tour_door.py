"""The part of the tour (tour.py) in which a newcomer asks at the door and is let in."""

import re
import time
from urllib.request import urlopen

from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person
from .room_actions import Guest
from .test_accessibility import violations
from .user_actions import Hand


def door(house: Node, ada: Person, hand: Hand, ben: Person, bens: Hand) -> None:
    """Ada owns the site, and moderators let people in there. Ben asks, and goes in by himself."""
    owner, newcomer = Guest(ada, hand), Guest(ben, bens)
    ada.page.goto(house.manage("invite_owner").strip())
    hand.write(ada.page.get_by_label("Your name"), ada.name)
    ada.page.keyboard.press("Enter")
    hand.press(ada.page.get_by_role("button", name="Become owner"))
    ada.is_live()
    _approval(house, "on", shown=True)

    ben.page.goto(house.origin)
    assert violations(ben.page) == []
    bens.write(ben.page.get_by_label("Your name"), ben.name)
    bens.write(ben.page.get_by_label("Who are you?"), "We met at the fair")
    bens.press(ben.page.get_by_role("button", name="Ask to come in"))
    expect(ben.page.get_by_role("heading", name=f"One moment, {ben.name}")).to_be_visible()
    assert violations(ben.page) == []

    owner.opens_rooms()
    hand.press(ada.page.get_by_role("link", name=re.compile(r"^Newcomers \(1\)")))
    waiting = ada.page.get_by_role("article", name=ben.name)
    expect(waiting).to_contain_text("We met at the fair")
    assert violations(ada.page) == []
    hand.press(waiting.get_by_role("button", name="Let in"))
    expect(waiting).to_contain_text("may come in")

    ben.is_live()
    newcomer.says(f"{ben.name} is in")
    _approval(house, "", shown=False)


def _approval(house: Node, value: str, *, shown: bool) -> None:
    """Set it, and wait until the page on which one joins follows."""
    house.manage("site", "set", "approval", value)
    asks = "Who are you?"
    while (asks in urlopen(house.origin).read().decode()) != shown:  # noqa: S310 - our own node
        time.sleep(0.05)
