"""The page in a language that nobody speaks: what is plain there did not come from the catalogue.

So that only texts of ours are looked at, names are known, and what people write, keys, code and
times are left out.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests import clients, pseudo_language
from tests.clients import Node

from . import every_dialog

pytestmark = pytest.mark.browser

SIZES = {
    "wide": ViewportSize(width=1280, height=800),
    "narrow": ViewportSize(width=390, height=844),
}
# What the page shows or says of ours: texts, and attributes that are read out or shown.
TEXTS = """part => {
  const left_out = "[dir=auto], bdi, kbd, code, time, script, style, template, noscript, " +
    ".message-body, .day, .emoji-grid, .reaction, .room-name, .timeline-start strong, textarea";
  const found = new Set();
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (element && element.checkVisibility() && !element.closest(left_out)) {
      found.add(walker.currentNode.data);
    }
  }
  for (const element of part.querySelectorAll("*")) {
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      const text = element.getAttribute(name);
      if (text && element.checkVisibility() && !element.closest(".emoji-grid, time")) {
        found.add(text);
      }
    }
  }
  return [...found];
}"""
ALL_DIALOGS = """() => [...document.querySelectorAll("dialog")].flatMap(dialog => {
  dialog.showModal();
  const texts = (TEXTS)(dialog);
  dialog.close();
  return texts;
})"""
# Addresses, units, and what no translator is given.
PLAIN = r"https?://\S+|Chatroom|\bms\b|\bCtrl\b|\bEsc\b|\bEnter\b|\bQR\b|\b[ap]m\b|web-\d|node\b"


@pytest.fixture(scope="module", params=["left to right", "mirrored"])
def foreign(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("language")
    pseudo_language.write(folder)
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.pseudo_settings",
        "PSEUDO_FOLDER": str(folder),
        "PSEUDO_MIRRORED": "1" if request.param == "mirrored" else "",
        "PASSWORDS": "on",
    }
    with clients.deployment() as place, place.node(RATE_LIMITS="off", **settings) as node:
        yield node


def strays(texts: list[str], *names: str) -> list[str]:
    """Those with plain letters that are nobody's name."""
    known = re.compile("|".join([PLAIN, *map(re.escape, sorted(names, key=len, reverse=True))]))
    return [text.strip() for text in texts if re.search(r"[A-Za-z]{2,}", known.sub("", text))]


def on(page: Page) -> list[str]:
    texts: list[str] = page.evaluate(f"({TEXTS})(document.body)")
    return texts


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_page_dialogs_and_banners_come_from_the_catalogue(
    browser: Browser, foreign: Node, size: ViewportSize
) -> None:
    context = browser.new_context(locale="en-GB", viewport=size)
    page = context.new_page()
    texts: list[str] = []
    name = f"Zoë {size['width']}"

    def look(*, at: str) -> None:
        expect(page.locator(at).first).to_be_visible()
        texts.extend(on(page))

    page.goto(f"{foreign.origin}/rooms/lobby/")
    look(at="#join-name")
    page.goto(foreign.origin)
    look(at="#join-name")
    page.locator("#join-name").fill("admin\u200b")
    page.locator(".join-form button").click()
    look(at=".join-error")
    page.locator("#join-name").fill(name)
    page.locator(".join-form button").click()
    expect(page.locator("#connection-state")).to_have_attribute("data-phase", "live")
    look(at="#composer-body")

    composer = page.locator("#composer-body")
    composer.fill("ööö")
    page.locator(".composer-send").click()
    row = page.locator("li.message.is-mine:not(.is-pending)")
    row.hover()
    row.locator(".toolbar-react").first.click()
    expect(page.locator("li.message.is-mine:not(.is-changing) .reaction")).to_be_visible()
    row.hover()
    row.locator(".message-actions").click()
    look(at="message-menu")
    page.keyboard.press("Escape")
    for opener, part in (
        ("#connection-state", "connection-inspector"),
        ("#room-menu-button", "#room-menu"),
        (".sides-button", ".sidebar"),
        ("#people-button", "#panel"),
        (".message-author", "profile-card"),
    ):
        button = page.locator(opener).first
        if button.is_visible():
            if not page.locator(part).is_visible():
                button.click()
            look(at=part)
            page.keyboard.press("Escape")
    texts.extend(page.evaluate(ALL_DIALOGS.replace("TEXTS", TEXTS)))
    assert every_dialog.faults(page) == []

    context.set_offline(True)
    composer.fill("äää")
    page.locator(".composer-send").click()
    look(at="connection-banner")
    context.set_offline(False)
    page.goto(f"{foreign.origin}/rooms/nonesuch/")
    look(at="h1")
    context.close()

    assert strays(texts, "Zoë", "Lobby", "lobby", "admin", "nonesuch") == []


PAGES_AROUND_THE_ROOM = (
    "sign-in/",
    "sign-in/code/",
    "sign-in/device/x/",
    "sign-in/recover/x/",
    "rules/",
    "welcome/x/",
    "invite/x/",
    "invitations/x/",
    "deletions/x/",
    "account/data/",
    "reports/",
    "newcomers/",
)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_pages_around_the_room_come_from_the_catalogue(
    browser: Browser, foreign: Node, size: ViewportSize
) -> None:
    foreign.manage("site", "set", "rules", "1. 2. 3.")
    context = browser.new_context(locale="en-GB", viewport=size)
    page = context.new_page()
    # Not the one of the test above, who may still be here.
    name = f"Zoë {size['height']}"
    found: dict[str, list[str]] = {}

    def look(path: str) -> None:
        page.goto(f"{foreign.origin}/{path}")
        expect(page.locator("h1").first).to_be_visible()
        # The sample of a recovery code is the same in every language.
        wrong = strays(on(page), "Zoë", "Lobby", "lobby", "xxxx")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append("wider than the window")
        if wrong:
            found[path] = wrong

    for path in PAGES_AROUND_THE_ROOM:
        look(path)
    page.goto(foreign.origin)
    page.locator("#join-name").fill(name)
    page.locator(".join-form [name=rules]").check()
    page.locator(".join-form button").first.click()
    expect(page.locator("#connection-state")).to_have_attribute("data-phase", "live")
    for path in PAGES_AROUND_THE_ROOM:
        look(path)
    context.close()
    foreign.manage("site", "set", "rules", "")

    assert found == {}


def test_a_mirrored_page_is_laid_out_from_the_other_side(browser: Browser, foreign: Node) -> None:
    page = browser.new_context(viewport=SIZES["wide"]).new_page()
    page.goto(f"{foreign.origin}/rooms/lobby/")

    sidebar = page.locator(".sidebar").bounding_box()
    talk = page.locator(".talk").bounding_box()
    assert sidebar
    assert talk
    is_mirrored = page.locator("html").get_attribute("dir") == "rtl"
    assert (sidebar["x"] > talk["x"]) == is_mirrored
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


REFUSED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "room.enter": lambda ids: {"room": "nonesuch"},
    "message.send": lambda ids: {"room": "lobby", "client_id": ids["new"], "body": "x" * 5000},
    "message.edit": lambda ids: {"room": "lobby", "seq": 10_000, "body": "x"},
    "message.delete": lambda ids: {"room": "lobby", "seq": 10_000},
    "reaction.set": lambda ids: {"room": "lobby", "seq": 1, "emoji": "no", "on": True},
    "rules.set": lambda ids: {"room": "lobby", "locked": True, "slow_s": 0},
    "reports.load": lambda ids: {},
    "member.mute": lambda ids: {"member": 10_000, "seconds": 60, "room": "lobby"},
}


@pytest.mark.parametrize("command", REFUSED)
def test_what_a_node_refuses_is_said_in_the_language_of_the_site(
    foreign: Node, command: str
) -> None:
    client = foreign.connect()
    client.enter("lobby")

    refused = client.ask(
        command, **REFUSED[command]({"new": "9b2f7c0e-0000-4000-8000-000000000001"})
    )

    assert refused["type"] == "command.rejected"
    assert refused["code"] != "bad_command"
    assert strays([refused["detail"]], "nonesuch") == []
