"""Ways to use a page: by keyboard alone, with a mouse, with a finger."""

from abc import ABC, abstractmethod
from typing import Any

from playwright.sync_api import CDPSession, Locator, Page, expect

# More stops than the page has.
MOST_TABS = 60


class Hand(ABC):
    """Someone's hand on a page. What it does not say, it does like everyone: it types."""

    #: How a browser is made for it.
    browser: dict[str, Any] = {}

    def __init__(self, page: Page) -> None:
        self.page = page

    @abstractmethod
    def press(self, target: Locator) -> None:
        """Use a button, a link, a field."""

    @abstractmethod
    def open_menu(self, message: Locator) -> None:
        """What can be done with this message."""

    @abstractmethod
    def scroll_back(self) -> None:
        """A good way up in the timeline."""

    @abstractmethod
    def put_away(self) -> None:
        """Whatever is open in front of the page."""

    def write(self, field: Locator, text: str) -> None:
        if not _has_focus(field):
            self.press(field)
        self.page.keyboard.type(text)

    def break_line(self) -> None:
        self.page.keyboard.press("Shift+Enter")

    def send(self) -> None:
        self.page.keyboard.press("Enter")

    def choose(self, item: Locator) -> None:
        """One of a menu or of a list that is open."""
        self.press(item)

    def pick(self, radio: Locator) -> None:
        """One of a few of which one holds."""
        self.press(radio)


class Keyboard(Hand):
    """Never touches anything else. What it reaches, it reaches by Tab and arrows."""

    def press(self, target: Locator) -> None:
        message = target.locator("xpath=ancestor::li[contains(concat(@class, ' '), 'message ')]")
        if message.count() == 1:
            self._go_to(message)
        self._reach(target, "Tab")
        if target.evaluate("one => !one.matches('input, textarea')"):
            self.page.keyboard.press("Enter")

    def open_menu(self, message: Locator) -> None:
        self._go_to(message)
        self.page.keyboard.press("Enter")
        self._reach(message.get_by_role("button", name="Actions for"), "ArrowRight")
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("menu")).to_be_visible()

    def go_back_to(self, target: Locator) -> None:
        """What lies before, and not far."""
        self._reach(target, "Shift+Tab")

    def scroll_back(self) -> None:
        self._reach(self.page.locator("message-list"), "Shift+Tab")
        for _ in range(4):
            self.page.keyboard.press("PageUp")

    def put_away(self) -> None:
        self.page.keyboard.press("Escape")

    def choose(self, item: Locator) -> None:
        self._reach(item, "ArrowDown")
        self.page.keyboard.press("Enter")

    def pick(self, radio: Locator) -> None:
        group = radio.get_attribute("name")
        self._reach(self.page.locator(f"input[name={group}]:checked"), "Tab")
        self._reach(radio, "ArrowRight")

    def _go_to(self, message: Locator) -> None:
        # Before End: what comes later is further down, where the arrow does not lead.
        expect(message).to_be_visible()
        self._reach(self.page.locator("message-list"), "Shift+Tab")
        self.page.keyboard.press("End")
        self._reach(message, "ArrowUp")

    def _reach(self, target: Locator, key: str) -> None:
        expect(target).to_be_visible()
        for _ in range(MOST_TABS):
            if _has_focus(target):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{key} does not lead to {target}")


class Mouse(Hand):
    def press(self, target: Locator) -> None:
        target.click()

    def open_menu(self, message: Locator) -> None:
        message.hover()
        message.get_by_role("button", name="Actions for").click()

    def scroll_back(self) -> None:
        self.page.locator("message-list").hover()
        self.page.mouse.wheel(0, -1_500)

    def put_away(self) -> None:
        self.page.mouse.click(self.page.viewport_size["width"] - 5, 400)  # type: ignore[index]


class Finger(Hand):
    browser = {"has_touch": True, "is_mobile": True}
    _wire: CDPSession | None = None

    def press(self, target: Locator) -> None:
        target.tap()

    def open_menu(self, message: Locator) -> None:
        message.scroll_into_view_if_needed()
        # A list that still moves ends the press.
        self.page.locator("message-list").evaluate(_AT_REST)
        place = message.locator(".message-body").bounding_box()
        assert place
        self._touch("touchStart", {"x": place["x"] + 5, "y": place["y"] + 5})
        expect(self.page.get_by_role("menu")).to_be_visible()
        self._touch("touchEnd")

    def scroll_back(self) -> None:
        for _ in range(3):
            self._touch("touchStart", {"x": 180, "y": 200})
            for way in range(40, 480, 40):
                self._touch("touchMove", {"x": 180, "y": 200 + way})
            self._touch("touchEnd")
        # While the list is still gliding, a tap stops it and is nothing else.
        self.page.locator("message-list").evaluate(_AT_REST)

    def _touch(self, kind: str, *points: dict[str, float]) -> None:
        if self._wire is None:
            self._wire = self.page.context.new_cdp_session(self.page)
        self._wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    def put_away(self) -> None:
        self.page.touchscreen.tap(self.page.viewport_size["width"] - 5, 400)  # type: ignore[index]

    def break_line(self) -> None:
        self.page.keyboard.press("Enter")

    def send(self) -> None:
        self.page.get_by_role("button", name="Send").tap()


_AT_REST = """async list => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let still = 0, last; still < 10; last = list.scrollTop) {
    await frame();
    still = list.scrollTop === last ? still + 1 : 0;
  }
}"""


def _has_focus(target: Locator) -> bool:
    # In a list that a text field holds open, the field has the focus and names the chosen one.
    held: bool = target.evaluate(
        """one => {
          const focused = document.activeElement;
          const named = focused?.getAttribute("aria-activedescendant");
          return one === focused || (named && named === one.id) || false;
        }"""
    )
    return held
