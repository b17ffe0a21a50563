"""Rooms that people make, in the page: by one person for another, with nothing but the page."""

import itertools
import re

import pytest
import zxingcpp
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


def test_a_telephone_reads_the_code_of_an_invitation(alice: Person, node: Node) -> None:
    make_room(alice, "Private")
    choose_in_menu(alice, "Invite people")
    invite = dialog(alice, "Invite people")
    invite.get_by_role("button", name="Create link").click()
    code = invite.get_by_role("img", name="QR code of the invitation link")
    expect(code).to_be_visible()

    assert text_of_code(code) == invite.get_by_label("Invitation link").input_value()

    invite.get_by_role("button", name="Revoke").click()
    expect(code).to_be_hidden()


def test_a_telephone_reads_the_code_of_a_public_room(alice: Person) -> None:
    choose_in_menu(alice, "Invite people")
    code = dialog(alice, "Invite people").get_by_role("img", name="QR code of the link")
    expect(code).to_be_visible()

    assert text_of_code(code) == alice.page.url


# The picture as a camera would have it: in grey, on white paper.
PIXELS = """async image => {
  await image.decode();
  const paper = new OffscreenCanvas(400, 400).getContext("2d");
  paper.fillStyle = "white";
  paper.fillRect(0, 0, 400, 400);
  paper.drawImage(image, 40, 40, 320, 320);
  return [...paper.getImageData(0, 0, 400, 400).data].filter((_, at) => at % 4 === 0);
}"""


def text_of_code(image: Locator) -> str:
    pixels = memoryview(bytes(image.evaluate(PIXELS))).cast("B", (400, 400))
    [found] = zxingcpp.read_barcodes(pixels)
    return str(found.text)


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


def test_a_conversation_of_several_is_begun_in_one_go(
    alice: Person, bob: Person, join: Visit, node: Node
) -> None:
    # Someone whom Alice's page has never met.
    carol = join("Carol", f"{node.origin}/rooms/lobby/")
    alice.page.get_by_role("button", name="New message").click()
    new = dialog(alice, "New message")
    expect(new.get_by_role("button", name="Write")).to_be_disabled()
    for other in (bob, carol):
        new.get_by_role("searchbox").fill(other.name)
        new.get_by_role("button", name=f"Add {other.name}").click()
        expect(new.get_by_role("searchbox")).to_be_focused()
    expect(new.get_by_role("list", name="To").get_by_role("listitem")).to_have_count(2)
    new.get_by_role("button", name="Write").click()

    expect(alice.page.get_by_role("heading", level=1)).to_contain_text(bob.name)
    expect(alice.page.get_by_role("heading", level=1)).to_contain_text(carol.name)
    theirs = bob.page.locator(".direct-messages a").filter(has_text=carol.name)
    expect(theirs).to_have_count(0)
    alice.has_said("The three of us")
    for other, third in ((bob, carol), (carol, bob)):
        other.page.locator(".direct-messages a").filter(has_text=third.name).click()
        expect(other.message("The three of us")).to_be_visible()
    alice.page.get_by_role("button", name="More about this room").click()
    expect(alice.page.get_by_role("menuitem", name="Invite people")).to_be_hidden()


def test_whom_one_blocked_one_finds_in_the_account_menu(alice: Person, bob: Person) -> None:
    bob.has_said("Hello, hello, hello")
    alice.message("Hello, hello").locator(".message-author").click()
    card = alice.page.locator("profile-card")
    card.get_by_role("button", name="Block").click()
    expect(card).to_contain_text("You blocked")
    alice.page.reload()
    alice.is_live()
    alice.message("Hello, hello").locator(".message-author").click()
    expect(card.get_by_role("button", name="Unblock")).to_be_visible()
    alice.page.keyboard.press("Escape")

    alice.page.locator(".account > summary").click()
    alice.page.get_by_text("Blocked people…").click()
    blocked = dialog(alice, "Blocked people")
    assert violations(alice.page) == []
    blocked.get_by_role("button", name=f"Unblock {bob.name}").click()
    expect(blocked.get_by_role("listitem")).to_have_count(0)
    expect(blocked.get_by_role("status")).to_contain_text("You hear from")


def test_roles_in_a_room_are_shown_and_given_on_a_card(
    alice: Person, bob: Person, node: Node
) -> None:
    name = make_room(alice, "Public")
    join_public(bob, name)
    bob.has_said("What can I do?")
    people = bob.page.get_by_role("complementary", name="People")
    expect(people.get_by_role("listitem").filter(has_text=alice.name)).to_contain_text("owner")

    alice.message("What can I do?").locator(".message-author").click()
    card = alice.page.locator("profile-card")
    card.get_by_role("button", name="Make moderator of this room").click()
    expect(card).to_contain_text("Moderator of this room")
    expect(card).to_contain_text("is a moderator of this room now")
    assert violations(alice.page) == []
    mine = people.get_by_role("listitem").filter(has_text=bob.name)
    expect(mine).to_contain_text("moderator")
    card.get_by_role("button", name="Undo").click()
    expect(card).not_to_contain_text("Moderator of this room")
    expect(mine).not_to_contain_text("moderator")
    alice.page.keyboard.press("Escape")

    choose_in_menu(alice, "Members")
    members = dialog(alice, "Members of")
    members.get_by_label(f"Role of {bob.name}").select_option("Owner")
    expect(members.get_by_role("status")).to_contain_text("is an owner of this room now")
    expect(mine).to_contain_text("owner")
    assert violations(alice.page) == []


def test_the_owner_of_a_new_site_is_told_the_first_steps(
    visit: Visit, olivia: Person, alice: Person
) -> None:
    steps = olivia.page.get_by_role("region", name="Set up your site")
    # Rooms and people are there already; the site has no name of its own.
    expect(steps.get_by_role("listitem").filter(has_text="Name the site")).to_be_visible()
    expect(steps.locator(".is-done")).to_have_count(2)
    assert violations(olivia.page) == []
    steps.get_by_role("button", name="Make a room").click()
    expect(dialog(olivia, "New room")).to_be_visible()
    olivia.page.keyboard.press("Escape")
    expect(alice.page.get_by_role("region", name="Set up your site")).to_have_count(0)

    steps.get_by_role("button", name="Dismiss").click()
    expect(steps).to_be_hidden()
    olivia.page.reload()
    olivia.is_live()
    expect(steps).to_be_hidden()


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
