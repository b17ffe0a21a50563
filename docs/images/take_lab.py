"""Takes the pictures of the lab anew: `make pictures`. Lab 4, which fails without its guarantee."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright  # noqa: E402

from lab.kit import browsers  # noqa: E402

PORT = 8700
LAB = 4
SHAPES = {
    "wide": ViewportSize(width=1280, height=800),
    "narrow": ViewportSize(width=390, height=844),
}
# A lab waits for what it brings about.
PATIENCE_MS = 120_000

expect.set_options(timeout=PATIENCE_MS)


def main() -> None:
    with running_lab(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsers.system_chromium(), args=browsers.launch_args()
        )
        page = look(browser, "wide", "light")
        do_lab(page)
        picture(page, "lab-wide-light")
        trace(page)
        picture(page, "lab-trace-wide-light")
        picture(look(browser, "wide", "dark"), "lab-wide-dark")
        narrow = look(browser, "narrow", "dark")
        narrow.get_by_role("tab", name="Watch").click()
        picture(narrow, "lab-narrow-dark")
        narrow.get_by_role("tab", name="Lab").click()
        narrow.locator(".verdict").last.scroll_into_view_if_needed()
        picture(narrow, "lab-guide-narrow-dark")
        browser.close()


@contextmanager
def running_lab() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"LAB_PROGRESS": f"{folder}/progress.json"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "lab.web", "--no-browser", "--port", str(PORT)]
        process = subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None  # noqa: S101
        try:
            while "The lab is open" not in (line := process.stdout.readline()):
                if not line:
                    raise SystemExit("The lab did not open.")
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def look(browser: Browser, shape: str, theme: Literal["light", "dark"]) -> Page:
    context = browser.new_context(
        locale="en-GB", color_scheme=theme, viewport=SHAPES[shape], reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"http://localhost:{PORT}")
    for name in ("Ada", "Bob"):
        room = page.frame_locator(f'iframe[title^="{name}’s room"]')
        expect(room.locator("#connection-state")).to_have_attribute("data-phase", "live")
    return page


def do_lab(page: Page) -> None:
    page.get_by_role("button", name="All labs").click()
    page.locator(".labs button").nth(LAB - 1).click()
    settle(page)
    guide = page.locator("lab-guide")
    guide.get_by_role("radio").nth(1).check()
    while (step := guide.locator(".guide-steps button:enabled")).count():
        step.click()
        settle(page)
    for button in ("Check", "Switch it off, and do the same again"):
        guide.get_by_role("button", name=button, exact=True).click()
        settle(page)
    expect(guide.locator(".verdict.is-fail")).to_be_visible()
    guide.locator(".verdict.is-fail summary").click()
    guide.locator(".verdict.is-pass").scroll_into_view_if_needed()
    page.get_by_role("button", name="Last message", exact=True).click()


def trace(page: Page) -> None:
    page.get_by_role("button", name="List", exact=True).click()
    page.locator(".timeline-list .is-commit button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def settle(page: Page) -> None:
    expect(page.locator("lab-guide")).to_have_attribute("aria-busy", "false")


def picture(page: Page, name: str) -> None:
    page.wait_for_timeout(800)  # what fades has faded
    page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    main()
