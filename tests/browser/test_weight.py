"""What the first visit costs."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.clients import Node

pytestmark = pytest.mark.browser

MOST = 150 * 1024


def test_the_first_load_is_light_and_comes_from_one_host(browser: Browser, node: Node) -> None:
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: dict[str, int] = {}
    addresses: dict[str, str] = {}
    session.on("Network.requestWillBeSent", lambda event: note(addresses, event))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )

    page.goto(node.origin)
    page.get_by_label("Your name").fill("Feather")
    page.keyboard.press("Enter")
    page.locator("[data-phase=live]").wait_for()
    page.wait_for_load_state("networkidle")

    total = sum(sizes.values())
    print(f"{len(sizes)} answers, {total / 1024:.1f} KiB")
    assert len(sizes) > 20
    assert total <= MOST
    assert {address.split("/")[2] for address in addresses.values()} == {node.origin.split("/")[2]}
    context.close()


def note(addresses: dict[str, str], event: dict[str, Any]) -> None:
    if not event["request"]["url"].startswith("data:"):
        addresses[event["requestId"]] = event["request"]["url"]
