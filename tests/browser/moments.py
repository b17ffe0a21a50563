"""When things happened in a page: noted by the page itself, by the clock of its machine.

A test that asks a browser again and again learns of a change late. The pages of one machine share
its clock, so that their notes can be compared.
"""

import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.sockets import PATIENCE_SECONDS

_NOTE = """
window.moments = { sent: [], received: [], pressed: 0, shown: 0 };
const note = (list, data) => list.push({ at: Date.now(), text: String(data) });
window.WebSocket = class extends WebSocket {
  constructor(...address) {
    super(...address);
    this.addEventListener("message", ({ data }) => note(window.moments.received, data));
  }
  send(data) {
    note(window.moments.sent, data);
    super.send(data);
  }
};
addEventListener("click", () => { window.moments.pressed = Date.now(); }, true);
"""
_WATCH = """([absent, present]) => {
  window.moments.shown = 0;
  const says = (selector, text) =>
    [...document.querySelectorAll(selector)].some(
      (one) => one.checkVisibility() && one.textContent.includes(text),
    );
  const holds = () => !says(".rooms-list a", absent) && says("h2", present);
  const observer = new MutationObserver(() => {
    if (holds()) {
      observer.disconnect();
      window.moments.shown = Date.now();
    }
  });
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  observer.observe(document, all);
}"""


@dataclass
class Moments:
    """The notes of one page, from its next load on."""

    page: Page

    def begin(self) -> None:
        self.page.add_init_script(_NOTE)
        self.page.reload()

    def pressed_at(self) -> float:
        """When a button was last pressed, by pointer, finger or key."""
        return float(self.page.evaluate("moments.pressed / 1000"))

    def sent_at(self, kind: str) -> float:
        """When the last frame of this type left the page."""
        return self._last("sent", kind)

    def received_at(self, kind: str) -> float:
        """When the last frame of this type came."""
        return self._last("received", kind)

    def frames(self) -> list[str]:
        """The text of every frame that has come."""
        found: list[str] = self.page.evaluate("moments.received.map((frame) => frame.text)")
        return found

    def watch_for(self, *, absent: str, present: str) -> None:
        """Note when no link in the list says `absent` any more, and a heading says `present`."""
        self.page.evaluate(_WATCH, [absent, present])

    def shown_at(self) -> float:
        self.page.wait_for_function("moments.shown", timeout=PATIENCE_SECONDS * 1_000)
        return float(self.page.evaluate("moments.shown / 1000"))

    def _last(self, way: str, kind: str) -> float:
        notes: list[dict[str, Any]] = self.page.evaluate(f"moments.{way}")
        return max(
            float(one["at"]) / 1000 for one in notes if json.loads(one["text"])["type"] == kind
        )
