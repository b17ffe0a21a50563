"""What the first visit costs."""

import gzip
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Response

from tests.clients import Node

pytestmark = pytest.mark.browser

MOST = 150 * 1024
# Each module and each sheet by itself, as they are developed: they are compressed one by one.
MOST_IN_PARTS = 352 * 1024


@dataclass(frozen=True)
class Visit:
    """What a browser fetched until the room was live. `names`: of the static files."""

    files: int
    size: int
    names: list[str]
    hosts: set[str]


def test_the_first_load_is_light_and_comes_from_one_host(
    browser: Browser, node_of_files: Node
) -> None:
    visit = first_visit(browser, node_of_files)

    # Without a bundle: each module and each sheet by itself.
    assert visit.files > 20
    assert visit.size <= MOST_IN_PARTS
    assert visit.hosts == {node_of_files.origin.split("/")[2]}


def first_visit(browser: Browser, node: Node) -> Visit:
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
    addresses = [urlsplit(response.url) for response in responses]
    total = sum(size(response) for response in responses)
    print(f"{len(responses)} answers, {total / 1024:.1f} KiB")
    context.close()
    door.close()
    return Visit(
        files=len(responses),
        size=total,
        names=[url.path.removeprefix("/static/") for url in addresses if "static" in url.path],
        hosts={url.netloc for url in addresses},
    )


def size(response: Response) -> int:
    """Bytes, headers too. Pages count as the proxy before us compresses them; files are already."""
    sizes = response.request.sizes()
    body = sizes["responseBodySize"]
    is_page = "text/html" in response.headers.get("content-type", "")
    if body and is_page and response.ok:
        body = min(body, len(gzip.compress(response.body(), 6)))
    return sizes["responseHeadersSize"] + body
