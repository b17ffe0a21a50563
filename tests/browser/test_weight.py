"""What the first visit costs."""

import gzip

import pytest
from playwright.sync_api import Browser, Response

from tests.clients import Node

pytestmark = pytest.mark.browser

MOST = 150 * 1024


def test_the_first_load_is_light_and_comes_from_one_host(browser: Browser, node: Node) -> None:
    door = browser.new_context()
    page = door.new_page()
    page.goto(node.origin)
    page.get_by_label("Your name").fill("Feather")
    page.keyboard.press("Enter")
    page.locator("[data-phase=live]").wait_for()
    # The same person in a browser that has never seen the page.
    context = browser.new_context(storage_state=door.storage_state())
    page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))

    page.goto(f"{node.origin}/rooms/lobby/")
    page.locator("[data-phase=live]").wait_for()
    page.wait_for_load_state("networkidle")

    total = sum(size(response) for response in responses)
    print(f"{len(responses)} answers, {total / 1024:.1f} KiB")
    assert len(responses) > 20
    assert total <= MOST
    assert {response.url.split("/")[2] for response in responses} == {node.origin.split("/")[2]}
    context.close()
    door.close()


def size(response: Response) -> int:
    """Bytes, headers too. Pages count as the proxy before us compresses them; files are already."""
    sizes = response.request.sizes()
    body = sizes["responseBodySize"]
    is_page = "text/html" in response.headers.get("content-type", "")
    if body and is_page and response.ok:
        body = min(body, len(gzip.compress(response.body(), 6)))
    return sizes["responseHeadersSize"] + body
