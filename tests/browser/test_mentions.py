"""Mentions in the text: pills with the name of now, and words that call many."""

import re

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from . import test_inbox as inbox
from .conftest import Person, Visit
from .test_accessibility import violations
from .test_inbox import LIVE_MS, count, id_of, key_of
from .test_making_rooms import dialog, make_room

pytestmark = pytest.mark.browser

garden, carol = inbox.garden, inbox.carol


def rename(person: Person, name: str) -> None:
    person.choose_of_account("Change name")
    box = dialog(person, "Change your name")
    box.get_by_role("textbox").fill(name)
    box.get_by_role("button", name="Change").click()
    person.is_live()
    person.name = name


def test_a_pill_bears_the_name_of_now(alice: Person, join: Visit, room: str) -> None:
    carol = join("Carol", room, new=True)
    old = carol.name
    alice.say(f"Ask @{old.lower()}, not `@{old}` or mail@{old}")
    pill = alice.message("Ask").locator(".mention")
    expect(pill).to_have_count(1)
    expect(pill).to_have_text(f"@{old}")
    expect(carol.message("Ask").locator(".mention")).to_have_class(re.compile("is-me"))

    rename(carol, f"{old} again")

    expect(pill).to_have_text(f"@{old} again", timeout=LIVE_MS)
    carol.page.goto("about:blank")
    alice.page.reload()
    alice.is_live()
    expect(pill).to_have_text(f"@{old} again")


def test_everyone_is_completed_named_and_asked_about(
    olivia: Person, carol: Person, node: Node
) -> None:
    make_room(olivia, "Private")
    node.manage("add_member", key_of(olivia), str(id_of(carol)))
    olivia.composer.press_sequentially("@ro")
    offered = olivia.page.get_by_role("option", name="@room")
    expect(offered).to_contain_text("Notify every member of this room")
    assert violations(olivia.page) == []
    olivia.composer.press("Enter")
    olivia.composer.press_sequentially("hello")
    olivia.composer.press("Enter")

    expect(olivia.message("hello").locator(".mention")).to_have_text("@room")
    expect(count(carol.page)).to_have_text("1", timeout=LIVE_MS)


def test_one_who_may_not_call_everyone_is_offered_no_such_words(carol: Person) -> None:
    carol.composer.press_sequentially("@ro")
    expect(carol.page.get_by_role("option", name="@room")).to_have_count(0)


def test_many_are_called_only_after_a_question(olivia: Person, node: Node) -> None:
    make_room(olivia, "Private")
    node.manage(
        "add_member", key_of(olivia), *(str(node.connect().hello["me"]["id"]) for _ in range(21))
    )
    question = dialog(olivia, "Notify everyone?")

    olivia.say("@room listen")
    expect(question).to_contain_text("This notifies 21 people.")
    assert violations(olivia.page) == []
    question.get_by_role("button", name="Cancel").click()
    expect(olivia.message("listen")).to_contain_text("Not sent. This notifies 21 people.")

    olivia.message("listen").get_by_role("button", name="Send…").click()
    question.get_by_role("button", name="Notify and send").click()

    expect(olivia.message("listen").locator("time")).to_be_visible()
    expect(olivia.message("listen").locator(".mention")).to_have_text("@room")


def test_a_pill_follows_the_new_name_of_one_who_is_elsewhere(
    alice: Person, carol: Person, node: Node
) -> None:
    """Nothing else on the page shows who is called: they said nothing here, and have left."""
    alice.has_said(f"@{carol.name} here?")
    pill = alice.message("here?").locator(".mention")
    expect(pill).to_have_text(f"@{carol.name}")
    room = alice.page.url
    carol.page.goto(f"{node.origin}/rooms/lobby/")
    carol.is_live()
    alice.page.goto(room)
    alice.is_live()
    old = carol.name

    rename(carol, f"{old} elsewhere")

    expect(pill).to_have_text(f"@{old} elsewhere", timeout=LIVE_MS)
    rename(carol, old)
    expect(pill).to_have_text(f"@{old}", timeout=LIVE_MS)
