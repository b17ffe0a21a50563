"""What was not seen yet: how much, where it begins, and when it counts as read."""

import json
import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.clients import Node
from tests.sockets import Client, wait_until

from .conftest import Person, Visit

pytestmark = pytest.mark.browser

HIDE = (
    "Object.defineProperty(document, 'visibilityState', {get: () => 'hidden', configurable: true})"
)
LOOK = "delete document.visibilityState"
TELL = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def talker(node: Node, room: str) -> Client:
    client = node.connect()
    client.enter(key_of(room))
    return client


def test_after_a_long_absence_one_step_leads_to_the_first_unread(
    talker: Client, join: Visit, room: str
) -> None:
    talker.say(key_of(room), "seen")
    reader = join("Reader", room)
    expect(reader.message("seen")).to_be_visible()
    wait_until_read(reader, room, 1)
    reader.page.goto("about:blank")
    for number in range(1, 121):
        talker.say(key_of(room), f"missed {number}")

    reader.page.goto(room)

    bar = reader.page.locator(".away")
    expect(bar).to_contain_text("You were away; 120 messages.")
    bar.get_by_role("button", name="Jump to the first unread").click()
    expect(reader.page.get_by_text("missed 1", exact=True)).to_be_in_viewport()
    expect(reader.page.locator("li.new + li")).to_contain_text("missed 1")
    expect(bar).to_be_hidden()


def test_a_hidden_tab_shows_where_the_new_begins(talker: Client, join: Visit, room: str) -> None:
    reader = join("Reader", room)
    talker.say(key_of(room), "seen")
    expect(reader.message("seen")).to_be_visible()
    reader.page.wait_for_timeout(300)
    hide(reader.page)
    for number in range(1, 31):
        talker.say(key_of(room), f"missed {number}")
    expect(reader.page).to_have_title(re.compile(r"^\(30\) "))
    icon = reader.page.locator("link[rel=icon]")
    expect(icon).to_have_attribute("href", re.compile("unread"))
    expect(reader.page.locator("li.new + li")).to_contain_text("missed 1")

    look(reader.page)

    expect(reader.page.locator(".away")).to_contain_text("You were away; 30 messages.")
    expect(reader.page).to_have_title(re.compile(r"^[^(]"))
    expect(icon).not_to_have_attribute("href", re.compile("unread"))
    expect(reader.page.locator("li.new")).to_have_count(1)


def test_what_waits_below_stays_unread_until_the_end_is_reached(
    talker: Client, join: Visit, room: str
) -> None:
    for number in range(1, 61):
        talker.say(key_of(room), f"message {number}")
    reader = join("Reader", room)
    reader.page.locator("message-list").evaluate("list => { list.scrollTop -= 800; }")
    expect(reader.page.get_by_role("button", name="Jump to newest")).to_be_visible()

    talker.say(key_of(room), "below")
    expect(reader.page).to_have_title(re.compile(r"^\(1\) "))
    reader.page.get_by_role("button", name="Jump to newest (1)").click()

    expect(reader.page).to_have_title(re.compile(r"^[^(]"))


def test_what_one_tab_has_read_is_read_in_the_other(join: Visit, room: str, bob: Person) -> None:
    # New, with an empty inbox, which counts too.
    alice = join("Alice", room, new=True)
    other = alice.page.context.new_page()
    other.goto(alice.page.url)
    expect(other.locator("#connection-state")).to_have_attribute("data-phase", "live")
    hide(alice.page)
    hide(other)
    bob.say("one", "two")
    expect(alice.page).to_have_title(re.compile(r"^\(2\) "))
    expect(other).to_have_title(re.compile(r"^\(2\) "))

    look(other)

    expect(other).to_have_title(re.compile(r"^[^(]"))
    expect(alice.page).to_have_title(re.compile(r"^[^(]"))


def test_a_room_i_was_in_bears_a_dot_when_something_is_said_there(
    node: Node, join: Visit, room: str
) -> None:
    # Among the first by name: there are more rooms here than are listed.
    other = "aardvark"
    opening = (
        "from chat.moderation.room_rules import open_room;"
        f" open_room(key={other!r}, name='Aardvark')"
    )
    node.manage("shell", "-v0", "-c", opening)
    talker = node.connect()
    talker.enter(other)
    talker.say(other, "first")
    reader = join("Reader", f"{node.origin}/rooms/{other}/", viewport={"width": 390, "height": 844})
    expect(reader.message("first")).to_be_visible()
    wait_until_read(reader, reader.page.url, 1)
    sockets: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    reader.page.route_web_socket("**/ws/", pass_on)
    reader.page.goto(room)
    reader.is_live()
    button = reader.page.get_by_role("button", name="Rooms", exact=True)
    expect(button).to_be_visible()

    heartbeat = {"type": "heartbeat", "heads": {}, "said": {other: 2, "lobby": 7}}
    sockets[-1].send(json.dumps(heartbeat))

    news = reader.page.get_by_role("button", name="Rooms, new messages")
    expect(news).to_be_visible()
    talker.say(other, "second")
    reader.page.reload()
    news.click()
    dotted = reader.page.locator(".rooms-list a:has(.unread-dot:visible)")
    expect(dotted).to_have_attribute("href", f"/rooms/{other}/")


def hide(page: Page) -> None:
    page.evaluate(f"{HIDE}; {TELL}")


def look(page: Page) -> None:
    page.bring_to_front()
    page.evaluate(f"{LOOK}; {TELL}")


def key_of(room: str) -> str:
    return room.split("/")[-2]


def wait_until_read(person: Person, room: str, seq: int) -> None:
    """The node writes down once a second what was read."""
    told = f'"read": {seq},'
    # Only a page that is looked at is read; another test's may have been in front of it.
    look(person.page)
    wait_until(lambda: told in person.page.context.request.get(room).text(), 10)
