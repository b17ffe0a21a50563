"""The inspector, and the way of a message."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.clients import Node

from .conftest import Person

pytestmark = pytest.mark.browser


def test_the_inspector_tells_node_round_trip_number_and_repairs(alice: Person, bob: Person) -> None:
    alice.has_said("one", "two")
    alice.page.locator("#connection-state").click()
    inspector = alice.page.get_by_role("dialog", name="Connection")
    expect(inspector).to_be_visible()

    expect(fact(inspector, "Node")).to_have_text("node")
    expect(fact(inspector, "Round trip")).to_have_text(re.compile(r"^[\d.]+ ms$"))
    expect(fact(inspector, "Last number")).to_have_text("2")
    expect(fact(inspector, "Reconnects")).to_have_text("0")
    expect(fact(inspector, "Gaps filled")).to_have_text("0")
    expect(fact(inspector, "Bytes in, out")).to_have_text(re.compile(r"^[\d,]+, [\d,]+$"))
    expect(inspector.get_by_role("img", name="round trips")).to_be_visible()

    alice.loses_the_network()
    alice.page.context.set_offline(False)
    alice.is_live()
    expect(fact(inspector, "Reconnects")).to_have_text("1")
    alice.forgive("ERR_INTERNET_DISCONNECTED")


def test_the_way_of_my_message_sums_to_its_total(alice: Person) -> None:
    alice.has_said("Where have you been?")
    alice.page.wait_for_timeout(300)

    alice.choose("Where", "Details")

    trace = alice.page.get_by_role("dialog", name="Delivery trace of message 1")
    expect(trace.get_by_role("row")).to_have_count(7)
    expect(trace).to_contain_text("Checked, numbered and committed")
    expect(trace).to_contain_text("Published to the room")
    expect(trace).to_contain_text("half the quickest of")
    *hops, total = [length(text) for text in trace.locator("td:nth-child(2)").all_inner_texts()]
    assert sum(hops) == pytest.approx(total, abs=0.6)
    assert total > 0
    assert all(hop >= 0 for hop in hops)

    alice.page.keyboard.press("Escape")
    expect(trace).to_be_hidden()


def test_of_a_message_of_others_the_page_says_what_it_knows(alice: Person, bob: Person) -> None:
    alice.say("before")
    expect(bob.message("before")).to_be_visible()
    bob.page.wait_for_timeout(300)
    bob.choose("before", "Details")
    trace = bob.page.get_by_role("dialog", name="Delivery trace of message 1")
    expect(trace).to_contain_text("known to its author only")
    trace.get_by_role("button", name="Close").click()

    bob.page.reload()
    bob.is_live()
    bob.choose("before", "Details")

    expect(trace).to_contain_text("Its trace is not known here")


def test_of_others_one_message_a_second_is_followed_of_mine_each(
    node: Node, alice: Person, room: str
) -> None:
    key = room.split("/")[-2]
    talker = node.connect()
    talker.enter(key)
    trace = alice.page.get_by_role("dialog", name="Delivery trace of message")
    for text in ("followed", "right after it"):
        talker.say(key, text)
    alice.has_said("mine", "mine too")

    for text, known in [
        ("followed", "Committed, published, sent to your browser"),
        ("right after it", "of what others say, one message a second is followed"),
        ("mine too", "Checked, numbered and committed"),
    ]:
        message = alice.page.get_by_text(text, exact=True).locator("xpath=ancestor::li")
        message.hover()
        message.get_by_role("button", name="Actions for").click()
        alice.page.get_by_role("menuitem", name="Details").click()
        expect(trace).to_contain_text(known)
        trace.get_by_role("button", name="Close").click()


def fact(inspector: Locator, name: str) -> Locator:
    return inspector.locator(f"dt:text-is('{name}') + dd")


def length(text: str) -> float:
    return float(text.removesuffix(" ms").replace(",", ""))
