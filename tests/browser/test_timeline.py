"""The timeline: what it is to a screen reader, and whose days and hours it shows."""

import re

import pytest
from playwright.sync_api import expect

from tests.clients import Node
from tests.sockets import Client

from .conftest import Person, Visit
from .network_faults import Held

pytestmark = pytest.mark.browser

# Half past nine and half past ten in UTC; in Kiritimati, 14 hours ahead, midnight is between them.
MOVE = """
from datetime import UTC, datetime
from chat.models import Message
for seq, minute in ((1, 570), (2, 572), (3, 630)):
    moment = datetime(2026, 1, 15, minute // 60, minute % 60, tzinfo=UTC)
    Message.objects.filter(room__key={key!r}, seq=seq).update(created_at=moment)
"""


@pytest.fixture
def talker(node: Node, room: str) -> Client:
    client = node.connect()
    client.enter(key_of(room))
    return client


def test_the_timeline_is_a_log_with_a_name(alice: Person) -> None:
    log = alice.page.get_by_role("log", name=re.compile("^Messages in Room "))

    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_have_attribute("aria-relevant", "additions")
    expect(log.locator("ol.messages")).to_have_count(1)


def test_what_comes_from_the_past_is_not_read_out(talker: Client, join: Visit, room: str) -> None:
    for number in range(1, 121):
        talker.say(key_of(room), f"message {number}")
    reader = join("Reader", room)
    held = Held(reader.page, "history.page")
    reader.page.reload()
    reader.is_live()
    log = reader.page.get_by_role("log")
    log.evaluate(
        """list => {
          window.heard = [];
          new MutationObserver(records => {
            for (const row of records.flatMap(({ addedNodes }) => [...addedNodes])) {
              if (list.ariaLive !== "off") window.heard.push(row.dataset.seq);
            }
          }).observe(list.querySelector("ol"), { childList: true });
        }"""
    )

    log.evaluate("list => { list.scrollTop = 0; }")
    # However long it takes to come.
    reader.page.wait_for_timeout(1_200)
    held.wait()
    held.release()
    expect(reader.page.get_by_text("message 21", exact=True)).to_be_attached()
    expect(log).to_have_attribute("aria-live", "polite")
    log.evaluate("list => { list.scrollTop = list.scrollHeight; }")
    talker.say(key_of(room), "news")
    expect(reader.message("news")).to_be_visible()

    assert reader.page.evaluate("window.heard") == ["121"]


def test_days_and_hours_are_the_readers_and_without_javascript_the_servers(
    talker: Client, join: Visit, visit: Visit, node: Node, room: str
) -> None:
    for text in ("one", "two", "three"):
        talker.say(key_of(room), text)
    node.manage("shell", "-v0", "-c", MOVE.format(key=key_of(room)))

    reader = join("Reader", room, timezone_id="Pacific/Kiritimati")
    expect(reader.page.locator("li.day")).to_have_text(
        [re.compile("15 January"), re.compile("16 January")]
    )
    expect(reader.page.locator("li.message.starts-group")).to_have_count(2)
    time = reader.message("three").locator("time")
    expect(time).to_have_text("00:30")
    expect(time).to_have_attribute("datetime", re.compile(r"^2026-01-15T10:30:00"))
    expect(time).to_have_attribute("title", re.compile("16 January 2026 at 00:30:00"))

    visitor = visit("Visitor", room, java_script_enabled=False)
    expect(visitor.page.locator("li.day")).to_have_text(["Thursday, 15 January"])
    expect(visitor.page.locator("li.message.starts-group")).to_have_count(2)
    expect(visitor.message("three").locator("time")).to_have_text("10:30")


def key_of(room: str) -> str:
    return room.split("/")[-2]
