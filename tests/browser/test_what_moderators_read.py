"""What a moderator did is said where they did it; whom it concerns reads it before they type."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.clients import Node

from .conftest import Person, Visit
from .test_moderation import card_of, dialog

pytestmark = pytest.mark.browser


@pytest.fixture
def bob(join: Visit, room: str) -> Person:
    """Nobody else's Bob: what is done to him outlasts the test."""
    return join("Bob", room, new=True)


def mute(olivia: Person, bob: Person, time: str) -> None:
    card_of(olivia, bob).get_by_role("button", name="Mute…").click()
    dialog(olivia, "Mute").get_by_label("For how long").select_option(time)
    dialog(olivia, "Mute").get_by_role("button", name="Mute").click()


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ("Mute for an hour", "{} was muted for an hour."),
        ("Ban for a day", "{} was banned for a day."),
        ("Dismiss report", "The report about {} was dismissed."),
        ("Delete message", "The message of {} was deleted."),
    ],
)
def test_a_decision_on_a_report_is_confirmed(
    olivia: Person,
    bob: Person,
    join: Visit,
    room: str,
    node: Node,
    button: str,
    said: str,
) -> None:
    bob.has_said("Buy now")
    carol = join("Carol", room)
    carol.choose("Buy now", "Report…")
    dialog(carol, "Report this message").get_by_label("What is wrong").fill(f"To {button}")
    carol.page.keyboard.press("Enter")
    expect(carol.page.locator("#toast")).to_contain_text("Thank you")

    olivia.page.goto(f"{node.origin}/reports/")
    report = olivia.page.locator(".report").filter(has_text=f"To {button}")
    report.get_by_role("button", name=button).click()

    expect(olivia.page.get_by_role("status")).to_have_text(said.format(bob.name))
    olivia.page.reload()
    expect(olivia.page.get_by_role("status")).to_have_count(0)


def test_each_act_in_the_room_is_confirmed_by_name(olivia: Person, bob: Person) -> None:
    said = olivia.page.locator("#toast")
    bob.has_said("Buy now")

    mute(olivia, bob, "a day")
    card = olivia.page.locator("profile-card")
    expect(card).to_contain_text(f"{bob.name} was muted for a day.")
    olivia.page.keyboard.press("Escape")
    olivia.choose("Buy now", "Delete for everyone…")
    dialog(olivia, "Delete this message").get_by_role("button", name="Delete").click()
    expect(said).to_contain_text("The message was deleted for everyone.")
    said.get_by_role("button", name="Undo").click()
    expect(said).to_have_text("The message was restored.")
    expect(bob.bodies).to_have_text(["Buy now"])
    card_of(olivia, bob).get_by_role("button", name="Ban…").click()
    dialog(olivia, "Ban").get_by_label("For how long").select_option("for good")
    dialog(olivia, "Ban").get_by_role("button", name="Ban").click()
    expect(card).to_contain_text(f"{bob.name} was banned for good.")


def test_a_banned_person_is_told_before_typing(
    olivia: Person,
    bob: Person,
    visit: Visit,
    room: str,
    node: Node,
) -> None:
    bob.composer.fill("What I wanted to say")
    card_of(olivia, bob).get_by_role("button", name="Ban…").click()
    dialog(olivia, "Ban").get_by_role("button", name="Ban").click()

    expect(bob.page.locator(".composer-refusal")).to_have_text(
        "You are banned. You can read along."
    )
    expect(bob.composer).to_be_hidden()
    expect(bob.page.get_by_text("You were removed from this chatroom.")).to_be_visible()
    for address in (room, node.origin):
        bob.page.goto(address)
        expect(bob.page.get_by_role("alert")).to_contain_text(
            re.compile(r"You are banned until \d\d:\d\d UTC on \d\d \w+\.")
        )
        expect(bob.page.get_by_label("Your name")).to_be_disabled()
        expect(bob.page.get_by_role("button", name="Join")).to_be_disabled()
    neighbour = visit("Neighbour", room)
    expect(neighbour.page.get_by_label("Your name")).to_be_enabled()


@pytest.mark.parametrize("hours", [-26, -3, 3, 50])
def test_a_mute_is_told_rightly_where_the_clock_is_wrong(
    olivia: Person,
    bob: Person,
    room: str,
    hours: int,
) -> None:
    mute(olivia, bob, "10 minutes")
    wrong = datetime.now(UTC) + timedelta(hours=hours)
    bob.page.clock.install(time=wrong)
    bob.page.goto(room)
    bob.is_live()
    notice = bob.page.locator(".composer-refusal")

    # As long as it holds by the server, and until when by the clock that this person looks at.
    expect(notice).to_contain_text("You are muted until")
    until = wrong + timedelta(minutes=10)
    near = "|".join(f"{until + timedelta(minutes=d):%H:%M}" for d in (-1, 0, 1))
    expect(notice).to_have_text(re.compile(near))
    # Without an answer in between: the server, whose clock no test moves, would set it right.
    bob.page.context.set_offline(True)
    bob.page.clock.fast_forward("08:00")
    expect(notice).to_contain_text("You are muted until")
    bob.page.clock.fast_forward("03:00")
    expect(notice).to_be_hidden()
    bob.complaints.clear()  # of a socket that could not be opened


def test_restore_is_offered_only_where_it_works(olivia: Person, bob: Person) -> None:
    # Several deletions in a row would be one line.
    bob.has_said("Taken back", "Kept", "Taken down")
    bob.choose("Taken back", "Delete…")
    dialog(bob, "Delete this message?").get_by_role("button", name="Delete").click()
    expect(bob.message("Message deleted")).to_have_count(1)
    olivia.choose("Taken down", "Delete for everyone…")
    dialog(olivia, "Delete this message").get_by_role("button", name="Delete").click()
    expect(olivia.message("Message deleted")).to_have_count(2)

    for _ in range(2):  # as it happens, and as the page is read again
        down = olivia.messages.nth(2)
        down.hover()
        down.get_by_role("button", name="Actions for").click()
        expect(olivia.page.get_by_role("menuitem", name="Restore")).to_be_visible()
        olivia.page.keyboard.press("Escape")
        olivia.messages.nth(0).hover()
        # Nothing can be done with what its author took back.
        expect(olivia.messages.nth(0).get_by_role("button", name="Actions for")).to_be_hidden()
        olivia.page.reload()
        olivia.is_live()
