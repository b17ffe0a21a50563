"""The page in another language: nothing is left in English, nothing is cut off, and it mirrors."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests import clients, pseudo_language
from tests.clients import Node

from .language_walk import clipped, not_mirrored, strays

pytestmark = pytest.mark.browser

# In letters that no text of the interface has, so that names are not taken for texts.
RENAME = """
from chat.models import Room
Room.objects.update(name="Δωμάτιο")
"""
SIZES = [ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)]
REGIONS = [
    ".topbar",
    ".topbar-room",
    "#room-menu-button",
    ".sidebar",
    "message-list",
    "li.message .avatar",
    ".dock",
    ".composer form",
    ".composer-tools",
    ".composer-send",
]

Found = dict[str, list[str]]
Look = Callable[[str, Page], None]


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that speaks the pseudo-language."""
    folder = tmp_path_factory.mktemp("pseudo")
    pseudo_language.write(folder)
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.pseudo_settings",
        "PSEUDO_FOLDER": str(folder),
        "SITE_NAME": "Στέκι",
        "RATE_LIMITS": "off",
        "NODE_NAME": "1",
    }
    with clients.deployment() as place:
        node = place.node(**environment)
        node.manage("shell", "-v0", "-c", RENAME)
        with node:
            yield node


@pytest.fixture
def found() -> Found:
    return {}


@pytest.fixture
def look(found: Found) -> Look:
    def look(state: str, page: Page) -> None:
        if wrong := strays(page) + [f"clipped {label}" for label in clipped(page)]:
            found[state] = wrong

    return look


def joined(browser: Browser, node: Node, name: str, room: str, size: ViewportSize) -> Page:
    page = browser.new_context(viewport=size, locale="el-GR").new_page()
    page.goto(f"{node.origin}/rooms/{room}/")
    page.locator("#join-name").fill(name)
    page.keyboard.press("Enter")
    page.locator("[data-phase=live]").wait_for()
    return page


def say(page: Page, text: str) -> None:
    page.locator("#composer-body").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("li.message", has_text=text).locator("time").first).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
def test_on_the_way_in_nothing_is_in_english_or_cut_off(
    browser: Browser, foreign: Node, size: ViewportSize, look: Look, found: Found
) -> None:
    page = browser.new_context(viewport=size, locale="el-GR").new_page()
    page.goto(foreign.origin)
    look("the page to join", page)
    page.locator("#join-name").fill("?!")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("#join-name").fill("Άννα")
    look("a name that is refused", page)
    page.goto(f"{foreign.origin}/rooms/{next(foreign.rooms)}/")
    page.locator("[data-phase=live]").wait_for()
    look("a visitor", page)
    page.goto(f"{foreign.origin}/nowhere/")
    look("an address that leads nowhere", page)
    page.goto(f"{foreign.origin}/reports/")
    look("a page that one may not open", page)
    page.context.close()

    assert found == {}


@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
def test_in_a_room_nothing_is_in_english_or_cut_off(
    browser: Browser, foreign: Node, size: ViewportSize, look: Look, found: Found
) -> None:
    room = next(foreign.rooms)
    page = joined(browser, foreign, f"Μαρία {size['width']}", room, size)
    look("an empty room", page)
    other = joined(browser, foreign, f"Νίκος {size['width']}", room, size)
    for text in ("ένα", "δύο", "τρία"):
        say(other, text)
    say(page, "τέσσερα @Νίκος δώσε")
    look("messages", page)
    _see_what_opens(page, look)
    _see_what_can_be_done_with_a_message(page, look)
    _see_the_composer(page, look)
    _see_an_outage(page, look)
    page.context.close()
    other.context.close()

    assert found == {}


def test_moderators_find_nothing_in_english_or_cut_off(
    browser: Browser, foreign: Node, look: Look, found: Found
) -> None:
    room, size = next(foreign.rooms), SIZES[0]
    guest = joined(browser, foreign, "Πέτρος", room, size)
    say(guest, "αγορά")
    page = joined(browser, foreign, "Όλγα", room, size)
    page.goto(foreign.manage("invite_owner").strip())
    look("an invitation", page)
    page.locator("main form button").click()
    page.locator("[data-phase=live]").wait_for()
    page.goto(f"{foreign.origin}/rooms/{room}/")
    page.locator("[data-phase=live]").wait_for()
    look("a moderator", page)
    _see_what_opens(page, look)
    page.goto(f"{foreign.origin}/reports/")
    look("no reports", page)
    page.context.close()
    guest.context.close()

    assert found == {}


def test_mirrored_each_region_stands_at_the_other_side(browser: Browser, foreign: Node) -> None:
    page = joined(browser, foreign, "Ρένα", next(foreign.rooms), SIZES[0])
    say(page, "καλημέρα")

    assert not_mirrored(page, REGIONS) == {}
    assert clipped(page) == []
    page.context.close()


def _see_what_opens(page: Page, look: Look) -> None:
    """Each dialog and popover, as the markup of the page has it."""
    page.evaluate("document.querySelector('details.account').open = true")
    look("the account menu", page)
    page.evaluate("document.querySelector('details.account').open = false")
    for what in page.evaluate("[...document.querySelectorAll('dialog[id]')].map(one => one.id)"):
        page.evaluate(f"document.getElementById('{what}').showModal()")
        look(f"the dialog {what}", page)
        page.evaluate(f"document.getElementById('{what}').close()")
    for what in ("room-menu", "inspector", "panel", "sides"):
        page.evaluate(f"document.getElementById('{what}').showPopover()")
        page.wait_for_timeout(200)
        look(f"the popover {what}", page)
        page.evaluate(f"document.getElementById('{what}').hidePopover()")


def _see_what_can_be_done_with_a_message(page: Page, look: Look) -> None:
    mine = page.locator("li.message", has_text="τέσσερα")
    mine.hover()
    mine.locator(".message-actions").click()
    expect(page.locator("message-menu")).to_be_visible()
    look("the menu of a message", page)
    page.get_by_role("menuitem", name=pseudo_language.pseudo("Details")).click()
    expect(page.locator("message-trace")).to_be_visible()
    look("the way of a message", page)
    page.keyboard.press("Escape")
    other = page.locator("li.message", has_text="ένα")
    other.hover()
    other.locator(".toolbar-reply").first.click()
    look("a reply", page)
    page.locator("#composer-body").fill("πέντε")
    page.keyboard.press("Enter")
    expect(page.locator(".message-quote").last).to_be_visible()
    look("a reply that was sent", page)


def _see_the_composer(page: Page, look: Look) -> None:
    page.locator("#composer-body").press_sequentially("@ξ")
    expect(page.locator(".completion-none")).to_be_visible()
    look("a name that nobody has", page)
    page.locator("#composer-body").fill("π" * 3_999)
    expect(page.locator(".composer-counter")).to_have_text(re.compile(r"\d"))
    look("a long text", page)
    page.locator("#composer-body").fill("")
    page.locator("[data-tool=emoji]").click()
    look("the emoji", page)
    page.keyboard.press("Escape")


def _see_an_outage(page: Page, look: Look) -> None:
    page.context.set_offline(True)
    expect(page.locator("#connection-state")).to_have_attribute("data-phase", "waiting")
    page.locator("#composer-body").fill("έξι")
    page.keyboard.press("Enter")
    expect(page.locator("li.message.is-pending")).to_be_visible()
    page.wait_for_timeout(2_500)  # after which what waits can be had back
    look("no network", page)
    page.context.set_offline(False)
