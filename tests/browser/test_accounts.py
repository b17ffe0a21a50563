"""Keeping a name and coming back, with Chromium's own authenticators."""

import re

import pytest
from playwright.sync_api import expect

from tests import clients
from tests.clients import Node

from . import account_users
from .account_users import SIZES, Phone, join, keep_name
from .conftest import Person, Visit
from .test_accessibility import violations
from .user_actions import Keyboard

pytestmark = pytest.mark.browser

local_node, address = account_users.local_node, account_users.address


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}px")
def greta(request: pytest.FixtureRequest, visit: Visit, address: str) -> Person:
    width, height = request.param
    return join(visit, address, viewport={"width": width, "height": height})


def test_a_guest_keeps_the_name_in_two_interactions(greta: Person) -> None:
    greta.has_said("before")
    author = greta.message("before").locator(".message-author").get_attribute("data-member")
    phone = Phone(greta.page)

    # One opens the menu, one chooses; the phone does the rest.
    greta.open_account()
    greta.page.get_by_role("button", name="Keep this name").click()

    expect(greta.page.locator("#keep-name .recovery-codes li")).to_have_count(10)
    assert violations(greta.page) == []
    greta.page.get_by_role("button", name="I saved them").click()
    greta.has_said("after")
    written = greta.page.locator(".message .message-author")
    assert written.first.get_attribute("data-member") == author
    assert len(phone.passkeys) == 1


def test_what_was_being_written_is_kept(greta: Person) -> None:
    Phone(greta.page)
    greta.composer.fill("half a sentence")

    keep_name(greta)

    expect(greta.composer).to_have_value("half a sentence")


def test_a_name_is_kept_by_keyboard_alone(visit: Visit, address: str) -> None:
    greta = join(visit, address)
    Phone(greta.page)
    hand = Keyboard(greta.page)

    # Backwards: the list of rooms is long.
    hand.go_back_to(greta.page.locator(".account > summary"))
    greta.page.keyboard.press("Enter")
    hand.press(greta.page.get_by_role("button", name="Keep this name"))
    expect(greta.page.locator("#keep-name .recovery-codes li")).to_have_count(10)
    expect(greta.page.get_by_role("button", name="I saved them")).to_be_focused()
    greta.page.keyboard.press("Enter")

    greta.is_live()
    expect(greta.page.locator("#keep-name")).to_be_hidden()


def test_the_name_field_offers_the_passkey_in_another_browser(
    greta: Person, visit: Visit, local_node: Node
) -> None:
    phone = Phone(greta.page)
    keep_name(greta)
    other = visit("Other", "about:blank")
    Phone(other.page).take(phone.passkeys)

    # The authenticator answers as soon as the field offers it.
    other.page.goto(f"http://localhost:{local_node.port}/")

    expect(other.page.locator(".me-name")).to_have_text(greta.name)
    other.is_live()


def test_the_page_to_sign_in_takes_a_passkey_and_leads_back(
    greta: Person, visit: Visit, local_node: Node, address: str
) -> None:
    phone = Phone(greta.page)
    keep_name(greta)
    other = visit("Other", f"http://localhost:{local_node.port}/sign-in/?next=/rooms/lobby/")
    Phone(other.page).take(phone.passkeys)
    assert violations(other.page) == []

    other.page.get_by_role("button", name="Sign in with a passkey").click()

    expect(other.page.locator(".me-name")).to_have_text(greta.name)
    expect(other.composer).to_be_focused()


def test_a_passkey_that_nobody_has_is_said_to_be_missing(visit: Visit, local_node: Node) -> None:
    other = visit("Other", f"http://localhost:{local_node.port}/sign-in/")
    Phone(other.page)

    other.page.get_by_role("button", name="Sign in with a passkey").click()

    expect(other.page.get_by_role("alert")).to_contain_text("sign in another way")


def test_a_cancelled_passkey_changes_nothing_and_can_be_tried_again(greta: Person) -> None:
    phone = Phone(greta.page)
    phone.session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": phone.id, "isUserVerified": False}
    )

    greta.choose_of_account("Keep this name")
    expect(greta.page.get_by_role("alert")).to_have_text(
        "No passkey was made. Nothing has changed."
    )
    phone.session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": phone.id, "isUserVerified": True}
    )
    greta.page.get_by_role("button", name="Try again").click()

    expect(greta.page.locator("#keep-name .recovery-codes li")).to_have_count(10)


def test_another_device_is_let_in_by_a_link_and_signed_out_again(
    greta: Person, visit: Visit
) -> None:
    Phone(greta.page)
    keep_name(greta)
    greta.choose_of_account("Your account…")
    greta.page.get_by_role("button", name="Sign in another device…").click()
    link = greta.page.get_by_label("Link for the other device")
    expect(link).to_have_value(re.compile("/sign-in/device/"))
    assert violations(greta.page) == []

    tablet = visit("Tablet", link.input_value())
    assert violations(tablet.page) == []
    tablet.page.get_by_role("button", name="Ask my other device").click()
    number = tablet.page.locator(".match-number").inner_text()
    expect(greta.page.locator(".match-number")).to_have_text(number)
    expect(greta.page.locator(".device-asks")).to_contain_text("from 127.0.0.1")
    assert violations(greta.page) == []
    greta.page.get_by_role("button", name="Allow", exact=True).click()

    expect(tablet.page.locator(".me-name")).to_have_text(greta.name)
    tablet.is_live()
    tablet.composer.fill("not sent yet")
    greta.page.locator("#other-device").get_by_role("button", name="Close").click()

    greta.choose_of_account("Your account…")
    rows = greta.page.locator(".device-list .account-row")
    expect(rows).to_have_count(2)
    assert violations(greta.page) == []
    rows.filter(has_not_text="this device").get_by_role("button").click()

    expect(tablet.page.get_by_role("heading", name="You were signed out")).to_be_visible()
    greta.page.locator("#account").get_by_role("button", name="Close").click()
    greta.has_said("still here")


def test_a_session_that_ended_leads_back_to_the_room_with_the_draft(
    greta: Person, visit: Visit
) -> None:
    phone = Phone(greta.page)
    codes = keep_name(greta)
    room = greta.page.url
    greta.composer.fill("what I was about to say")

    other = visit("Other", room.split("/rooms/")[0] + "/sign-in/code/")
    other.page.get_by_label("Recovery code").fill(codes[3].upper())
    other.page.get_by_role("button", name="Sign in").click()
    other.is_live()
    other.choose_of_account("Your account…")
    other.page.get_by_role("button", name="Sign out everywhere").click()

    expect(greta.page.get_by_role("heading", name="You were signed out")).to_be_visible()
    assert violations(greta.page) == []
    assert len(phone.passkeys) == 1
    greta.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(greta.composer).to_have_value("what I was about to say")
    assert greta.page.url.split("#")[0] == room.split("#")[0]


def test_a_name_is_kept_with_a_password_where_there_are_passwords(visit: Visit) -> None:
    with clients.deployment() as place:
        node = place.node(RATE_LIMITS="off", PASSWORDS="on")
        with node:
            greta = join(visit, f"{node.origin}/rooms/lobby/")
            greta.choose_of_account("Keep this name")
            greta.page.get_by_role("button", name="Use a password instead").click()
            greta.page.get_by_label("Password", exact=True).last.fill("seven quiet herons")
            assert violations(greta.page) == []
            greta.page.get_by_role("button", name="Set password").click()
            expect(greta.page.locator("#keep-name .recovery-codes li")).to_have_count(10)
            greta.page.get_by_role("button", name="I saved them").click()
            greta.is_live()

            other = visit("Other", f"{node.origin}/sign-in/")
            other.page.get_by_label("Your name").fill(greta.name)
            other.page.get_by_label("Password").fill("seven quiet herons")
            assert violations(other.page) == []
            other.page.get_by_role("button", name="Sign in", exact=True).click()
            expect(other.page.locator(".me-name")).to_have_text(greta.name)
            # Open pages are closed before their server is.
            greta.page.close()
            other.page.close()
