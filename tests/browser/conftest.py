"""People at real browsers, in rooms of a real node."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from lab.kit import bundle
from tests import clients
from tests.clients import Node
from tests.sockets import PATIENCE_SECONDS

expect.set_options(timeout=PATIENCE_SECONDS * 1_000)

_numbers = itertools.count(1)

Visit = Callable[..., "Person"]


@dataclass
class Person:
    """Someone at a browser, and everything that their browser complained about."""

    name: str
    page: Page
    complaints: list[str] = field(default_factory=list)

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message to")

    @property
    def editor(self) -> Locator:
        return self.page.get_by_role("textbox", name="Edit message")

    @property
    def messages(self) -> Locator:
        return self.page.locator("li.message")

    @property
    def bodies(self) -> Locator:
        return self.page.locator("li.message .message-body")

    def message(self, text: str) -> Locator:
        return self.messages.filter(has_text=text)

    def say(self, *texts: str) -> None:
        for text in texts:
            self.composer.fill(text)
            self.composer.press("Enter")

    def has_said(self, *texts: str) -> None:
        """Say it, and wait until the server has it."""
        self.say(*texts)
        expect(self.message(texts[-1]).locator("time")).to_be_visible()

    def edit(self, text: str, new_text: str) -> None:
        self.choose(text, "Edit")
        expect(self.editor).to_have_value(text)
        self.editor.fill(new_text)
        self.editor.press("Enter")

    def choose(self, text: str, action: str) -> None:
        """Open the menu of a message and choose this action."""
        self.message(text).hover()
        self.message(text).get_by_role("button", name="Actions for").click()
        self.page.get_by_role("menu").get_by_text(action).click()

    def open_account(self) -> None:
        """The account menu; on a narrow screen it is in the drawer of rooms."""
        drawer = self.page.get_by_role("button", name="Rooms", exact=True)
        if drawer.is_visible():
            drawer.click()
        self.page.locator(".account > summary").click()

    def choose_of_account(self, entry: str) -> None:
        self.open_account()
        self.page.locator(".account-menu").get_by_text(entry).click()

    def choose_of_room(self, entry: str) -> None:
        """Something of the room's own menu."""
        self.page.get_by_role("button", name="More about this room").click()
        self.page.get_by_role("menuitem", name=entry).click()

    def is_live(self) -> None:
        expect(self.page.locator("#connection-state")).to_have_attribute("data-phase", "live")

    def loses_the_network(self) -> None:
        """Returns when the page knows; what is sent before may still arrive."""
        self.page.context.set_offline(True)
        expect(self.page.locator("#connection-state")).to_have_attribute("data-phase", "waiting")

    def forgive(self, complaint: str) -> None:
        """Something that a browser must complain about in this test."""
        self.complaints[:] = [text for text in self.complaints if complaint not in text]


@pytest.fixture(scope="session")
def bundled_page(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a node is told to serve the page as the image does: a page of two files loads in half
    the time. Where none can be made, nodes serve it file by file.
    """
    return bundle.make(tmp_path_factory.mktemp("bundle")) if bundle.can_bundle() else {}


@pytest.fixture(scope="session")
def node(
    django_db_setup: None,  # first: its end hangs up on everyone
    bundled_page: dict[str, str],
) -> Iterator[Node]:
    with clients.deployment() as place, place.node(RATE_LIMITS="off", **bundled_page) as node:
        yield node


@pytest.fixture(scope="session")
def node_of_files(django_db_setup: None) -> Iterator[Node]:
    """Its page comes file by file, as after `make run`. (A test module takes it by by_files.py.)"""
    with clients.deployment() as place, place.node(RATE_LIMITS="off") as node:
        yield node


@pytest.fixture
def room(node: Node) -> str:
    """A room in which nobody has said anything."""
    return f"{node.origin}/rooms/{next(node.rooms)}/"


def start_regulars(browser: Browser, node: Node) -> Iterator["Regulars"]:
    regulars = Regulars(browser, node)
    yield regulars
    regulars.go_home()


regulars = pytest.fixture(scope="session")(start_regulars)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a page in a browser of its own; at the end nobody's browser may have complained."""
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def visit(name: str, address: str, **options: Any) -> Person:
        contexts.append(browser.new_context(locale="en-GB", **options))
        person = Person(f"{name} {next(_numbers)}", contexts[-1].new_page())
        people.append(person)
        _listen(person)
        person.page.goto(address)
        return person

    yield visit

    for context in contexts:
        context.close()
    _assert_content(people)


@pytest.fixture
def join(browser: Browser, regulars: "Regulars", node: Node) -> Iterator[Visit]:
    """Someone with a name comes into a room, and it is live. (How one gets a name: test_join.)

    A regular comes with the files of the site in their cache; whoever needs a browser with options
    of its own, or `new=True`, has never been here.
    """
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def join(name: str, address: str, *, new: bool = False, **options: Any) -> Person:
        if new or options:
            contexts.append(browser.new_context(locale="en-GB", **options))
            person = Person(f"{name} {next(_numbers)}", contexts[-1].new_page())
            _take_name(contexts[-1], node, person.name)
        else:
            person = regulars.call(name)
        people.append(person)
        _listen(person)
        person.page.goto(address)
        expect(person.composer).to_be_visible()
        person.is_live()
        return person

    yield join

    for context in contexts:
        context.close()
    regulars.rest()
    _assert_content(people)


@dataclass
class Regulars:
    """People who keep their browser, and the name in it, from test to test.

    Each has one page open all the time. It keeps their process alive, and the pages of a test start
    in that one: a process of its own is a third of what a page costs.
    """

    browser: Browser
    node: Node
    homes: dict[str, tuple[str, Page]] = field(default_factory=dict)

    def call(self, name: str) -> Person:
        if name not in self.homes:
            full_name = f"{name} {next(_numbers)}"
            context = self.browser.new_context(locale="en-GB")
            _take_name(context, self.node, full_name)
            home = context.new_page()
            home.goto(f"{self.node.origin}/healthz")
            self.homes[name] = full_name, home
        full_name, home = self.homes[name]
        is_here = home.context.pages != [home]
        assert not is_here, f"{full_name} is here already; say join(…, new=True)"
        return Person(full_name, home.context.new_page())

    def rest(self) -> None:
        """Whatever a test did to their pages or their network ends with it."""
        for _, home in self.homes.values():
            for page in home.context.pages:
                if page != home:
                    page.close()
            home.context.set_offline(False)
            home.context.unroute_all()

    def go_home(self) -> None:
        for _, home in self.homes.values():
            home.context.close()


@pytest.fixture(scope="session")
def ownership(node: Node, regulars: "Regulars") -> None:
    """Olivia became the owner, by the link that `invite_owner` prints."""
    olivia = regulars.call("Olivia")
    olivia.page.goto(node.manage("invite_owner").strip())
    olivia.page.get_by_role("button", name="Become owner").click()
    expect(olivia.composer).to_be_visible()
    regulars.rest()


@pytest.fixture
def olivia(ownership: None, join: Visit, room: str) -> Person:
    """The owner."""
    return join("Olivia", room)


@pytest.fixture
def alice(join: Visit, room: str) -> Person:
    return join("Alice", room)


@pytest.fixture
def bob(join: Visit, room: str) -> Person:
    return join("Bob", room)


def _take_name(context: BrowserContext, node: Node, name: str) -> None:
    token = "t" * 32
    context.add_cookies([{"name": "csrftoken", "value": token, "url": node.origin}])
    answer = context.request.post(
        f"{node.origin}/join/",
        form={"name": name, "next": "/healthz", "csrfmiddlewaretoken": token},
        headers={"Origin": node.origin},
    )
    assert answer.text().startswith("ok")


def _assert_content(people: list[Person]) -> None:
    complaints = {person.name: person.complaints for person in people if person.complaints}
    assert not complaints


def _listen(person: Person) -> None:
    # Violations of the content security policy are console errors too.
    def note(message: Any) -> None:
        # A page that tries to come back while a test holds its network down says so, and may.
        is_ours = "ERR_INTERNET_DISCONNECTED" not in message.text
        if message.type in ("error", "warning") and is_ours:
            person.complaints.append(message.text)

    person.page.on("console", note)
    person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
