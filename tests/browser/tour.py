"""Two people walk through the whole page, section by section of
docs/reference/page.md: `make tour`.

Four times: on a wide screen and a narrow one, by keyboard alone and with a mouse or a finger. What
it walks past is tested in `make test` rule by rule, and quicker.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from tests import clients
from tests.clients import Node
from tests.sockets import Client

from .conftest import Person, Visit
from .network_faults import Wire
from .room_actions import DRAWER
from .test_accessibility import violations
from .test_unread import hide, look
from .tour_door import door
from .tour_rooms import conversations, rooms
from .user_actions import Finger, Hand, Keyboard, Mouse

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHAPES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}
WALKS = [("wide", Keyboard), ("wide", Mouse), ("narrow", Keyboard), ("narrow", Finger)]
# As many rooms as people find in a house, not as many as all other tests want.
OPEN_ROOMS = """
from chat.models import Room
Room.objects.exclude(key="lobby").delete()
from chat.moderation.room_rules import open_room
for name in ("Attic", "Garden", "Kitchen", "Workshop"):
    open_room(key=name.lower(), name=name)
"""
AT_END = "list => list.scrollHeight - list.scrollTop - list.clientHeight < 2"


@dataclass
class Walk:
    """Who walks, and how."""

    ada: Person
    ben: Person
    hand: Hand
    bens: Hand
    wire: Wire
    room: str
    talker: Client

    @property
    def is_narrow(self) -> bool:
        return bool(self.ada.page.evaluate("innerWidth < 500"))

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """One of Ada's."""
        return self.ada.page.get_by_role("button", name=name)

    def say(self, text: str) -> None:
        self.hand.write(self.ada.composer, text)
        self.hand.send()

    def ben_says(self, text: str) -> None:
        self.bens.write(self.ben.composer, text)
        self.bens.send()

    def do(self, text: str, action: str) -> None:
        """Ada, with a message that says this."""
        self.hand.open_menu(self.ada.message(text).last)
        self.hand.choose(self.ada.page.get_by_role("menu").get_by_text(action))


@pytest.fixture(scope="module")
def house() -> Iterator[Node]:
    with clients.deployment() as place, place.node(RATE_LIMITS="off") as node:
        node.manage("shell", "-v0", "-c", OPEN_ROOMS)
        yield node


@pytest.mark.parametrize(("shape", "kind"), WALKS, ids=lambda one: getattr(one, "__name__", one))
def test_two_people_walk_through_the_whole_page(
    house: Node, visit: Visit, shape: str, kind: type[Hand]
) -> None:
    room = ["attic", "garden", "kitchen", "workshop"][WALKS.index((shape, kind))]
    talker = house.connect()
    address = f"{house.origin}/rooms/{room}/"
    ada, ben = (
        visit(name, address, viewport=SHAPES[shape], **kind.browser) for name in ("Ada", "Ben")
    )
    walk = Walk(ada, ben, kind(ada.page), kind(ben.page), Wire(ada.page), room, talker)

    for section in SECTIONS:
        print(section.__name__, flush=True)
        section(walk)


@pytest.mark.parametrize(("shape", "kind"), WALKS, ids=lambda one: getattr(one, "__name__", one))
def test_two_people_make_rooms_and_meet_in_them(
    house: Node, visit: Visit, shape: str, kind: type[Hand]
) -> None:
    address = f"{house.origin}/rooms/lobby/"
    ada, ben = (
        visit(name, address, viewport=SHAPES[shape], **kind.browser) for name in ("Eve", "Fay")
    )
    hands = kind(ada.page), kind(ben.page)
    for person, hand in zip((ada, ben), hands, strict=True):
        hand.write(person.page.get_by_label("Your name"), person.name)
        person.page.keyboard.press("Enter")
        person.is_live()
    walk = Walk(ada, ben, *hands, Wire(ada.page), "lobby", house.connect())

    for section in (rooms, conversations):
        print(section.__name__, flush=True)
        section(walk)


@pytest.mark.parametrize(("shape", "kind"), WALKS, ids=lambda one: getattr(one, "__name__", one))
def test_a_newcomer_asks_at_the_door_and_is_let_in(
    house: Node, visit: Visit, shape: str, kind: type[Hand]
) -> None:
    ada, ben = (
        visit(name, "about:blank", viewport=SHAPES[shape], **kind.browser)
        for name in ("Ida", "Kim")
    )
    door(house, ada, kind(ada.page), ben, kind(ben.page))


def join(walk: Walk) -> None:
    ada, ben = walk.ada, walk.ben
    for person, hand in ((ada, walk.hand), (ben, walk.bens)):
        hand.write(person.page.get_by_label("Your name"), ada.name)
        person.page.keyboard.press("Enter")
        if person is ada:
            ada.is_live()
    expect(ada.page.get_by_role("img", name="QR code of the link to")).to_be_visible()
    # Which of the two depends on whether Ada's node has noted yet that she is connected.
    expect(ben.page.get_by_role("alert")).to_contain_text(re.compile("is taken|was used"))
    ben.forgive("status of 409")
    free = ben.page.get_by_role("group").get_by_role("button")
    expect(free).to_have_count(2)
    ben.name = free.first.inner_text()
    walk.bens.press(free.first)

    ben.is_live()
    assert ada.page.url == ben.page.url
    assert ada.page.url.endswith(f"/rooms/{walk.room}/")


def frame(walk: Walk) -> None:
    ada, page = walk.ada, walk.ada.page
    expect(page.get_by_role("heading", level=1)).to_have_text(walk.room.title())
    expect(page.locator("#here-count")).to_have_text("2 here")
    people = page.get_by_role("complementary", name="People")
    if walk.is_narrow:
        walk.hand.press(page.get_by_role("button", name=re.compile("^People")))
        expect(people).to_contain_text(walk.ben.name)
        walk.hand.press(people.get_by_role("button", name="Close"))
        expect(people).to_be_hidden()
    else:
        expect(people).to_contain_text(walk.ben.name)
    before = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    if walk.is_narrow:
        walk.hand.press(walk.button("Rooms"))
    walk.hand.press(page.locator(".account > summary"))
    walk.hand.pick(page.get_by_label("Dark", exact=True))
    expect(page.locator("body")).not_to_have_css("background-color", before)
    page.keyboard.press("Escape")
    if walk.is_narrow:
        page.keyboard.press("Escape")
    expect(ada.composer).to_be_in_viewport(ratio=1)


def timeline(walk: Walk) -> None:
    ada, ben = walk.ada, walk.ben
    walk.say("Hello **there**")
    walk.say("How are you?")
    expect(ben.message("Hello").locator("strong")).to_have_text("there")
    expect(ben.page.locator("li.day")).to_have_text("Today")
    expect(ben.message("How are you?")).not_to_have_class(re.compile("starts-group"))
    walk.ben_says(f"Fine, @{ada.name}!")
    walk.ben_says("🎉")

    expect(ada.message("Fine")).to_have_class(re.compile("mentions-me"))
    expect(ada.message("🎉")).to_have_class(re.compile("is-emoji"))
    expect(ada.message("Fine").locator("time")).to_have_attribute("title", re.compile("at"))


def scrolling(walk: Walk) -> None:
    ada, room = walk.ada, walk.room
    walk.talker.enter(room)
    for number in range(1, 121):
        walk.talker.say(room, f"line {number}")
    expect(ada.page.get_by_text("line 120", exact=True)).to_be_in_viewport()
    jump = walk.button("Jump to newest")

    walk.hand.scroll_back()
    expect(jump).to_be_visible()
    walk.talker.say(room, "news")
    expect(jump).to_have_text("Jump to newest (1)")
    walk.hand.press(jump)
    expect(ada.message("news")).to_be_in_viewport()
    expect(ada.composer).to_be_focused()
    expect(jump).to_be_hidden()

    walk.hand.scroll_back()
    expect(jump).to_be_visible()
    walk.say("from up here")
    expect(ada.message("from up here").locator("time")).to_be_visible()
    assert ada.page.locator("message-list").evaluate(AT_END)


def composer(walk: Walk) -> None:
    ada, ben, hand = walk.ada, walk.ben, walk.hand
    hand.write(ada.composer, "one")
    hand.break_line()
    hand.write(ada.composer, "two")
    hand.send()
    expect(ben.message("one")).to_contain_text("two")

    hand.write(ada.composer, "a draft")
    ada.page.reload()
    ada.is_live()
    expect(ada.composer).to_have_value("a draft")
    hand.send() if walk.is_narrow and isinstance(hand, Finger) else hand.write(ada.composer, "\n")
    expect(ben.message("a draft")).to_be_visible()

    hand.write(ada.composer, f"for @{ben.name[:3].lower()}")
    hand.choose(ada.page.get_by_role("option", name=ben.name))
    expect(ada.composer).to_have_value(f"for @{ben.name} ")
    hand.send()
    expect(ben.message("for @")).to_have_class(re.compile("mentions-me"))

    if isinstance(hand, Keyboard):
        ada.page.keyboard.press("ArrowUp")
    else:
        walk.do("for @", "Edit")
    expect(ada.editor).to_have_value(f"for @{ben.name} ")
    if isinstance(hand, Keyboard):
        hand.put_away()
    else:
        hand.press(walk.button("Cancel"))
    expect(ada.editor).to_have_count(0)

    shortcuts = ada.page.get_by_role("dialog", name="Keyboard shortcuts")
    if not isinstance(hand, Finger):
        hand.press(walk.button("More about this room"))
        hand.choose(ada.page.get_by_role("menuitem", name="Keyboard shortcuts"))
        expect(shortcuts).to_be_visible()
        hand.press(shortcuts.get_by_role("button", name="Close"))
    expect(shortcuts).to_be_hidden()


def messages(walk: Walk) -> None:
    ada, ben, hand = walk.ada, walk.ben, walk.hand
    walk.ben_says("Where is the key?")
    walk.do("Where is the key?", "Reply")
    walk.say("Under the mat")
    quote = ben.message("Under the mat").locator(".message-quote")
    expect(quote).to_contain_text("Where is the key?")
    walk.bens.press(quote)
    expect(ben.message("Where is the key?").first).to_be_focused()

    walk.do("Under the mat", "👍")
    reaction = ben.message("Under the mat").locator(".reaction")
    expect(reaction).to_have_text(re.compile("👍 1"))
    walk.bens.press(reaction)
    expect(ada.message("Under the mat").locator(".reaction")).to_have_text(re.compile("👍 2"))
    walk.do("Under the mat", "Another emoji")
    picker = ada.page.get_by_role("dialog", name="React with")
    hand.press(picker.get_by_role("button", name="😀"))
    expect(ben.message("Under the mat").locator(".reaction")).to_have_count(2)

    walk.do("Under the mat", "Edit")
    hand.write(ada.editor, ", of course")
    hand.press(walk.button("Save")) if isinstance(hand, Finger) else hand.send()
    edited = ben.message("Under the mat, of course")
    expect(edited.locator(".message-edited")).to_be_visible()
    walk.do("of course", "Delete…")
    hand.press(ada.page.get_by_role("dialog").get_by_role("button", name="Delete"))
    expect(ben.message("Message deleted")).to_be_visible()


def sending(walk: Walk) -> None:
    ada, ben = walk.ada, walk.ben
    ada.loses_the_network()
    texts = [f"offline {number}" for number in range(1, 4)]
    for text in texts:
        walk.say(text)
    expect(ada.page.locator(".is-pending")).to_have_count(3)
    expect(ada.page.locator(".banner")).to_contain_text("You are offline")
    ada.page.context.set_offline(False)
    expect(ben.bodies.filter(has_text="offline")).to_have_text(texts)
    expect(ada.page.locator(".is-pending")).to_have_count(0)

    walk.wire.refused = {"refused", "unwanted"}
    walk.say("refused")
    walk.say("unwanted")
    expect(ada.message("refused")).to_contain_text("Not sent. Not here.")
    expect(ada.message("unwanted")).to_contain_text("Not sent. Not here.")
    walk.wire.refused.clear()
    walk.hand.press(ada.message("unwanted").get_by_role("button", name="Discard"))
    expect(ada.message("unwanted")).to_have_count(0)
    walk.hand.press(ada.message("refused").get_by_role("button", name="Retry"))
    expect(ben.message("refused")).to_be_visible()


def connection(walk: Walk) -> None:
    ada, hand, page = walk.ada, walk.hand, walk.ada.page
    walk.wire.cut()
    banner = page.locator(".banner")
    expect(banner).to_contain_text("Trying again in")
    walk.wire.mend()
    ada.page.evaluate("document.querySelector('.banner button').focus()")
    page.keyboard.press("Enter")
    ada.is_live()

    hand.press(page.locator("#connection-state"))
    inspector = page.get_by_role("dialog", name="Connection")
    expect(inspector).to_contain_text("Round trip")
    hand.put_away()
    expect(inspector).to_be_hidden()
    walk.say("Which way?")
    expect(ada.message("Which way?").locator(".message-when")).to_be_visible()
    walk.do("Which way?", "Details")
    trace = page.get_by_role("dialog", name="Delivery trace of message")
    expect(trace).to_contain_text("Checked, numbered and committed")
    hand.press(trace.get_by_role("button", name="Close"))
    expect(trace).to_be_hidden()


def unread(walk: Walk) -> None:
    page = walk.ada.page
    hide(page)
    walk.ben_says("Are you there?")
    walk.ben_says("Hello?")
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    expect(page.locator("li.new + li")).to_contain_text("Are you there?")

    look(page)
    expect(page).to_have_title(re.compile(r"^[^(]"))
    expect(page.locator("li.new")).to_have_count(1)


def inbox(walk: Walk) -> None:
    page, hand = walk.ada.page, walk.hand
    hide(page)
    walk.ben_says(f"@{walk.ada.name} are you coming?")
    expect(page.locator(".inbox-dot")).to_have_count(1)
    look(page)
    if walk.is_narrow:
        hand.press(page.get_by_role("button", name=DRAWER))
    hand.press(page.locator("#inbox-button"))
    first = page.locator(".inbox-item").first
    expect(first).to_contain_text(f"{walk.ben.name} mentioned you")
    hand.press(first.get_by_role("link"))
    expect(walk.ada.message("are you coming?")).to_be_in_viewport()
    if not walk.is_narrow:
        hand.press(page.get_by_role("button", name=re.compile("^People")))
        expect(page.get_by_role("complementary", name="People")).to_be_visible()


def accessibility(walk: Walk) -> None:
    for person in (walk.ada, walk.ben):
        assert violations(person.page) == []


def presence(walk: Walk) -> None:
    ada, ben, hand = walk.ada, walk.ben, walk.bens
    hand.write(ben.composer, "I have to")
    expect(ada.page.locator(".typing")).to_have_text(f"{ben.name} is typing…")
    if walk.is_narrow:
        hand.press(ben.page.get_by_role("button", name=DRAWER))
    hand.press(ben.page.locator(".account > summary"))
    hand.press(ben.page.get_by_text("Leave…"))
    hand.press(ben.page.get_by_role("dialog").get_by_role("button", name="Leave"))

    expect(ben.page.get_by_label("Your name")).to_be_visible()
    expect(ada.page.locator("#here-count")).to_have_text("2 here")  # and the talker
    expect(ada.message("left")).to_have_count(0)


SECTIONS: list[Callable[[Walk], None]] = [
    join,
    frame,
    timeline,
    scrolling,
    composer,
    messages,
    sending,
    connection,
    unread,
    inbox,
    accessibility,
    presence,
]
