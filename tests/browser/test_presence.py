"""Who is here, and who is writing."""

import json
import re

import pytest
from playwright.sync_api import WebSocketRoute, expect

from .conftest import Person, Visit

pytestmark = pytest.mark.browser


def test_coming_and_going_are_shown_beside_the_talk_not_in_it(
    alice: Person, join: Visit, room: str
) -> None:
    alice.has_said("Hello?")
    count = alice.page.locator("#here-count")
    people = alice.page.get_by_role("complementary", name="People")
    expect(count).to_have_text("1 here")

    bob = join("Bob", room)
    expect(count).to_have_text("2 here")
    expect(people).to_contain_text(bob.name)
    bob.page.close()
    expect(count).to_have_text("1 here")
    expect(people).not_to_contain_text(bob.name)

    expect(alice.page.locator("ol.messages > li")).to_have_count(2)  # the day and the message


def test_nothing_moves_when_someone_types(alice: Person, bob: Person) -> None:
    alice.has_said("Hello?")
    places = """() => ["message-composer form", "li.message:last-child"].map(selector => {
      const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
      return [x, y, width, height];
    })"""
    before = alice.page.evaluate(places)

    bob.composer.press_sequentially("Well")

    expect(alice.page.locator(".typing")).to_have_text(f"{bob.name} is typing…")
    assert alice.page.evaluate(places) == before


def test_who_stops_typing_is_forgotten_even_if_the_server_does_not_say_so(
    join: Visit, room: str, bob: Person
) -> None:
    alice = join("Alice", room, new=True)

    def keep_from_ending(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["type"] != "typing" or frame["names"]:
                socket.send(text)

        server.on_message(pass_on)

    alice.page.route_web_socket("**/ws/", keep_from_ending)
    alice.page.clock.install()
    alice.page.reload()
    alice.is_live()
    typing = alice.page.locator(".typing")
    bob.composer.press_sequentially("Well")
    expect(typing).to_have_text(f"{bob.name} is typing…")

    alice.page.clock.run_for(6_000)

    expect(typing).to_be_empty()


def test_under_the_name_of_the_site_stands_how_many_are_here(alice: Person, bob: Person) -> None:
    here = alice.page.locator(".brand-here")
    expect(alice.page.locator("#here-count")).to_have_text("2 here")
    expect(here).to_have_text(re.compile(r"^([2-9]|\d\d+) here now$"))

    alice.loses_the_network()

    expect(alice.page.locator("#connection-state")).to_have_attribute("data-phase", "waiting")
    expect(here).to_be_empty()
