"""Real pages on the bench: two people in one browser, in frames of the lab's page alone."""

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from lab.bench.bench import Bench, open_bench
from lab.bench.waiting import to_the_end

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.asyncio(loop_scope="module"),
]

LAB = "http://127.0.0.1:8100"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def framed() -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        async with open_bench(Path(folder), lab_origin=LAB) as bench:
            yield bench


async def get(url: str, cookie: str = "") -> tuple[Any, str]:
    """As a browser asks, which takes compressed pages too."""

    def ask() -> tuple[Any, str]:
        address = urlsplit(url)
        headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
        with closing(HTTPConnection("127.0.0.1", address.port or 80, timeout=10)) as asking:
            asking.request("GET", address.path, headers=headers)
            answer = asking.getresponse()
            return answer.headers, answer.read().decode()

    return await to_the_end(ask)


async def test_only_the_lab_may_frame_a_room(framed: Bench) -> None:
    headers, _ = await get(f"{framed.nodes[0].front_url}/rooms/{await framed.new_room()}/")

    assert f"frame-ancestors {LAB}" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers


async def test_a_page_tells_what_it_shows(framed: Bench) -> None:
    front = framed.nodes[0].front_url
    headers, page = await get(f"{front}/rooms/{await framed.new_room()}/")
    assert page.count('<script src="/lab-reporter.js" defer></script></body>') == 1
    assert int(headers["Content-Length"]) == len(page.encode())
    # What the page may run comes from the node itself.
    assert "script-src 'self'" in headers["Content-Security-Policy"]

    headers, script = await get(f"{front}/lab-reporter.js")
    assert headers["Content-Type"] == "text/javascript"
    assert f'"{LAB}".split' in script


async def test_one_browser_is_somebody_else_on_each_node(framed: Bench) -> None:
    room = await framed.new_room()
    ada, bob = [await framed._supplies.cookie(name) for name in ("Ada", "Bob")]
    first, second = framed.nodes
    both = f"{first.cookie(ada)}; {second.cookie(bob)}"

    async def me(node: int) -> str:
        _, page = await get(f"{framed.nodes[node].front_url}/rooms/{room}/", both)
        found = re.search(r"measured \d+", page)
        assert found, page
        return found[0]

    assert await me(0) != await me(1)
