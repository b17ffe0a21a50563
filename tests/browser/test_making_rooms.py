"""Rooms that people make, in the page: by one person for another, with nothing but the page."""

import itertools
import re

import pytest
from playwright.sync_api import Locator, expect

from tests.clients import Node

from .conftest import Person, Visit
from .test_accessibility import violations
from .test_switching import is_in

pytestmark = pytest.mark.browser

_numbers = itertools.count(1)


def dialog(person: Person, name: str) -> Locator:
    return person.page.get_by_role("dialog", name=name)


def choose_in_menu(person: Person, entry: str) -> None:
    person.page.get_by_role("button", name="More about this room").click()
    person.page.get_by_role("menuitem", name=entry).click()


def make_room(person: Person, kind: str) -> str:
    name = f"Club {next(_numbers)}"
    person.page.get_by_role("button", name="New room").click()
    new = dialog(person, "New room")
    new.get_by_label("Name").fill(name)
    new.get_by_label("What is it about?").fill("On Mondays")
    new.get_by_label(kind).check()
    new.get_by_role("button", name="Create room").click()
    is_in(person, name)
    return name


def join_public(person: Person, name: str) -> None:
    person.page.get_by_role("button", name="Browse rooms").click()
    browse = dialog(person, "Browse rooms")
    browse.get_by_role("searchbox").fill(name)
    found = browse.get_by_role("listitem").filter(has_text=name)
    found.get_by_role("button", name="Join").click()
    is_in(person, name)


def rooms_of(person: Person) -> Locator:
    return person.page.locator(".rooms-list a")


def test_a_new_room_is_on_the_screen_with_the_focus_where_one_writes(alice: Person) -> None:
    name = make_room(alice, "Public")
    expect(alice.composer).to_be_focused()
    alice.has_said("First!")
    expect(rooms_of(alice).filter(has_text=name)).to_have_count(1)
    expect(alice.page.locator(".topbar-topic")).to_have_text("On Mondays")


def test_a_name_that_is_refused_says_why_in_the_dialog(alice: Person) -> None:
    alice.page.get_by_role("button", name="New room").click()
    new = dialog(alice, "New room")
    new.get_by_label("Name").fill("   ")
    new.get_by_role("button", name="Create room").click()
    expect(new.get_by_role("alert")).to_be_visible()
    expect(new).to_be_visible()


def test_a_public_room_is_found_and_joined(alice: Person, bob: Person) -> None:
    name = make_room(alice, "Public")
    join_public(bob, name)


def test_two_people_meet_in_a_private_room_until_one_is_removed(
    alice: Person, bob: Person, node: Node
) -> None:
    name = make_room(alice, "Private")
    expect(alice.page.locator(".topbar svg.room-mark")).to_be_visible()
    # Its address would let nobody in.
    expect(alice.page.get_by_text("anyone who opens it")).to_be_hidden()
    choose_in_menu(alice, "Invite people")
    invite = dialog(alice, "Invite people")
    invite.get_by_role("button", name="Create link").click()
    field = invite.get_by_label("Invitation link")
    expect(field).to_have_value(re.compile(f"^{node.origin}/invite/"))
    link = field.input_value()
    alice.page.keyboard.press("Escape")

    bob.page.goto(link)
    bob.page.get_by_role("button", name="Join").click()
    bob.is_live()
    is_in(bob, name)
    bob.has_said("Thank you for the link.")
    expect(alice.message("Thank you for the link.")).to_be_visible()

    choose_in_menu(alice, "Members")
    members = dialog(alice, "Members of")
    bobs = members.get_by_role("listitem").filter(has_text=bob.name)
    bobs.get_by_role("button", name="Remove").click()
    expect(members.get_by_role("status")).to_contain_text(f"{bob.name} was removed")
    expect(bobs).to_have_count(0)
    expect(rooms_of(bob).filter(has_text=name)).to_have_count(0)
    expect(bob.composer).to_be_hidden()
    alice.page.keyboard.press("Escape")
    alice.has_said("Only for members")
    expect(bob.message("Only for members")).to_have_count(0)


def test_an_invitation_is_taken_back(alice: Person) -> None:
    make_room(alice, "Private")
    choose_in_menu(alice, "Invite people")
    invite = dialog(alice, "Invite people")
    invite.get_by_role("button", name="Create link").click()
    entry = invite.get_by_role("listitem")
    expect(entry).to_have_count(1)
    entry.get_by_role("button", name="Revoke").click()
    expect(entry).to_have_count(0)


def test_an_archived_room_is_read_only_until_it_is_restored(alice: Person) -> None:
    make_room(alice, "Public")
    choose_in_menu(alice, "Room settings")
    alice.page.get_by_role("button", name="Archive room").click()
    expect(alice.composer).to_be_hidden()
    choose_in_menu(alice, "Room settings")
    alice.page.get_by_role("button", name="Restore room").click()
    expect(alice.composer).to_be_visible()


def test_its_owner_says_who_posts_how_often_and_who_invites(alice: Person, bob: Person) -> None:
    name = make_room(alice, "Public")
    join_public(bob, name)

    choose_in_menu(alice, "Room settings")
    settings = dialog(alice, "Room settings")
    settings.get_by_label("Who may post").select_option("Owners and moderators only (locked)")
    settings.get_by_label("Who may add and invite").select_option("Owners and moderators only")
    settings.get_by_label("Slow mode").select_option("One message every 30 seconds")
    settings.get_by_role("button", name="Save").click()

    expect(bob.page.locator(".composer-refusal")).to_contain_text("This room is locked")
    alice.has_said("Only I post here.")
    expect(bob.message("Only I post here.")).to_be_visible()
    choose_in_menu(bob, "Room settings")
    expect(dialog(bob, "Room settings").get_by_label("Who may post")).to_be_hidden()
    bob.page.keyboard.press("Escape")
    choose_in_menu(alice, "Room settings")
    expect(settings.get_by_label("Who may add and invite")).to_have_value("moderators")
    expect(settings.get_by_label("Slow mode")).to_have_value("30")
    settings.get_by_label("Who may post").select_option("Everyone in the room")
    settings.get_by_role("button", name="Save").click()
    expect(bob.composer).to_be_visible()


def test_the_topic_of_a_room_that_is_not_listed_stays_when_one_comes_back(
    alice: Person, node: Node
) -> None:
    listed = alice.page.locator(".rooms-list a").all_inner_texts()
    key = next(key for key in node.rooms if key.replace("room-", "Room ") not in listed)
    node.manage(
        "shell", "-v0", "-c",
        f"from chat.models import Room; Room.objects.filter(key='{key}').update(topic='Bees')",
    )  # fmt: skip
    alice.page.goto(f"{node.origin}/rooms/{key}/")
    alice.is_live()
    expect(alice.page.locator(".topbar-topic")).to_have_text("Bees")
    rooms_of(alice).first.click()
    is_in(alice, "Lobby")
    expect(alice.page.locator(".topbar-topic")).to_be_hidden()
    alice.page.go_back()
    expect(alice.page.locator(".topbar-topic")).to_have_text("Bees")


def test_a_room_is_renamed_and_deleted_by_its_name(alice: Person) -> None:
    name = make_room(alice, "Public")
    choose_in_menu(alice, "Room settings")
    settings = dialog(alice, "Room settings")
    settings.get_by_label("Name").fill(f"{name} anew")
    settings.get_by_role("button", name="Save").click()
    is_in(alice, f"{name} anew")

    choose_in_menu(alice, "Room settings")
    settings.get_by_role("button", name="Delete room").click()
    deletion = dialog(alice, "Delete this room?")
    deletion.get_by_label("Name of the room").fill("Something else")
    deletion.get_by_role("button", name="Delete room").click()
    expect(deletion.get_by_role("alert")).to_be_visible()
    deletion.get_by_label("Name of the room").fill(f"{name} anew")
    deletion.get_by_role("button", name="Delete room").click()
    is_in(alice, "Lobby")
    expect(rooms_of(alice).filter(has_text=name)).to_have_count(0)


def test_a_profile_card_leads_to_direct_messages(alice: Person, bob: Person) -> None:
    bob.has_said("Here I am")
    alice.message("Here I am").locator(".message-author").click()
    alice.page.get_by_role("button", name="Direct message").click()
    is_in(alice, bob.name)
    alice.has_said("Just between us")
    mine = bob.page.locator(".direct-messages a")
    expect(mine).to_contain_text(alice.name)
    mine.click()
    expect(bob.message("Just between us")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 320])
def test_the_dialogs_of_rooms_have_no_fault_that_axe_finds(
    join: Visit, room: str, width: int
) -> None:
    carla = join("Carla", room, viewport={"width": width, "height": 700})
    if width < 768:
        carla.page.locator(".sides-button").click()
    make_room(carla, "Private")
    for entry in ("Invite people", "Members", "Room settings"):
        choose_in_menu(carla, entry)
        assert violations(carla.page) == []
        carla.page.keyboard.press("Escape")
