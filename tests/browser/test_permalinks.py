"""Links to messages, however old: shown in their context, with a way back to the present."""

import re

import pytest
from playwright.sync_api import expect

from tests.clients import Node
from tests.sockets import Client, wait_until

from .conftest import Visit
from .network_faults import Held

pytestmark = pytest.mark.browser

CENTRED = """row => {
  const list = row.closest("message-list").getBoundingClientRect();
  const { top, bottom } = row.getBoundingClientRect();
  return Math.abs((top + bottom) / 2 - (list.top + list.bottom) / 2);
}"""


@pytest.fixture
def talker(node: Node, room: str) -> Client:
    """Someone who has said a lot here."""
    client = node.connect()
    key = room.split("/")[-2]
    client.enter(key)
    for number in range(1, 401):
        client.say(key, f"message {number}")
    return client


def test_a_link_shows_its_message_in_the_middle_and_outlines_it_for_a_while(
    talker: Client, join: Visit, room: str
) -> None:
    reader = join("Reader", room)

    reader.page.goto(f"{room}#m30")

    row = reader.page.locator("#m30")
    expect(row).to_have_class(re.compile("is-revealed"))
    # The middle of what the sticky day leaves free.
    assert row.evaluate(CENTRED) < 60
    expect(row).not_to_have_class(re.compile("is-revealed"))
    assert reader.messages.count() <= 100


def test_newer_history_loads_downwards_to_the_present(
    talker: Client, join: Visit, room: str
) -> None:
    reader = join("Reader", room)
    reader.page.goto(f"{room}#m30")
    expect(reader.page.locator("#m30")).to_be_in_viewport()
    talker.say(room.split("/")[-2], "the newest of all")
    timeline = reader.page.locator("message-list")
    newest = reader.page.get_by_text("the newest of all")
    expect(reader.page.get_by_role("button", name="Jump to newest (1)")).to_be_visible()

    def is_reached() -> bool:
        timeline.evaluate("list => { list.scrollTop += 2000; }")
        reader.page.wait_for_timeout(60)
        assert reader.messages.count() <= 400
        return newest.count() > 0

    wait_until(is_reached)
    seqs = reader.messages.evaluate_all("rows => rows.map(row => Number(row.dataset.seq))")
    assert seqs == list(range(seqs[0], 402))


def test_scrolling_down_into_newer_history_moves_nobody(
    talker: Client, join: Visit, room: str
) -> None:
    reader = join("Reader", room)
    reader.page.goto(f"{room}#m30")
    expect(reader.page.locator("#m30")).to_be_in_viewport()
    timeline = reader.page.locator("message-list")
    expect(reader.page.locator("#m80")).to_be_attached()
    timeline.evaluate("list => { list.scrollTop = list.scrollHeight - list.clientHeight - 650; }")
    place = reader.page.locator("#m65").bounding_box()

    timeline.evaluate("list => { list.scrollTop += 100; }")
    expect(reader.page.locator("#m120")).to_be_attached()

    moved = reader.page.locator("#m65").bounding_box()
    assert place
    assert moved
    assert place["y"] - moved["y"] == pytest.approx(100, abs=1)


def test_from_the_past_one_step_leads_to_the_newest(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room)
    reader.page.goto(f"{room}#m30")
    expect(reader.page.locator("#m30")).to_be_in_viewport()

    reader.page.get_by_role("button", name="Jump to newest").click()

    expect(reader.page.get_by_text("message 400", exact=True)).to_be_in_viewport()
    expect(reader.composer).to_be_focused()


def test_a_quote_leads_to_a_source_that_is_not_loaded(
    talker: Client, join: Visit, room: str
) -> None:
    talker.say(room.split("/")[-2], "answer", reply_to=5)
    reader = join("Reader", room)

    reader.message("answer").locator(".message-quote").click()

    expect(reader.page.locator("#m5")).to_be_in_viewport()
    expect(reader.page.locator("#m5")).to_be_focused()


def test_what_i_say_in_the_past_is_said_at_the_end(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room)
    reader.page.goto(f"{room}#m30")
    expect(reader.page.locator("#m30")).to_be_in_viewport()

    reader.say("Here I am")

    expect(reader.message("Here I am")).to_be_in_viewport()
    expect(reader.message("Here I am").locator("time")).to_be_visible()


def test_what_i_say_while_a_link_is_loading_keeps_me_at_the_end(
    talker: Client, join: Visit, room: str
) -> None:
    reader = join("Reader", room)
    held = Held(reader.page, "history.page")
    reader.page.reload()
    reader.is_live()
    reader.page.evaluate("location.hash = 'm30'")
    held.wait()

    reader.has_said("Here I am")
    held.release()
    reader.page.wait_for_timeout(300)

    expect(reader.message("Here I am")).to_be_in_viewport()
    expect(reader.page.locator("#m30")).to_have_count(0)


def test_a_copied_link_leads_to_the_message(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room, permissions=["clipboard-read", "clipboard-write"])

    reader.choose("message 399", "Copy link")

    expect(reader.page.get_by_text("Link copied.").first).to_be_visible()
    link = reader.page.evaluate("navigator.clipboard.readText()")
    assert link == f"{room}399/"
    reader.page.goto(link)
    expect(reader.page.locator("#m399")).to_have_class(re.compile("is-revealed"))


def test_the_readers_place_survives_a_reload(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room)
    timeline = reader.page.locator("message-list")
    for _ in range(3):
        timeline.evaluate("list => { list.scrollTop = 300; }")
        reader.page.wait_for_timeout(200)
    row = reader.page.locator("#m255")
    row.scroll_into_view_if_needed()
    place = row.bounding_box()

    reader.page.reload()

    expect(row).to_be_in_viewport()
    kept = row.bounding_box()
    assert place
    assert kept
    assert kept["y"] == pytest.approx(place["y"], abs=2)


def test_each_room_is_found_as_it_was_left(
    talker: Client, join: Visit, room: str, node: Node
) -> None:
    reader = join("Reader", room)
    reader.page.locator("message-list").evaluate("list => { list.scrollTop -= 900; }")
    row = reader.page.locator("#m360")
    expect(row).to_be_in_viewport()
    place = row.bounding_box()
    assert place

    reader.page.goto(f"{node.origin}/rooms/{next(node.rooms)}/")
    reader.is_live()
    reader.page.goto(room)

    expect(row).to_be_in_viewport()
    kept = row.bounding_box()
    assert kept
    assert kept["y"] == pytest.approx(place["y"], abs=2)
