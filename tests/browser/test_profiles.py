"""Profiles in the page: what one says about oneself, and what others see of it, live."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.chat.accounts.test_pictures import picture
from tests.clients import Node

from . import account_users
from .account_users import Phone, join, keep_name
from .conftest import Person, Visit
from .network_faults import Held
from .test_accessibility import violations
from .user_actions import Finger, Keyboard

pytestmark = pytest.mark.browser

local_node, address = account_users.local_node, account_users.address

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}
# What everyone sees of a change, and the time that a slow machine takes to show it.
SHOWN_WITHIN = 2_000


@pytest.fixture
def bob(visit: Visit, address: str) -> Person:
    return join(visit, address, "Bob")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    file.write_bytes(picture("PNG", (900, 600)))
    return file


def account(visit: Visit, address: str, name: str = "Greta", **options: object) -> Person:
    person = join(visit, address, name, **options)
    Phone(person.page)
    keep_name(person)
    return person


def dialog(person: Person) -> Locator:
    return person.page.get_by_role("dialog", name="Your profile")


def open_profile(person: Person) -> Locator:
    person.choose_of_account("Your profile…")
    expect(dialog(person)).to_be_visible()
    return dialog(person)


def save(person: Person) -> None:
    dialog(person).get_by_role("button", name="Save").click()
    expect(dialog(person)).to_be_hidden()


def face(page: Page, text: str) -> str:
    """What is drawn for the author of this message."""
    mark = page.locator("li.message").filter(has_text=text).locator(".avatar")
    style: str = mark.evaluate("one => getComputedStyle(one).backgroundImage")
    return style


def has_picture(page: Page, text: str) -> None:
    page.wait_for_function(
        """text => [...document.querySelectorAll("li.message")]
          .filter(row => row.textContent.includes(text))
          .every(row => getComputedStyle(row.querySelector(".avatar"))
            .backgroundImage.includes("/pictures/"))""",
        arg=text,
        timeout=10_000,
    )


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_guest_says_something_about_themselves(
    visit: Visit, address: str, bob: Person, size: dict[str, int]
) -> None:
    greta = join(visit, address, viewport=size)
    greta.has_said("hello")
    form = open_profile(greta)
    expect(form).to_contain_text("Keep this name to choose a picture and a handle.")
    form.get_by_label("Pronouns").fill("she/her")
    form.get_by_label("A line about you").fill("Grows beans.")
    form.get_by_label("Time zone").select_option("Asia/Tokyo")
    expect(form.locator(".own-preview")).to_contain_text("she/her")
    assert violations(greta.page) == []

    save(greta)

    bob.message("hello").locator(".message-author").click()
    card = bob.page.get_by_role("dialog", name=greta.name)
    for said in ("she/her", "Grows beans.", "local time"):
        expect(card).to_contain_text(said)
    assert violations(bob.page) == []


def test_a_guest_is_led_from_the_profile_to_keeping_the_name(visit: Visit, address: str) -> None:
    greta = join(visit, address)
    Phone(greta.page)

    open_profile(greta).get_by_role("button", name="Keep this name").click()

    expect(greta.page.locator("#keep-name .recovery-codes li")).to_have_count(10)


def test_a_new_name_is_seen_everywhere_at_once(visit: Visit, address: str, bob: Person) -> None:
    greta = join(visit, address)
    greta.has_said("hello")
    expect(bob.message("hello")).to_be_visible()
    open_profile(greta).get_by_label("Display name").fill("Gerda the Great")

    save(greta)

    for person in (greta, bob):
        author = person.message("hello").locator(".message-author")
        expect(author).to_have_text("Gerda the Great", timeout=SHOWN_WITHIN)
        expect(person.page.locator(".people-list")).to_contain_text("Gerda the Great")
    expect(greta.page.locator(".me-name")).to_have_text("Gerda the Great")
    greta.has_said("and on it goes")
    greta.page.reload()
    expect(greta.message("hello").locator(".message-author")).to_have_text("Gerda the Great")


def test_a_name_that_is_taken_is_said_in_the_form_and_nothing_is_lost(
    visit: Visit, address: str, bob: Person
) -> None:
    greta = join(visit, address)
    form = open_profile(greta)
    form.get_by_label("Display name").fill(bob.name)
    form.get_by_label("A line about you").fill("Grows beans.")

    form.get_by_role("button", name="Save").click()

    expect(form.get_by_role("alert")).to_contain_text("is taken by someone who is here now")
    # The browser notes each refusal.
    greta.complaints.clear()
    expect(form.get_by_label("A line about you")).to_have_value("Grows beans.")
    assert violations(greta.page) == []


def test_what_is_typed_before_the_profile_is_there_stays(visit: Visit, address: str) -> None:
    greta = join(visit, address)
    open_profile(greta).get_by_label("Pronouns").fill("she/her")
    save(greta)
    held = Held(greta.page, "member.shown")
    greta.page.reload()
    greta.is_live()
    form = open_profile(greta)
    held.wait()
    form.get_by_label("A line about you").fill("Grows beans.")
    form.get_by_label("Display name").fill("Gerda")

    held.release()

    expect(form.get_by_label("Pronouns")).to_have_value("she/her")
    expect(form.get_by_label("A line about you")).to_have_value("Grows beans.")
    expect(form.get_by_label("Display name")).to_have_value("Gerda")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_picture_is_cropped_uploaded_and_seen_by_all(
    visit: Visit, address: str, bob: Person, photo: Path, size: dict[str, int]
) -> None:
    greta = account(visit, address, viewport=size)
    greta.has_said("look at me")
    expect(bob.message("look at me")).to_be_visible()
    assert "/pictures/" not in face(bob.page, "look at me")

    form = open_profile(greta)
    greta.page.locator("#picture-file").set_input_files(photo)
    expect(form.locator("picture-cropper")).to_be_visible()
    form.get_by_label("Zoom").fill("500")
    form.get_by_label("Left or right").fill("1000")
    assert violations(greta.page) == []
    save(greta)

    for person in (greta, bob):
        has_picture(person.page, "look at me")
    greta.page.reload()
    has_picture(greta.page, "look at me")
    form = open_profile(greta)
    form.get_by_role("button", name="Remove picture").click()
    save(greta)
    bob.page.wait_for_function(
        "() => !getComputedStyle(document.querySelector('li.message .avatar'))"
        ".backgroundImage.includes('/pictures/')"
    )


def test_a_file_that_is_no_picture_is_refused_in_the_form(
    visit: Visit, address: str, tmp_path: Path
) -> None:
    greta = account(visit, address)
    svg = tmp_path / "evil.svg"
    svg.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    form = open_profile(greta)

    greta.page.locator("#picture-file").set_input_files(svg)

    expect(form.get_by_role("alert")).to_have_text("Choose a picture in PNG, JPEG or WebP.")


def test_a_handle_is_completed_and_becomes_a_pill_with_the_name(
    visit: Visit, address: str, bob: Person
) -> None:
    greta = account(visit, address)
    greta.has_said("hello")
    form = open_profile(greta)
    form.get_by_label("Handle").fill("Room")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("small letters")
    form.get_by_label("Handle").fill("@night_owl")
    save(greta)

    bob.composer.press_sequentially("@night")
    option = bob.page.get_by_role("option", name=re.compile("night_owl"))
    expect(option).to_contain_text(greta.name)
    bob.composer.press("Enter")
    expect(bob.composer).to_have_value("@night_owl ")
    bob.composer.press_sequentially("are you there?")
    bob.composer.press("Enter")

    for person in (bob, greta):
        pill = person.message("are you there?").locator(".mention")
        expect(pill).to_have_text(f"@{greta.name}")
    expect(greta.message("are you there?")).to_have_class(re.compile("mentions-me"))


def test_a_quick_status_is_two_presses_and_is_seen_in_the_list_of_people(
    visit: Visit, address: str, bob: Person
) -> None:
    greta = join(visit, address)
    greta.open_account()
    greta.page.get_by_role("button", name="At lunch").click()

    row = bob.page.locator(".people-list li").filter(has_text=greta.name)
    expect(row).to_contain_text("🍜 At lunch", timeout=SHOWN_WITHIN)
    expect(greta.page.locator(".me-status")).to_have_text("🍜")
    greta.open_account()
    expect(greta.page.locator("#status-button")).to_contain_text("🍜 At lunch · until")
    greta.page.get_by_role("button", name="Clear status").click()
    expect(row).not_to_contain_text("At lunch", timeout=SHOWN_WITHIN)


def test_a_status_is_written_by_keyboard_alone(visit: Visit, address: str, bob: Person) -> None:
    greta = join(visit, address)
    keys = Keyboard(greta.page)
    # Backwards: the list of rooms is long.
    keys.go_back_to(greta.page.locator(".account > summary"))
    greta.page.keyboard.press("Enter")
    keys.press(greta.page.get_by_role("button", name="Set a status…"))
    form = greta.page.get_by_role("dialog", name="Your status")
    expect(form).to_be_visible()
    keys.press(form.get_by_role("button", name="Choose an emoji"))
    keys.press(form.get_by_role("button", name="🎉", exact=True))
    expect(form.get_by_role("button", name="Choose an emoji")).to_have_text("🎉")
    keys.write(form.get_by_label("What are you doing?"), "Dancing")
    assert violations(greta.page) == []
    greta.page.keyboard.press("Enter")

    expect(form).to_be_hidden()
    expect(bob.page.locator(".people-list")).to_contain_text("🎉 Dancing", timeout=SHOWN_WITHIN)


def test_a_profile_is_changed_by_a_finger(visit: Visit, address: str, bob: Person) -> None:
    greta = join(visit, address, viewport=NARROW, **Finger.browser)
    finger = Finger(greta.page)
    finger.press(greta.page.get_by_role("button", name="Rooms", exact=True))
    finger.press(greta.page.locator(".account > summary"))
    finger.press(greta.page.get_by_role("button", name="Your profile…"))
    form = dialog(greta)
    finger.press(form.get_by_label("A line about you"))
    greta.page.keyboard.type("All thumbs.")
    finger.press(form.get_by_role("button", name="Save"))
    expect(form).to_be_hidden()

    finger.write(greta.composer, "hello")
    finger.send()
    bob.message("hello").locator(".message-author").click()
    expect(bob.page.locator("profile-card")).to_contain_text("All thumbs.")


def test_nothing_of_the_profile_sticks_out_at_320_pixels(visit: Visit, address: str) -> None:
    greta = join(visit, address, viewport={"width": 320, "height": 640})

    form = open_profile(greta)

    assert form.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert greta.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_moderator_sees_former_names_and_takes_out_a_picture(
    local_node: Node, visit: Visit, address: str, photo: Path
) -> None:
    olivia = join(visit, address, "Olivia")
    link = local_node.manage("invite_owner").strip()
    olivia.page.goto(link)
    olivia.page.get_by_role("button").last.click()
    olivia.page.goto(address)
    olivia.is_live()
    greta = account(visit, address)
    form = open_profile(greta)
    form.get_by_label("Display name").fill(f"{greta.name} Two")
    greta.page.locator("#picture-file").set_input_files(photo)
    save(greta)
    greta.has_said("hello")

    olivia.message("hello").locator(".message-author").click()
    card = olivia.page.locator("profile-card")
    expect(card).to_contain_text(f"Earlier names: {greta.name}")
    card.get_by_role("button", name="Remove picture…").click()
    asked = olivia.page.get_by_role("dialog", name="Remove the picture of")
    asked.get_by_label("Reason").fill("An advertisement")
    asked.get_by_role("button", name="Remove").click()

    expect(card).to_contain_text("was removed")
    expect(card.get_by_role("button", name="Remove picture…")).to_be_hidden()
    assert violations(olivia.page) == []
