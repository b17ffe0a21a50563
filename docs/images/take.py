"""Takes the pictures of this folder anew: `make pictures`."""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "chatroom.settings"
os.environ["SECRET_KEY"] = "only-for-pictures"  # noqa: S105

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright  # noqa: E402

from lab.kit import browsers  # noqa: E402
from lab.kit.launcher import LocalDeployment, launch  # noqa: E402

expect.set_options(timeout=30_000)

SHAPES: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 800},
    "narrow": {"width": 390, "height": 844},
}


# What stands beside the talk, or over it on a narrow screen: by the button that opens it.
SIDES = {
    "wide": {"account": ".account > summary", "room-menu": "#room-menu-button"},
    "narrow": {"rooms": ".sides-button", "people": "#people-button"},
}


@dataclass(frozen=True)
class Visitor:
    """Who looks, how, and what they say."""

    name: str
    shape: str
    theme: Literal["light", "dark"]
    says: str
    adds: str
    sees_all: bool = False

    @property
    def viewport(self) -> ViewportSize:
        return SHAPES[self.shape]


VISITORS = [
    Visitor(
        "Alex",
        "wide",
        "light",
        "I'm at the door. Could *someone* let me in?",
        "It's raining.",
        True,
    ),
    Visitor("Robin", "wide", "dark", "Coming down, two minutes.", "Done. Mind the step."),
    Visitor("Kim", "narrow", "light", "Bring the `M4` screws, please!", "And the long driver."),
    Visitor(
        "Lou", "narrow", "dark", "I have both. **Tea** is ready, too.", "On the blue table.", True
    ),
]
OTHERS = ["Theo", "Ida", "Sam"]
PREPARE = """
from django.core.management import call_command
from chat.moderation import room_rules
room_rules.open_room(key="garden", name="Garden")
call_command("populate", messages=60)
# As if they had talked since yesterday evening, a few at a time.
from datetime import timedelta
from django.utils import timezone
from chat.models import Message
moment = timezone.now() - timedelta(minutes=3)
for at, message in enumerate(Message.objects.order_by("-seq")):
    moment -= timedelta(seconds=40 + 53 * (at * 7 % 5))
    if at % 9 == 8:
        moment -= timedelta(minutes=35)
    if at == 14:
        moment -= timedelta(hours=15)
    Message.objects.filter(pk=message.pk).update(created_at=moment)
"""


def main() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    with (
        tempfile.TemporaryDirectory() as folder,
        launch(Path(folder), members=0, rooms=0) as deployment,
    ):
        deployment.shell(PREPARE)
        take(deployment)


def take(deployment: LocalDeployment) -> None:
    with deployment.node() as node, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsers.system_chromium(), args=browsers.launch_args()
        )
        for name in OTHERS:
            enter(browser.new_context().new_page(), node.origin, name)
        for visitor in VISITORS:
            visit(browser, node.origin, visitor)
        browser.close()


def visit(browser: Browser, origin: str, visitor: Visitor) -> None:
    """Everything that a visitor meets, in the order in which they meet it."""
    context = browser.new_context(
        locale="en-GB", color_scheme=visitor.theme, viewport=visitor.viewport
    )
    page = context.new_page()

    def picture(state: str) -> None:
        if visitor.sees_all or state == "room":
            page.wait_for_timeout(500)  # what fades has faded
            page.screenshot(path=HERE / f"{state}-{visitor.shape}-{visitor.theme}.png")

    page.goto(origin)
    picture("join")
    enter(page, origin, visitor.name)
    state = page.locator("#connection-state")
    composer = page.get_by_role("textbox", name="Message to")
    composer.fill(visitor.says)
    composer.press("Enter")
    mine = page.locator("li.is-mine:not(.is-pending)").last
    expect(mine.locator("time")).to_be_visible()
    page.wait_for_timeout(1_500)  # the clocks are compared
    picture("room")

    for name, button in SIDES[visitor.shape].items():
        page.locator(button).first.click()
        picture(name)
        page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    picture("jump")
    page.keyboard.press("Escape")
    open_menu(mine)
    picture("menu")
    page.get_by_role("menuitem", name="Details").click()
    picture("trace")
    page.keyboard.press("Escape")
    state.click()
    picture("inspector")
    page.keyboard.press("Escape")

    context.set_offline(True)
    expect(state).to_have_attribute("data-phase", "waiting")
    composer.fill(visitor.adds)
    composer.press("Enter")
    picture("offline")
    context.set_offline(False)
    expect(page.locator("li.is-pending")).to_have_count(0)

    for name, path in (("empty", "rooms/garden/"), ("permalink", "rooms/lobby/20/")):
        page.goto(f"{origin}/{path}")
        expect(state).to_have_attribute("data-phase", "live")
        picture(name)
    context.close()


def open_menu(message: Locator) -> None:
    message.hover()
    message.get_by_role("button", name="Actions for").click()


def enter(page: Page, origin: str, name: str) -> None:
    page.goto(origin)
    page.get_by_label("Your name").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator("#connection-state")).to_have_attribute("data-phase", "live")


if __name__ == "__main__":
    main()
