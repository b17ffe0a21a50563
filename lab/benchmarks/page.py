"""The room page in a browser."""

import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from playwright.sync_api import Page, sync_playwright

from ..kit import browsers
from ..kit.launcher import LocalDeployment, launch
from ..kit.node import Node
from .node_load import run_load
from .seed import seed

SHORT = 100
LONG = 100_000
OPENINGS = 15
PAGES = 20
SENDERS = 10
RATE = 50
SECONDS = 20
KEY_INTERVAL_MS = 200
STOPWATCH = Path(__file__).with_suffix(".js")


def page(folder: Path) -> Iterator[str]:
    """The room page: opening 100 and 100,000 messages, 50 messages a second, scrolling back."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with (
        launch(folder, members=SENDERS + 1, rooms=2, durable=False) as deployment,
        deployment.node() as node,
    ):
        seed(deployment, SHORT, LONG)
        with visitor_of(node, deployment.cookies[SENDERS]) as visitor:
            yield from _opening(visitor, node)
            yield from _talking(visitor, deployment, node)
            _open(visitor, node, LONG)
            yield _scrolling(visitor)


def _opening(visitor: Page, node: Node) -> Iterator[str]:
    """By turns, so that other load on this machine affects both."""
    seen: dict[int, list[dict[str, float]]] = {SHORT: [], LONG: []}
    for size in seen:
        _open(visitor, node, size)  # warm
    for _ in range(OPENINGS):
        for size, times in seen.items():
            times.append(_open(visitor, node, size))
    for size, times in seen.items():
        message, live = ([time[what] for time in times] for what in ("message", "live"))
        yield (
            f"a room of {size:,} messages: the first on the screen after {spread(message)} ms, "
            f"live after {spread(live)} ms (of {OPENINGS} visits)"
        )


def _open(visitor: Page, node: Node, size: int) -> dict[str, float]:
    answer = visitor.goto(f"{node.origin}/rooms/room-{0 if size == SHORT else 1}/")
    if answer is None or not answer.ok:
        raise CommandError(f"The page could not be opened: {answer and answer.status_text}.")
    return {what: visitor.evaluate(f"stopwatch.{what}") for what in ("message", "live")}


def _scrolling(visitor: Page) -> str:
    done = visitor.evaluate(f"stopwatch.scrollBack({PAGES})")
    return (
        f"{PAGES} pages back, to message {done['oldest']:,}: each after "
        f"{spread(done['turns'])} ms, the reader moved by {done['moved']:g} pixels, "
        f"at most {done['most']} messages on the page"
    )


def _talking(visitor: Page, deployment: LocalDeployment, node: Node) -> Iterator[str]:
    """Messages come while the visitor is at the end and types."""
    visitor.get_by_role("textbox", name="Message to").focus()
    visitor.evaluate("stopwatch.watch()")
    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(
            run_load, deployment, node, sockets=SENDERS, rate=RATE, seconds=SECONDS, room="room-1"
        )
        while not said.done():
            visitor.keyboard.type("a")
            visitor.wait_for_timeout(KEY_INTERVAL_MS)
    frames = visitor.evaluate("stopwatch.frames")
    shown = visitor.locator("li.message").count()
    yield f"{RATE} messages/s for {SECONDS} s: {said.result()}"
    yield (
        f"work in a frame {_percentiles(frames['work'])}, "
        f"from frame to frame {_percentiles(frames['gaps'])}, "
        f"{len(frames['long'])} tasks longer than 50 ms{_longest(frames['long'])}; "
        f"from a key to its paint {_percentiles(frames['keys'])} "
        f"({len(frames['gaps'])} frames, {len(frames['keys'])} keys); {shown} messages on the page"
    )


@contextmanager
def visitor_of(node: Node, cookie: str) -> Iterator[Page]:
    """A browser with a member's cookie; it caches the files of the site."""
    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsers.system_chromium(), args=browsers.launch_args()
        )
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": node.origin}])
        context.add_init_script(path=STOPWATCH)
        yield context.new_page()
        browser.close()


def spread(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} ({min(times):.0f}–{max(times):.0f})"


def _percentiles(times: list[Any]) -> str:
    ranks = statistics.quantiles(times, n=100)
    return f"p50 {ranks[49]:.1f} ms, p95 {ranks[94]:.1f} ms"


def _longest(tasks: list[float]) -> str:
    return f" (longest {max(tasks):.0f} ms)" if tasks else ""
