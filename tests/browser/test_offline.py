"""The network goes and comes back; nothing is lost, nothing is said twice."""

import pytest
from playwright.sync_api import expect

from .conftest import Person

pytestmark = pytest.mark.browser


TEN = [f"number {number}" for number in range(1, 11)]


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
