"""What someone clicks who does labs, and never types."""

import re
from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect

# A step waits for what it brings about; a check may wait for what does not come.
STEP_MS = 90_000


def do_lab(page: Page, number: int) -> None:
    """Start it over, and do it from the prediction to “why”."""
    # What a slow machine could not set up says what to do: heal, and try again.
    while not (open_lab(page, number) and did_all(page)):
        page.get_by_role("button", name="Heal all").click()
    expect_done(page)


def do_open_lab(page: Page, number: int) -> None:
    """Do the lab that the page shows, as a newcomer who goes from one to the next."""
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^Lab {number} · "))
    if not (settled(page) and did_all(page)):
        page.get_by_role("button", name="Heal all").click()
        do_lab(page, number)
    expect_done(page)


def go_on(page: Page) -> None:
    page.locator("lab-guide").get_by_role("button", name="Next lab").click()
    settled(page)


def expect_done(page: Page) -> None:
    guide = page.locator("lab-guide")
    expect(guide.locator(".verdict").first).to_contain_text("PASS · ")
    expect(guide.locator(".verdict").last).to_contain_text("FAIL · ")
    expect(guide.get_by_role("heading", name="Why", exact=True)).to_be_visible()
    expect(guide.locator(".guide-links a").first).to_be_visible()


def did_all(page: Page) -> bool:
    """From the prediction to the second verdict; False if the bench was not ready for it."""
    guide = page.locator("lab-guide")
    guide.get_by_role("radio").first.check()
    for step in steps_of(guide):
        step.click()
        if not settled(page):
            return False
    for button in ("Check", "Switch it off, and do the same again"):
        guide.get_by_role("button", name=button, exact=True).click()
        if not settled(page) or "INCONCLUSIVE" in guide.locator(".verdict").last.inner_text():
            return False
    return True


def open_lab(page: Page, number: int) -> bool:
    page.get_by_role("button", name="All labs").click()
    page.locator(".labs-number", has_text=re.compile(rf"^{number}$")).click()
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^Lab {number} · "))
    again = page.locator("lab-guide").get_by_role("button", name="Start over")
    if again.count():
        again.click()
    return settled(page)


def steps_of(guide: Locator) -> Iterator[Locator]:
    """The button of each step, once it is its turn."""
    while (step := guide.locator(".guide-steps button:enabled")).count():
        yield step


def settled(page: Page) -> bool:
    """Wait until the lab has done what it was told; whether it was able to."""
    expect(page.locator('lab-guide:not([aria-busy="true"])')).to_have_count(1, timeout=STEP_MS)
    return page.locator(".guide-trouble").inner_text() == ""
