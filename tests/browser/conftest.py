"""People at real browsers, in rooms of a real node."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests import clients
from tests.clients import Node

# What a busy machine may take for anything that should happen at once.
expect.set_options(timeout=10_000)

_numbers = itertools.count(1)


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

    def choose(self, text: str, action: str) -> None:
        """Open the menu of a message and choose this action."""
        self.message(text).hover()
        self.message(text).get_by_role("button", name="Actions for").click()
        self.page.get_by_role("menu").get_by_text(action).click()

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
def node() -> Iterator[Node]:
    with clients.deployment() as place, place.node(RATE_LIMITS="off") as node:
        yield node


@pytest.fixture
def room(node: Node) -> str:
    """A room in which nobody has said anything."""
    return f"{node.origin}/rooms/{next(node.rooms)}/"


Visit = Callable[..., Person]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a page in a browser of its own; at the end nobody's browser may have complained."""
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def visit(name: str, address: str, **options: Any) -> Person:
        context = browser.new_context(locale="en-GB", **options)
        contexts.append(context)
        person = Person(f"{name} {next(_numbers)}", context.new_page())
        people.append(person)
        _listen(person)
        person.page.goto(address)
        return person

    yield visit

    complaints = {person.name: person.complaints for person in people if person.complaints}
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def join(visit: Visit) -> Visit:
    """Visits a room, takes a name there, and waits until the room is live."""

    def join(name: str, address: str, **options: Any) -> Person:
        person = visit(name, address, **options)
        person.page.get_by_label("Your name").fill(person.name)
        person.page.get_by_label("Your name").press("Enter")
        expect(person.composer).to_be_visible()
        person.is_live()
        return person

    return join


@pytest.fixture
def alice(join: Visit, room: str) -> Person:
    return join("Alice", room)


@pytest.fixture
def bob(join: Visit, room: str) -> Person:
    return join("Bob", room)


def _listen(person: Person) -> None:
    # Violations of the content security policy are console errors too.
    def note(message: Any) -> None:
        if message.type in ("error", "warning"):
            person.complaints.append(message.text)

    person.page.on("console", note)
    person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
