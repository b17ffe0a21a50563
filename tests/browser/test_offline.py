"""The network goes and comes back; nothing is lost, nothing is said twice."""

import pytest
from playwright.sync_api import WebSocketRoute, expect

from .conftest import Person

pytestmark = pytest.mark.browser


TEN = [f"number {number}" for number in range(1, 11)]


def test_the_top_of_the_page_and_the_banner_agree_at_once(alice: Person) -> None:
    alice.page.context.set_offline(True)

    # Both in one moment, long before the connection is found dead.
    label = alice.page.wait_for_function(
        """() => document.querySelector("connection-banner").checkVisibility() &&
          document.querySelector(".connection-label").textContent"""
    )
    assert label.json_value() == "Offline"
    alice.page.context.set_offline(False)
    alice.is_live()


def test_what_is_written_offline_arrives_once_and_in_order(alice: Person, bob: Person) -> None:
    texts = TEN
    alice.loses_the_network()
    expect(alice.page.locator(".banner")).to_contain_text("offline")

    alice.say(*texts)
    expect(alice.page.locator(".is-pending")).to_have_count(10)
    bob.say("meanwhile")
    expect(bob.bodies).to_have_text(["meanwhile"])
    alice.page.context.set_offline(False)

    expect(bob.bodies).to_have_text(["meanwhile", *texts])
    expect(alice.bodies).to_have_text(["meanwhile", *texts])
    expect(alice.page.locator(".is-pending")).to_have_count(0)
    expect(alice.page.locator(".banner")).to_be_hidden()
    alice.forgive("ERR_INTERNET_DISCONNECTED")


def test_what_is_written_offline_survives_a_reload(alice: Person, bob: Person) -> None:
    # A reload needs the network: the socket alone is cut.
    alice.page.route_web_socket("**/ws/", lambda socket: socket.close())
    alice.page.reload()
    alice.say(*TEN)
    expect(alice.page.locator(".is-pending")).to_have_count(10)

    alice.page.unroute_all()
    fresh = alice.page.context.new_page()
    fresh.goto(alice.page.url)
    alice.page.close()

    expect(bob.bodies).to_have_text(TEN)
    expect(fresh.locator("li.message .message-body")).to_have_text(TEN)
    expect(fresh.locator(".is-pending")).to_have_count(0)


def test_two_tabs_of_one_member_send_each_message_once(alice: Person, bob: Person) -> None:
    second = alice.page.context.new_page()
    second.goto(alice.page.url)
    alice.loses_the_network()
    alice.say(*TEN)

    alice.page.context.set_offline(False)

    expect(bob.bodies).to_have_text(TEN)
    expect(second.locator("li.message .message-body")).to_have_text(TEN)
    expect(alice.bodies).to_have_text(TEN)
    alice.forgive("ERR_INTERNET_DISCONNECTED")


def test_after_sleep_a_dead_connection_is_found_within_three_seconds(
    alice: Person, bob: Person
) -> None:
    sockets: list[WebSocketRoute] = []
    asleep = False

    def pass_on(socket: WebSocketRoute) -> None:
        """While it sleeps, neither side hears the other, and neither is told."""
        sockets.append(socket)
        server = socket.connect_to_server()
        first = len(sockets) == 1
        socket.on_message(lambda text: None if first and asleep else server.send(text))
        server.on_message(lambda text: None if first and asleep else socket.send(text))

    alice.page.route_web_socket("**/ws/", pass_on)
    alice.page.reload()
    alice.is_live()
    alice.page.clock.install()
    asleep = True
    bob.has_said("while she slept")

    alice.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    alice.page.clock.run_for(2_900)
    assert len(sockets) == 1
    alice.page.clock.run_for(1_000)

    expect(alice.bodies).to_have_text(["while she slept"])
    assert len(sockets) == 2
