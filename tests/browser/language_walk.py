"""What is wrong with a page in the language of tests/pseudo_language.py."""

from typing import Any

from playwright.sync_api import Page

# Words of people, names of keys, code, numbers of the clock; and emoji's names, which are data.
NOT_OURS = (
    "[dir=auto], bdi, kbd, code, time, script, style, template, noscript, svg, .emoji,"
    " .completion-option"
)

STRAYS = """notOurs => {
  const isShown = element => element.checkVisibility({ visibilityProperty: true });
  const isOurs = element => !element.closest(notOurs);
  const strays = new Set();
  const judge = (text, where) => {
    if (/[A-Za-z]/.test(text ?? "")) strays.add(`${where}: ${text.trim().slice(0, 80)}`);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const holder = element.closest("select") ?? element;
    if (isShown(holder) && isOurs(element)) judge(texts.currentNode.data, holder.localName);
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (!isShown(element) || !isOurs(element.parentElement)) continue;
    for (const name of ["aria-label", "placeholder", "title", "alt"]) {
      if (!(element.localName === "time")) judge(element.getAttribute(name), name);
    }
  }
  judge(document.title, "document");
  return [...strays];
}"""

# A label that is wider than its place, and what sticks out of the screen.
CLIPPED = """() => {
  const labels = "button, .button, label, legend, summary, h1, h2, h3, p, dt, dd, [role=status]";
  const clipped = [...document.body.querySelectorAll(labels)]
    .filter(element => element.checkVisibility({ visibilityProperty: true }))
    .filter(element => !element.matches("[dir=auto], .visually-hidden"))
    .filter(element => !element.querySelector("[dir=auto], bdi, .visually-hidden"))
    .filter(element => element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1)
    .map(element => `${element.localName}: ${element.textContent.trim().slice(0, 60)}`);
  if (document.documentElement.scrollWidth > innerWidth) clipped.push("the page is too wide");
  return clipped;
}"""

# Left and right of the regions, by their selectors.
REGIONS = """selectors => Object.fromEntries(selectors.map(selector => {
  const { left, right } = document.querySelector(selector).getBoundingClientRect();
  return [selector, [left, right]];
}))"""


def strays(page: Page) -> list[str]:
    """What is shown or read out and has plain letters: it did not come from the catalogue."""
    found: list[str] = page.evaluate(STRAYS, NOT_OURS)
    return found


def clipped(page: Page) -> list[str]:
    found: list[str] = page.evaluate(CLIPPED)
    return found


def not_mirrored(page: Page, regions: list[str]) -> dict[str, Any]:
    """The regions that do not stand at the other side when the page is read from right to left."""
    before = page.evaluate(REGIONS, regions)
    page.evaluate("document.documentElement.dir = 'rtl'")
    after = page.evaluate(REGIONS, regions)
    width = page.evaluate("innerWidth")
    return {
        region: (before[region], after[region])
        for region in regions
        if abs(before[region][0] - (width - after[region][1])) > 2
        or abs(before[region][1] - (width - after[region][0])) > 2
    }
