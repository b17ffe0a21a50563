"""Looks at every dialog of the page as the server wrote it, in any language and at any size."""

from playwright.sync_api import Page

# Opens one after the other, tells what is found in it, and closes it.
_EACH = """() => [...document.querySelectorAll("dialog")].flatMap(dialog => {
  dialog.showModal();
  const found = (LOOK)(dialog).map(what => `${dialog.id}: ${what}`);
  dialog.close();
  return found;
})"""

# Controls that cannot be reached, that lie over one another, or that stick out at a side; text that
# is cut off.
FAULTS = """dialog => {
  const faults = [];
  const seen = element => element.checkVisibility({ visibilityProperty: true });
  const name = element => element.outerHTML.slice(0, 80);
  const box = dialog.getBoundingClientRect();
  if (box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > innerHeight + 1) {
    faults.push("sticks out of the window");
  }
  if (dialog.scrollWidth > dialog.clientWidth + 1) {
    const isWide = element => element.scrollWidth > element.clientWidth + 1 && seen(element);
    faults.push("scrolls sideways: " + [...dialog.querySelectorAll("*")].filter(isWide).map(name));
  }
  const controls = [...dialog.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter(control => control.type !== "hidden" && seen(control));
  for (const control of controls) {
    control.scrollIntoView({ block: "nearest", inline: "nearest" });
    const { left, right, top, bottom } = control.getBoundingClientRect();
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (!hit || !(control.contains(hit) || hit.contains(control))) {
      faults.push(`is covered: ${name(control)}`);
    }
    if (control.matches("button, a") && control.scrollWidth > control.clientWidth + 1) {
      faults.push(`is cut off: ${name(control)}`);
    }
  }
  const boxes = controls.map(control => [control, control.getBoundingClientRect()]);
  boxes.forEach(([one, a], at) => {
    for (const [other, b] of boxes.slice(at + 1)) {
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (width > 1 && height > 1 && !one.contains(other) && !other.contains(one)) {
        faults.push(`overlap: ${name(one)} and ${name(other)}`);
      }
    }
  });
  return faults;
}"""


def faults(page: Page) -> list[str]:
    """Of all dialogs; they are opened only for the moment."""
    found: list[str] = page.evaluate(_EACH.replace("LOOK", FAULTS))
    return found


def count(page: Page) -> int:
    return page.locator("dialog").count()
