"""The lab's page: what is seen, what can be done by hand, and for whom."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.test_accessibility import violations

from .conftest import Look, open_lab

pytestmark = pytest.mark.browser


def room_of(page: Page, name: str) -> FrameLocator:
    room = page.frame_locator(f'iframe[title^="{name}’s room"]')
    expect(room.locator("#connection-state")).to_have_attribute("data-phase", "live")
    return room


def say(page: Page, name: str, text: str) -> None:
    composer = room_of(page, name).get_by_role("textbox", name="Message to")
    composer.fill(text)
    composer.press("Enter")


def test_ada_and_bob_are_two_people_in_one_browser(look: Look) -> None:
    page = look()

    say(page, "Ada", "Are you there?")
    expect(room_of(page, "Bob").get_by_text("Are you there?")).to_be_visible()
    say(page, "Bob", "I am.")

    message = room_of(page, "Ada").locator("li.message", has_text="I am.")
    expect(message).to_contain_text("Bob")


def test_a_message_is_seen_in_the_timeline_and_traced_from_there(look: Look) -> None:
    page = look()
    say(page, "Ada", "Trace me")
    expect(room_of(page, "Bob").get_by_text("Trace me")).to_be_visible()

    page.get_by_role("button", name="List").click()
    page.locator(".timeline-list button").first.click()

    trace = page.get_by_role("dialog")
    expect(trace.get_by_role("heading")).to_have_text(re.compile(r"^Message \d+, hop by hop$"))
    expect(trace.get_by_role("rowheader").first).to_be_visible()
    expect(trace.locator(".trace-clocks")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(trace).to_be_hidden()


def test_the_last_message_is_zoomed_to(look: Look) -> None:
    page = look()
    say(page, "Ada", "Zoom to me")
    expect(room_of(page, "Bob").get_by_text("Zoom to me")).to_be_visible()

    page.get_by_role("button", name="Last message", exact=True).click()

    expect(page.get_by_role("button", name="Go live", exact=True)).to_be_visible()
    expect(page.locator(".timeline-event.can-trace")).not_to_have_count(0)
    page.locator(".timeline-event.can-trace .timeline-reach").first.click(force=True)
    expect(page.get_by_role("dialog")).to_be_visible()


def test_what_is_broken_by_hand_is_seen_and_healed(look: Look) -> None:
    page = look()
    bob = room_of(page, "Bob")
    page.locator("lab-topology").get_by_role("button", name=re.compile(r"^Bob – node 2")).click()

    page.get_by_role("group", name="Bob – node 2").get_by_role(
        "button", name="Cut", exact=True
    ).click()

    edge = page.locator("lab-topology").get_by_role("button", name="Bob – node 2: cut")
    expect(edge).to_be_visible()
    expect(bob.locator("#connection-state")).not_to_have_attribute("data-phase", "live")
    page.get_by_role("button", name="Heal all").click()
    expect(edge).to_have_count(0)
    # An attempt that was made while it was cut ends first, and the next one waits its turn.
    expect(bob.locator("#connection-state")).to_have_attribute("data-phase", "live", timeout=60_000)


def test_a_guarantee_is_switched_off_and_on(look: Look) -> None:
    page = look()
    switch = page.get_by_role("switch", name="Look at heads")
    expect(switch).to_be_checked()

    switch.click()
    expect(switch).not_to_be_checked()
    page.get_by_role("button", name="Heal all").click()
    expect(switch).to_be_checked()


def test_others_talk_as_much_as_the_slider_says(look: Look) -> None:
    page = look()
    slider = page.get_by_role("slider", name="Load")

    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("lab-load output")).to_have_text("5 people · 1 message a second")
    expect(room_of(page, "Ada").locator("li.message", has_text="measured")).not_to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("lab-load output")).to_have_text("Only Ada and Bob")


def test_it_is_used_by_keyboard_alone(look: Look) -> None:
    page = look()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the lab’s steps")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("lab-guide input").first).to_be_focused()
    node = page.locator("lab-topology").get_by_role("button", name=re.compile(r"^node 1:"))
    node.focus()
    page.keyboard.press("Enter")
    expect(node).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("group", name="node 1")).to_be_visible()
    page.locator(".timeline-picture").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Go live", exact=True)).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_on_a_narrow_screen_columns_are_tabs(look: Look) -> None:
    page = look(390, 844)
    tabs = page.get_by_role("tab")

    expect(page.locator("lab-guide")).to_be_visible()
    expect(page.locator("lab-topology")).to_be_hidden()
    tabs.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("lab-topology")).to_be_visible()
    expect(page.locator("lab-guide")).to_be_hidden()
    tabs.nth(2).click()
    expect(page.locator("lab-desk")).to_be_visible()
    # Large enough for a finger.
    heights = page.locator(".desk-targets button, .desk-acts button").evaluate_all(
        "parts => parts.map((part) => part.getBoundingClientRect().height)"
    )
    assert len(heights) > 8
    assert min(heights) >= 40


@pytest.mark.parametrize("width", [320, 390, 1023, 1024, 1280])
def test_nothing_is_wider_than_the_screen(look: Look, width: int) -> None:
    page = look(width, 800)
    for column in range(3 if width < 1024 else 1):
        if width < 1024:
            page.get_by_role("tab").nth(column).click()

        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(look: Look, width: int, theme: str) -> None:
    page = look(width, 844, color_scheme=theme)
    page.locator("lab-topology text").first.wait_for(state="attached")

    for column in range(3 if width < 1024 else 1):
        if width < 1024:
            page.get_by_role("tab").nth(column).click()
        assert violations(page) == []
    page.get_by_role("button", name="All labs").click()
    assert violations(page) == []


def test_nothing_moves_for_those_who_want_that(look: Look) -> None:
    page = look(reduced_motion="reduce")
    page.evaluate(
        """() => {
            window.moved = 0;
            new MutationObserver((changes) => {
              window.moved += changes.flatMap((change) => [...change.addedNodes]).length;
            }).observe(document.querySelector(".topology-dots"), { childList: true });
        }"""
    )

    say(page, "Ada", "Still")
    expect(room_of(page, "Bob").get_by_text("Still")).to_be_visible()
    page.get_by_role("button", name="List").click()
    expect(page.locator(".timeline-list button").first).to_be_visible()

    assert page.evaluate("window.moved") == 0


def test_the_timeline_is_exported(look: Look) -> None:
    page = look()
    page.get_by_role("button", name="List").click()
    expect(page.locator(".timeline-list button").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()

    events = json.loads(download.value.path().read_text())
    assert [event["n"] for event in events] == sorted(event["n"] for event in events)
    assert events


@pytest.mark.slow
def test_a_lab_that_is_closed_is_missed_and_one_that_is_opened_again_is_shown(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page()
    with open_lab(tmp_path) as lab:
        page.goto(lab.origin)
        expect(page.locator("html")).to_have_class(re.compile("started"))
        port = lab.port
    expect(page.get_by_text("The lab does not answer. Is make lab still running?")).to_be_visible()

    with open_lab(tmp_path, port=port):
        expect(page.locator("body")).not_to_have_class(re.compile("is-lost"), timeout=60_000)
        page.locator("lab-guide").get_by_role("radio").first.check()
        expect(page.locator("lab-guide").get_by_role("radio").first).to_be_checked()
        expect(page.locator("lab-guide .guide-steps")).to_be_visible()
    page.context.close()
