"""Who is behind a reaction: by pointer, by key and by finger; and the text of a message, copied."""

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Person, Visit

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def rest_a_finger_on(page: Page, element: Locator) -> None:
    # It waits until the element lies still.
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box
    finger = page.context.new_cdp_session(page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch = {"type": "touchStart", "touchPoints": [point]}
    finger.send("Input.dispatchTouchEvent", touch)
    expect(page.locator("message-menu:popover-open, #who-reacted[open]")).to_be_visible()
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def is_below(one: Locator, other: Locator) -> bool:
    lower, upper = one.bounding_box(), other.bounding_box()
    assert lower
    assert upper
    return lower["y"] >= upper["y"] + upper["height"] - 1


def test_a_reaction_names_its_people_to_pointer_and_keyboard(alice: Person, bob: Person) -> None:
    bob.has_said("Tea is ready")
    for person in (alice, bob):
        person.message("Tea").hover()
        person.message("Tea").locator(".toolbar-react").first.click()
    page = alice.page
    reaction = alice.message("Tea").locator(".reaction")
    expect(reaction).to_have_text("👍 2")
    hint = page.get_by_role("tooltip")

    page.locator("h1").hover()
    expect(hint).to_be_hidden()
    reaction.hover()
    expect(hint).to_have_text(f"You and {bob.name} reacted with 👍")
    assert is_below(hint, alice.message("Tea").locator(".message-body"))
    page.locator("h1").hover()
    expect(hint).to_be_hidden()

    page.keyboard.press("Shift")  # from now on the focus is seen
    reaction.focus()
    expect(hint).to_be_visible()
    page.keyboard.press("Escape")
    expect(hint).to_be_hidden()

    alice.choose("Tea", "Who reacted…")
    people = page.get_by_role("list", name="Reacted with 👍").get_by_role("listitem")
    expect(people).to_have_text(["You", bob.name])


def test_a_finger_that_rests_on_a_reaction_gets_the_list(join: Visit, room: str) -> None:
    alice = join("Alice", room, **PHONE)
    alice.composer.fill("Tea is ready")
    alice.page.get_by_role("button", name="Send").tap()
    expect(alice.message("Tea").locator("time")).to_be_visible()
    rest_a_finger_on(alice.page, alice.message("Tea").locator(".message-body"))
    alice.page.get_by_role("menuitemcheckbox", name="React with 👍").tap()
    expect(alice.page.locator("li.message:not(.is-changing) .reaction")).to_be_visible()

    rest_a_finger_on(alice.page, alice.message("Tea").locator(".reaction"))

    dialog = alice.page.get_by_role("dialog", name="Reactions")
    expect(dialog.get_by_role("listitem")).to_have_text(["You"])
    # The finger that was lifted has not taken the reaction back.
    dialog.get_by_role("button", name="Close").tap()
    expect(alice.message("Tea").locator(".reaction")).to_have_text("👍 1")


def test_the_sheet_copies_the_text_as_it_was_typed(join: Visit, room: str) -> None:
    alice = join("Alice", room, permissions=["clipboard-read", "clipboard-write"], **PHONE)
    alice.composer.fill("Bring the **long** `driver`")
    alice.page.get_by_role("button", name="Send").tap()
    expect(alice.messages.locator("time")).to_be_visible()
    rest_a_finger_on(alice.page, alice.bodies.first)

    alice.page.get_by_role("menuitem", name="Copy text").tap()

    expect(alice.page.locator("#toast")).to_have_text("Text copied.")
    copied = alice.page.evaluate("navigator.clipboard.readText()")
    assert copied == "Bring the **long** `driver`"


@pytest.mark.parametrize("by", ["key", "finger"])
def test_a_visitor_gets_the_people_behind_a_reaction_by_pressing_it(
    alice: Person, visit: Visit, room: str, by: str
) -> None:
    alice.has_said("Tea is ready")
    alice.message("Tea").hover()
    alice.message("Tea").locator(".toolbar-react").first.click()
    expect(alice.page.locator("li.message:not(.is-changing) .reaction")).to_be_visible()
    visitor = visit("Visitor", room, **(PHONE if by == "finger" else {}))
    visitor.is_live()
    reaction = visitor.message("Tea").locator(".reaction")

    if by == "finger":
        reaction.tap()
    else:
        reaction.focus()
        expect(reaction).to_be_focused()
        visitor.page.keyboard.press("Enter")

    dialog = visitor.page.get_by_role("dialog", name="Reactions")
    expect(dialog.get_by_role("listitem")).to_have_text([alice.name])
    expect(reaction).to_have_text("👍 1")
