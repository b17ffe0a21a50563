"""The people of a room: found, whoever they are, in a room of any size; and their profile cards."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.clients import Node
from tests.sockets import Client

from .conftest import Person, Visit
from .test_accessibility import violations
from .test_moderation import card, card_of, dialog

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
MANY = 260


def panel(person: Person) -> Locator:
    return person.page.locator("people-panel")


def crowd(node: Node, room: str) -> list[Client]:
    """So many people with names of their own are in the room."""
    cookies = node.manage("mint_sessions", str(MANY), "--prefix", "Crowd").split("\n")
    clients = [node.connect(cookie) for cookie in cookies if cookie]
    for client in clients:
        client.enter(room.split("/")[-2])
    return clients


def test_someone_is_found_by_a_part_of_the_name_and_mentioned_by_keyboard_alone(
    alice: Person, bob: Person
) -> None:
    page = alice.page
    expect(panel(alice).get_by_role("listitem")).to_have_count(2)

    panel(alice).get_by_role("searchbox", name="Find someone").focus()
    page.keyboard.type(bob.name.upper())
    expect(panel(alice).get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(card(alice, bob).get_by_role("button", name="Mention")).to_be_focused()
    page.keyboard.press("Enter")

    expect(alice.composer).to_be_focused()
    expect(alice.composer).to_have_value(f"@{bob.name} ")


def test_nobody_has_such_a_name(alice: Person) -> None:
    search = panel(alice).get_by_role("searchbox", name="Find someone")
    search.fill("Zzyzx")
    expect(panel(alice).get_by_role("status")).to_have_text("Nobody here has such a name.")

    search.press("Escape")

    expect(search).to_have_value("")
    expect(panel(alice).get_by_role("listitem")).to_have_count(1)


def test_in_a_large_room_everyone_is_found_and_few_rows_are_made(
    alice: Person, node: Node, room: str
) -> None:
    clients = crowd(node, room)
    last = max(client.hello["me"]["name"] for client in clients)
    people = panel(alice)
    expect(people.locator(".people-count")).to_have_text(str(MANY + 1))

    people.get_by_role("searchbox", name="Find someone").fill(last)
    expect(people.get_by_role("listitem")).to_have_count(1)
    expect(people.get_by_role("listitem")).to_contain_text(last)

    people.get_by_role("searchbox", name="Find someone").fill("")
    first = people.get_by_role("listitem").first
    expect(first).to_contain_text(alice.name)
    first.get_by_role("button").focus()
    shown = people.get_by_role("button", name=last)
    # What is scrolled to is asked for, and comes behind it.
    for known in (100, 101, 201):
        expect(people.locator(f"[aria-posinset='{known}']")).to_be_attached()
        alice.page.keyboard.press("End")
    expect(shown).to_be_focused()
    assert people.get_by_role("listitem").count() <= 200
    for client in clients:
        client.close()


def test_typing_is_shown_beside_the_name(alice: Person, bob: Person) -> None:
    bob.composer.press_sequentially("Well")

    row = panel(alice).get_by_role("listitem").filter(has_text=bob.name)
    expect(row).to_contain_text("typing")


def test_a_moderator_is_marked_and_so_am_i(alice: Person, olivia: Person) -> None:
    rows = panel(alice).get_by_role("listitem")

    expect(rows).to_have_text([f"{alice.name} you", f"{olivia.name} owner"])


# --- The card ---------------------------------------------------------------------------------


def test_the_card_opens_from_a_name_a_face_and_the_menu_and_leads_back(
    alice: Person, bob: Person
) -> None:
    bob.has_said("Tea?")
    row = alice.message("Tea?")

    for name in (row.locator(".message-author"), row.locator(".avatar")):
        name.click()
        expect(card(alice, bob)).to_contain_text("Here now")
        alice.page.keyboard.press("Escape")
        expect(alice.page.locator("profile-card")).to_be_hidden()
    alice.choose("Tea?", "View profile")
    card(alice, bob).get_by_role("button", name="Close").click()

    expect(alice.page.locator("profile-card")).to_be_hidden()
    card_of(alice, alice)
    expect(alice.page.locator("profile-card")).to_contain_text("You")
    expect(alice.page.locator("profile-card").get_by_role("button")).to_have_count(2)
    alice.page.keyboard.press("Escape")
    expect(alice.page.locator("profile-card")).to_be_hidden()


def test_a_press_beside_the_card_closes_it_and_opens_the_next(alice: Person, bob: Person) -> None:
    bob.has_said("Tea?")
    alice.message("Tea?").locator(".message-author").click()
    card(alice, bob)

    card_of(alice, alice)
    alice.page.locator(".topbar-title").click()

    expect(alice.page.locator("profile-card")).to_be_hidden()


def test_on_a_phone_the_card_is_a_sheet_and_a_tap_beside_it_only_closes_it(
    join: Visit, room: str, bob: Person
) -> None:
    bob.has_said("Tea?")
    alice = join("Alice", room, **PHONE)

    alice.message("Tea?").locator(".message-author").tap()
    sheet = card(alice, bob)
    box = sheet.bounding_box()
    assert box is not None
    assert (round(box["x"]), round(box["width"])) == (0, 390)
    assert round(box["y"] + box["height"]) == 844
    alice.page.touchscreen.tap(200, 100)
    expect(sheet).to_be_hidden()

    alice.message("Tea?").locator(".message-author").tap()
    sheet.get_by_role("button", name="Mention").tap()
    expect(alice.composer).to_have_value(f"@{bob.name} ")


def test_what_was_done_to_someone_is_said_on_the_card_and_taken_back_there(
    olivia: Person, join: Visit, room: str
) -> None:
    gus = join("Gus", room, new=True)
    shown = card_of(olivia, gus)
    shown.get_by_role("button", name="Mute…").click()
    dialog(olivia, "Mute").get_by_label("For how long").select_option("a day")
    olivia.page.keyboard.press("Enter")
    dialog(olivia, "Mute").get_by_role("button", name="Mute").click()
    status = shown.get_by_role("status")
    expect(status).to_contain_text(f"{gus.name} was muted for a day.")
    expect(gus.page.locator(".composer-refusal")).to_contain_text("You are muted until")

    status.get_by_role("button", name="Undo").click()

    expect(status).to_contain_text(f"{gus.name} may write again.")
    expect(gus.page.locator(".composer-refusal")).to_be_hidden()
    expect(shown.get_by_role("button", name="Mute…")).to_be_visible()


def test_a_role_is_given_and_taken_on_the_card(olivia: Person, join: Visit, room: str) -> None:
    gus = join("Gus", room, new=True)
    shown = card_of(olivia, gus)

    shown.get_by_role("button", name="Make moderator…").click()
    dialog(olivia, "Make").get_by_role("button", name="Make moderator").click()
    expect(shown).to_contain_text(f"{gus.name} is a moderator now.")
    shown.get_by_role("button", name="Remove moderator role…").click()
    dialog(olivia, "Remove the").get_by_role("button", name="Remove moderator role").click()

    expect(shown).to_contain_text(f"{gus.name} is not a moderator any more.")
    expect(shown.get_by_role("button", name="Make moderator…")).to_be_visible()


def test_the_card_leads_to_a_direct_message(alice: Person, bob: Person) -> None:
    card_of(alice, bob).get_by_role("button", name="Direct message").click()

    expect(alice.page.locator(".topbar-title")).to_have_text(bob.name)
    expect(alice.page.locator("profile-card")).to_be_hidden()
    alice.has_said("Just us")


def test_someone_is_blocked_on_the_card_and_heard_again(
    alice: Person, join: Visit, room: str
) -> None:
    gus = join("Gus", room, new=True)
    shown = card_of(alice, gus)

    shown.get_by_role("button", name="Block").click()
    expect(shown.get_by_role("status")).to_contain_text(f"You blocked {gus.name}")
    expect(shown.get_by_role("button", name="Unblock")).to_be_visible()
    shown.get_by_role("button", name="Undo").click()

    expect(shown.get_by_role("status")).to_contain_text(f"You hear from {gus.name} again.")


@pytest.mark.parametrize("options", [{"viewport": {"width": 1280, "height": 800}}, PHONE])
def test_axe_finds_nothing_in_the_panel_and_on_the_card(
    join: Visit, room: str, olivia: Person, options: dict[str, object]
) -> None:
    olivia.has_said("Tea?")
    alice = join("Alice", room, **options)
    found: dict[str, list[str]] = {}

    alice.message("Tea?").locator(".message-author").click()
    card(alice, olivia)
    found["card"] = violations(alice.page)
    alice.page.keyboard.press("Escape")
    if not panel(alice).is_visible():
        alice.page.get_by_role("button", name=re.compile("^People")).click()
    panel(alice).get_by_role("searchbox", name="Find someone").fill("nobody")
    found["panel"] = violations(alice.page)

    assert {state: of for state, of in found.items() if of} == {}
