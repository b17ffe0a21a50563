"""From room to room within one page: over one socket, without a request for a page."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, Request, expect

from tests.clients import Node
from tests.sockets import Client

from .conftest import Person, Visit

pytestmark = pytest.mark.browser

OPENING = (
    "from chat.moderation.room_rules import open_room\n"
    "from chat.rooms.models import Room\n"
    "for key in {keys!r}:\n"
    "    if not Room.objects.filter(key=key).exists():\n"
    "        open_room(key=key, name=key.title())\n"
)


@dataclass
class Traffic:
    """What a page asks for from now on."""

    page: Page
    documents: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)
        self.page.on("websocket", lambda socket: self.sockets.append(socket.url))

    def _note(self, request: Request) -> None:
        if request.resource_type == "document":
            self.documents.append(request.url)

    def is_quiet(self) -> bool:
        return not self.documents and not self.sockets


@pytest.fixture(scope="module")
def listed(node: Node) -> tuple[str, str, str]:
    """Three rooms that stand first in the list, in this order."""
    keys = ("aaa-ash", "aaa-birch", "aaa-cedar")
    node.manage("shell", "-v0", "-c", OPENING.format(keys=keys))
    return keys


@pytest.fixture
def talker(node: Node, listed: tuple[str, ...]) -> Client:
    client = node.connect()
    for key in listed:
        client.enter(key)
    return client


@pytest.fixture
def reader(node: Node, join: Visit, listed: tuple[str, ...]) -> Person:
    return join("Reader", f"{node.origin}/rooms/{listed[0]}/")


def open_room(person: Person, name: str) -> None:
    person.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=name).click()
    is_in(person, name)


def is_in(person: Person, name: str) -> None:
    expect(person.page.locator("h1")).to_have_text(name)
    # Something may wait in the inbox.
    expect(person.page).to_have_title(re.compile(rf"^(\(\d+\) )?{re.escape(name)} · Chatroom$"))
    current = person.page.locator(".rooms-list a[aria-current=page]")
    expect(current).to_contain_text(name)
    expect(person.page.get_by_role("log", name=f"Messages in {name}")).to_be_visible()


def test_another_room_takes_neither_a_page_nor_a_socket(talker: Client, reader: Person) -> None:
    talker.say("aaa-ash", "Under the ash")
    talker.say("aaa-birch", "Under the birch")
    traffic = Traffic(reader.page)

    open_room(reader, "Aaa-Birch")

    expect(reader.bodies.last).to_have_text("Under the birch")
    expect(reader.message("Under the ash")).to_have_count(0)
    assert reader.page.url.endswith("/rooms/aaa-birch/")
    reader.has_said("Nice here")
    talker.say("aaa-birch", "Is it?")
    expect(reader.bodies.last).to_have_text("Is it?")
    assert traffic.is_quiet()


def test_back_and_forward_lead_through_the_rooms(talker: Client, reader: Person) -> None:
    talker.say("aaa-cedar", "Under the cedar")
    traffic = Traffic(reader.page)
    open_room(reader, "Aaa-Birch")
    open_room(reader, "Aaa-Cedar")

    reader.page.go_back()
    is_in(reader, "Aaa-Birch")
    reader.page.go_back()
    is_in(reader, "Aaa-Ash")
    reader.page.go_forward()
    reader.page.go_forward()

    is_in(reader, "Aaa-Cedar")
    expect(reader.bodies.last).to_have_text("Under the cedar")
    assert traffic.is_quiet()


def test_a_room_that_was_left_a_moment_ago_goes_on_live(talker: Client, reader: Person) -> None:
    open_room(reader, "Aaa-Birch")

    talker.say("aaa-ash", "Meanwhile under the ash")

    ash = reader.page.locator(".rooms-list a", has_text="Aaa-Ash")
    expect(ash.locator(".unread-dot")).to_be_visible()
    open_room(reader, "Aaa-Ash")
    expect(reader.bodies.last).to_have_text("Meanwhile under the ash")
    expect(reader.page.locator("li.new + li")).to_contain_text("Meanwhile under the ash")
    expect(ash.locator(".unread-dot")).to_be_hidden()


def test_each_room_keeps_its_draft_its_reply_and_its_edit(talker: Client, reader: Person) -> None:
    talker.say("aaa-birch", "A question")
    reader.composer.fill("half a thought")
    open_room(reader, "Aaa-Birch")
    expect(reader.composer).to_have_value("")
    reader.choose("A question", "Reply")
    reader.composer.fill("half an answer")
    open_room(reader, "Aaa-Cedar")
    reader.has_said("To be mended")
    reader.choose("To be mended", "Edit")
    reader.composer.fill("Half mended")

    open_room(reader, "Aaa-Ash")
    expect(reader.composer).to_have_value("half a thought")
    open_room(reader, "Aaa-Birch")
    expect(reader.composer).to_have_value("half an answer")
    expect(reader.page.locator(".composer-context")).to_contain_text("A question")
    reader.composer.press("Enter")
    expect(reader.bodies.last).to_have_text("half an answer")
    open_room(reader, "Aaa-Cedar")
    expect(reader.composer).to_have_value("Half mended")
    reader.composer.press("Enter")

    expect(reader.bodies.last).to_have_text("Half mended")


def test_each_room_keeps_the_readers_place(talker: Client, reader: Person) -> None:
    for number in range(60):
        talker.say("aaa-ash", f"leaf {number}")
    expect(reader.message("leaf 59")).to_be_in_viewport()
    timeline = reader.page.locator("message-list")
    timeline.evaluate("list => { list.scrollTop -= 700; }")
    expect(reader.page.get_by_role("button", name="Jump to newest")).to_be_visible()
    before = first_in_sight(reader.page)

    open_room(reader, "Aaa-Birch")
    expect(reader.page.get_by_role("button", name="Jump to newest")).to_be_hidden()
    open_room(reader, "Aaa-Ash")

    assert first_in_sight(reader.page) == before


def test_what_was_written_offline_in_a_room_that_was_left_is_sent(
    talker: Client, reader: Person
) -> None:
    open_room(reader, "Aaa-Birch")
    open_room(reader, "Aaa-Ash")
    reader.loses_the_network()
    reader.say("From under the ash")
    open_room(reader, "Aaa-Birch")
    reader.say("From under the birch")

    reader.page.context.set_offline(False)

    for key, body in (("aaa-ash", "From under the ash"), ("aaa-birch", "From under the birch")):
        [message] = talker.receive("room.changes", room=key)["messages"]
        assert message["body"] == body
    open_room(reader, "Aaa-Ash")
    expect(reader.message("From under the ash").locator("time")).to_be_visible()


def test_a_room_that_this_tab_is_not_in_counts_what_is_said_there(
    node: Node, talker: Client, reader: Person
) -> None:
    open_room(reader, "Aaa-Cedar")
    reader.has_said("I was here")
    open_room(reader, "Aaa-Ash")
    reader.page.reload()
    reader.is_live()
    cedar = reader.page.locator(".rooms-list a", has_text="Aaa-Cedar")
    expect(cedar.locator(".unread-dot")).to_be_hidden()

    talker.say("aaa-cedar", "One")
    talker.say("aaa-cedar", "Two")
    expect(cedar).to_have_accessible_name(re.compile("2 new messages$"))

    other = reader.page.context.new_page()
    other.goto(f"{node.origin}/rooms/aaa-cedar/")
    expect(other.get_by_text("Two", exact=True)).to_be_visible()
    expect(cedar.locator(".unread-dot")).to_be_hidden()


def test_alt_and_arrows_lead_through_the_list(talker: Client, reader: Person) -> None:
    open_room(reader, "Aaa-Birch")
    open_room(reader, "Aaa-Ash")

    reader.composer.press("Alt+ArrowDown")
    is_in(reader, "Aaa-Birch")
    expect(reader.composer).to_be_focused()
    reader.page.keyboard.press("Alt+ArrowUp")
    is_in(reader, "Aaa-Ash")
    open_room(reader, "Aaa-Cedar")
    open_room(reader, "Aaa-Ash")
    talker.say("aaa-cedar", "Unread")
    dot = reader.page.locator(".rooms-list a", has_text="Aaa-Cedar").locator(".unread-dot")
    expect(dot).to_be_visible()
    reader.page.keyboard.press("Alt+Shift+ArrowDown")

    is_in(reader, "Aaa-Cedar")


def test_a_link_to_a_message_of_another_room_leads_there(
    node: Node, talker: Client, reader: Person
) -> None:
    seq = talker.say("aaa-birch", "The target")["seq"]
    for number in range(40):
        talker.say("aaa-birch", f"filler {number}")
    talker.say("aaa-ash", f"See {node.origin}/rooms/aaa-birch/{seq}/")
    traffic = Traffic(reader.page)

    reader.message(f"aaa-birch/{seq}/").locator(".message-body a").click()

    is_in(reader, "Aaa-Birch")
    expect(reader.message("The target")).to_be_in_viewport()
    expect(reader.message("The target")).to_be_focused()
    assert traffic.is_quiet()


def test_a_room_that_is_not_there_for_me_says_so_and_leads_back(
    node: Node, talker: Client, reader: Person
) -> None:
    talker.say("aaa-ash", f"See {node.origin}/rooms/aaa-nowhere/")
    reader.message("aaa-nowhere").locator(".message-body a").click()

    panel = reader.page.locator(".missing-room")
    expect(panel).to_contain_text("There is no room “aaa-nowhere” for you")
    expect(reader.composer).to_be_hidden()
    panel.get_by_role("link", name="Back to Aaa-Ash").click()

    is_in(reader, "Aaa-Ash")
    expect(panel).to_be_hidden()
    expect(reader.composer).to_be_focused()


def test_a_visitor_goes_from_room_to_room_too(
    node: Node, talker: Client, visit: Visit, listed: tuple[str, ...]
) -> None:
    visitor = visit("Visitor", f"{node.origin}/rooms/aaa-ash/")
    visitor.is_live()
    traffic = Traffic(visitor.page)

    open_room(visitor, "Aaa-Birch")
    talker.say("aaa-birch", "Live for visitors")

    expect(visitor.bodies.last).to_have_text("Live for visitors")
    assert traffic.is_quiet()
    visitor.page.get_by_label("Your name").fill(visitor.name)
    visitor.page.get_by_label("Your name").press("Enter")
    is_in(visitor, "Aaa-Birch")
    expect(visitor.composer).to_be_visible()


def first_in_sight(page: Page) -> list[object]:
    """The first message in sight, and where it ends."""
    found: list[object] = page.evaluate(
        """() => {
          const top = document.querySelector("message-list").getBoundingClientRect().top;
          const rows = [...document.querySelectorAll("li.message")];
          const row = rows.find((one) => one.getBoundingClientRect().bottom > top);
          return [row.textContent.trim(), Math.round(row.getBoundingClientRect().bottom)];
        }"""
    )
    return found
