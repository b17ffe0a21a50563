"""The connection: noticed when it is gone, and back at once when it can be."""

import pytest
from playwright.sync_api import expect

from .conftest import Person, Visit
from .network_faults import Wire

pytestmark = pytest.mark.browser


@pytest.fixture
def alice(join: Visit, room: str) -> Person:
    """In a browser of her own, since its clock goes on only when a test says so."""
    return join("Alice", room, new=True)


@pytest.fixture
def wire(alice: Person) -> Wire:
    wire = Wire(alice.page)
    alice.page.clock.install()
    alice.page.reload()
    alice.is_live()
    alice.page.clock.pause_at(alice.page.evaluate("Date.now() / 1000") + 1)
    return wire


def is_waiting(person: Person) -> None:
    expect(person.page.locator("#connection-state")).to_have_attribute("data-phase", "waiting")


@pytest.mark.parametrize(
    "happens",
    [
        "window.dispatchEvent(new Event('online'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
    ],
    ids=["the network returns", "someone looks again"],
)
def test_it_comes_back_at_once_when(alice: Person, wire: Wire, happens: str) -> None:
    wire.cut()
    is_waiting(alice)
    wire.mend()
    # Its clock stands still: waiting would last for ever.
    alice.page.wait_for_timeout(200)
    is_waiting(alice)

    alice.page.evaluate(happens)

    alice.is_live()


def test_35_seconds_of_silence_are_a_lost_connection(
    alice: Person, bob: Person, wire: Wire
) -> None:
    bob.has_said("the last she hears")
    while "the last she hears" not in wire.heard:
        alice.page.wait_for_timeout(20)
    wire.is_silent = True
    bob.has_said("Are you there?")

    alice.page.clock.run_for(34_000)
    assert len(wire.sockets) == 1
    # And half a second at most until the first attempt.
    alice.page.clock.run_for(1_600)
    alice.page.clock.resume()

    expect(alice.messages).to_have_count(2)
    assert len(wire.sockets) == 2


def test_the_status_line_tells_a_screen_reader(alice: Person, wire: Wire) -> None:
    status = alice.page.get_by_role("status").and_(alice.page.locator("#status"))
    wire.cut()
    expect(status).to_have_text("The connection is lost. What you write is kept.")

    wire.mend()
    alice.page.clock.run_for(2_000)
    alice.page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(status).to_have_text("Connected again.")
