"""The view stays where the reader is."""

import pytest
from playwright.sync_api import expect

from tests.clients import Node
from tests.sockets import Client, wait_until

from .conftest import Person, Visit
from .user_actions import Finger

pytestmark = pytest.mark.browser

# Within the frame in which the list is seen to move.
SEND_UNDER_WAY = """() => {
  const list = document.querySelector("message-list");
  const moves = list.scrollHeight - list.scrollTop - list.clientHeight > 20;
  if (moves) document.querySelector(".composer-send").click();
  return moves;
}"""
AT_END = "list => list.scrollHeight - list.scrollTop - list.clientHeight < 2"


@pytest.fixture
def talker(node: Node, room: str) -> Client:
    """Someone who has said a lot here."""
    client = node.connect()
    key = room.split("/")[-2]
    client.enter(key)
    for number in range(1, 181):
        client.say(key, f"message {number}")
    return client


def test_the_end_stays_the_end(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room)
    expect(reader.page.get_by_text("message 180", exact=True)).to_be_in_viewport()

    talker.say(room.split("/")[-2], "message 181")

    expect(reader.page.get_by_text("message 181", exact=True)).to_be_in_viewport()
    assert reader.page.locator("message-list").evaluate(AT_END)


def test_older_history_loads_and_the_place_is_kept_to_the_pixel(
    talker: Client, join: Visit, room: str
) -> None:
    reader = join("Reader", room)
    timeline = reader.page.locator("message-list")
    expect(reader.messages).to_have_count(50)

    timeline.evaluate("list => { list.scrollTop = 650; }")
    line = reader.page.get_by_text("message 145", exact=True)
    place = line.bounding_box()
    timeline.evaluate("list => { list.scrollTop -= 100; }")
    expect(reader.page.get_by_text("message 100", exact=True)).to_be_attached()
    moved = line.bounding_box()

    assert place
    assert moved
    assert moved["y"] - place["y"] == pytest.approx(100, abs=1)


def test_a_line_stays_where_it_is_though_the_first_in_sight_loses_its_name(
    talker: Client, join: Visit, room: str
) -> None:
    """It stood at the top of its page; with history above it, it only follows."""
    reader = join("Reader", room)
    expect(reader.messages).to_have_count(50)
    line = reader.page.locator("#m145")

    place = line.evaluate(
        """line => {
          document.querySelector("#m131").scrollIntoView({ block: "start" });
          return line.getBoundingClientRect().y;
        }"""
    )
    expect(reader.page.get_by_text("message 100", exact=True)).to_be_attached()

    assert line.evaluate("line => line.getBoundingClientRect().y") == pytest.approx(place, abs=1)


def test_who_reads_further_up_is_not_moved_but_told(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room)
    timeline = reader.page.locator("message-list")
    jump = reader.page.get_by_role("button", name="Jump to newest")
    timeline.evaluate("list => { list.scrollTop -= 600; }")
    expect(jump).to_be_visible()
    line = reader.page.get_by_text("message 165", exact=True)
    place = line.bounding_box()

    talker.say(room.split("/")[-2], "message 181")
    expect(jump).to_have_text("Jump to newest (1)")
    assert line.bounding_box() == place
    jump.click()

    expect(reader.page.get_by_text("message 181", exact=True)).to_be_in_viewport()
    expect(jump).to_be_hidden()


def test_all_of_the_past_can_be_reached(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room)
    timeline = reader.page.locator("message-list")
    first = reader.page.get_by_text("message 1", exact=True)

    def is_reached() -> bool:
        timeline.evaluate("list => { list.scrollTop = 0; }")
        reader.page.wait_for_timeout(100)
        return first.count() > 0

    wait_until(is_reached)
    expect(reader.page.locator(".timeline-start")).to_be_visible()
    expect(reader.messages).to_have_count(180)


def test_a_link_leads_to_its_message_however_old(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room)

    reader.page.goto(f"{room}#m3")

    expect(reader.page.get_by_text("message 3", exact=True)).to_be_in_viewport()


def test_my_own_message_brings_me_to_the_end(talker: Client, join: Visit, room: str) -> None:
    reader: Person = join("Reader", room)
    reader.page.locator("message-list").evaluate("list => { list.scrollTop -= 600; }")

    reader.say("Here I am")

    expect(reader.message("Here I am")).to_be_in_viewport()


def test_the_end_stays_the_end_when_the_composer_grows_and_the_window_shrinks(
    talker: Client, join: Visit, room: str
) -> None:
    reader = join("Reader", room)
    timeline = reader.page.locator("message-list")
    newest = reader.page.get_by_text("message 180", exact=True)

    reader.composer.fill("one\ntwo\nthree\nfour\nfive")
    expect(newest).to_be_in_viewport(ratio=1)
    assert timeline.evaluate(AT_END)
    reader.page.set_viewport_size({"width": 390, "height": 500})
    expect(newest).to_be_in_viewport(ratio=1)
    assert timeline.evaluate(AT_END)


@pytest.mark.parametrize("scroll", ["a jump", "a key"])
def test_my_own_message_ends_a_scroll_that_is_under_way(
    talker: Client, join: Visit, room: str, scroll: str
) -> None:
    reader = join("Reader", room)
    timeline = reader.page.locator("message-list")
    reader.composer.fill("Here I am")
    if scroll == "a jump":
        timeline.evaluate("list => list.scrollTo({ top: 0, behavior: 'smooth' })")
    else:
        timeline.focus()
        reader.page.keyboard.press("PageUp")
    reader.page.wait_for_function(SEND_UNDER_WAY)

    expect(reader.message("Here I am").locator("time")).to_be_visible()
    wait_until(lambda: timeline.evaluate(AT_END))
    # And nothing takes it away from there.
    reader.page.wait_for_timeout(600)
    assert timeline.evaluate(AT_END)


def test_a_list_that_was_flung_stops_where_one_jumps(
    talker: Client, join: Visit, room: str
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, **Finger.browser}
    reader = join("Reader", room, **phone)
    timeline = reader.page.locator("message-list")

    Finger(reader.page).scroll_back()
    reader.page.wait_for_function(
        """() => {
          const jump = document.querySelector(".jump");
          return !jump.hidden && (jump.click(), true);
        }"""
    )

    wait_until(lambda: timeline.evaluate(AT_END))
    reader.page.wait_for_timeout(800)
    assert timeline.evaluate(AT_END)
