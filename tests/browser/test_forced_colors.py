"""With the system's own colours (high contrast) what is chosen, on, or mine can still be seen."""

import pytest
from playwright.sync_api import Locator, expect

from .conftest import Person, Visit

pytestmark = pytest.mark.browser

# How a person sees it: paint and lines, not classes.
LOOK = """element => { const s = getComputedStyle(element);
  return [s.backgroundColor, s.color, s.borderTopColor, s.borderInlineStartWidth,
          s.outlineStyle, s.outlineWidth, s.textDecorationLine, s.fontWeight].join(" "); }"""


def looks(locator: Locator) -> str:
    """How it looks. One that was drawn anew since it was found has no look: find it again."""
    for _ in range(100):
        if look := str(locator.evaluate(LOOK)).strip():
            return look
    raise AssertionError(f"never stood still: {locator}")


@pytest.fixture(params=["light", "dark"])
def alice(join: Visit, room: str, request: pytest.FixtureRequest) -> Person:
    return join("Alice", room, forced_colors="active", color_scheme=request.param)


def test_the_chosen_name_differs_from_the_others(alice: Person, join: Visit, room: str) -> None:
    join("Bob", room)
    join("Bella", room)
    expect(alice.page.locator("#here-count")).to_have_text("3 here")
    alice.composer.press_sequentially("@b")
    options = alice.page.get_by_role("option")
    expect(options).to_have_count(2)

    assert looks(options.first) != looks(options.last)
    alice.composer.press("ArrowDown")
    expect(options.last).to_have_attribute("aria-selected", "true")
    assert looks(options.first) != looks(options.last)


def test_my_reaction_differs_from_one_of_others(alice: Person, bob: Person) -> None:
    bob.has_said("React to me")
    bob.choose("React to me", "🎉")
    alice.choose("React to me", "👀")
    theirs = alice.page.locator(".reaction", has_text="🎉")
    mine = alice.page.locator(".reaction", has_text="👀")
    expect(mine).to_be_visible()

    assert looks(theirs) != looks(mine)
    alice.message("React to me").hover()
    alice.message("React to me").get_by_role("button", name="Actions for").click()
    quick = alice.page.get_by_role("menuitemcheckbox")
    alice.page.mouse.move(0, 0)
    assert looks(quick.filter(has_text="👀")) != looks(quick.filter(has_text="😂"))


def test_a_mention_of_me_differs_from_other_messages(alice: Person, bob: Person) -> None:
    bob.has_said("Hello everyone", f"Hello @{alice.name}", "Hello again")
    expect(alice.messages).to_have_count(3)
    alice.page.mouse.move(0, 0)

    assert looks(alice.messages.nth(1)) != looks(alice.messages.nth(2))


def test_the_room_i_am_in_differs_from_others(alice: Person) -> None:
    alice.page.get_by_role("link", name="Lobby").click()
    alice.is_live()
    current = alice.page.get_by_role("link", name="Lobby")
    other = alice.page.get_by_role("link", name="Room 10", exact=True)
    expect(current).to_have_attribute("aria-current", "page")

    assert looks(current) != looks(other)
