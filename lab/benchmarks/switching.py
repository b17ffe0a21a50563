"""From room to room in one page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from playwright.sync_api import CDPSession, Page

from ..kit.launcher import launch
from .page import spread, visitor_of
from .seed import seed

ROOMS = 20
MESSAGES = 1_000
# After the rooms have been opened once.
ROUNDS = 3
SWITCHES = 500


def switching(folder: Path) -> Iterator[str]:
    """Twenty rooms of 1,000 messages: opened, shown again, and whether memory stays flat."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with (
        launch(folder, members=2, rooms=ROOMS, durable=False) as deployment,
        deployment.node() as node,
    ):
        seed(deployment, *[MESSAGES] * ROOMS)
        keys = [f"room-{number}" for number in range(ROOMS)]
        with visitor_of(node, deployment.cookies[0]) as visitor:
            asked: list[str] = []
            visitor.goto(f"{node.origin}/rooms/{keys[-1]}/")
            visitor.evaluate("stopwatch.live")
            visitor.on("request", lambda request: asked.append(request.url))
            visitor.on("websocket", lambda socket: asked.append(socket.url))
            opened = [_switch(visitor, key) for key in keys[:-1]]
            yield f"a room that is not held: {spread(opened)} ms (of {len(opened)})"
            held = [_switch(visitor, key) for _ in range(ROUNDS) for key in keys]
            yield f"a room that is held: {spread(held)} ms (of {len(held)})"
            yield from _memory(visitor, keys)
            pages = [url for url in asked if "/static/" not in url]
            yield f"asked for meanwhile: {len(pages)} pages or sockets{pages and f' ({pages})'}"


def _switch(visitor: Page, key: str) -> float:
    milliseconds: float = visitor.evaluate(f"stopwatch.switchTo('{key}')")
    return milliseconds


def _memory(visitor: Page, keys: list[str]) -> Iterator[str]:
    """What the page holds before and after many switches, with nothing left to collect."""
    inside = visitor.context.new_cdp_session(visitor)
    inside.send("Performance.enable")
    before, began = _held(inside), _processor_seconds(visitor)
    for number in range(SWITCHES):
        _switch(visitor, keys[number % len(keys)])
    used = _processor_seconds(visitor) - began
    for what, figures in (
        ("before", before),
        (f"after {SWITCHES} more switches", _held(inside)),
    ):
        yield (
            f"{what}: {figures['JSHeapUsedSize'] / 2**20:.1f} MiB of heap, "
            f"{figures['Nodes']:.0f} nodes, {figures['JSEventListeners']:.0f} listeners"
        )
    yield f"the page's process needs {used * 1000 / SWITCHES:.0f} ms of CPU for each switch"


def _processor_seconds(visitor: Page) -> float:
    """Of all pages of this browser: there is one."""
    if visitor.context.browser is None:
        raise CommandError("The browser is gone.")
    browser = visitor.context.browser.new_browser_cdp_session()
    processes: list[dict[str, Any]] = browser.send("SystemInfo.getProcessInfo")["processInfo"]
    browser.detach()
    return sum(float(one["cpuTime"]) for one in processes if one["type"] == "renderer")


def _held(inside: CDPSession) -> dict[str, float]:
    for _ in range(3):
        inside.send("HeapProfiler.collectGarbage")
    answer: dict[str, Any] = inside.send("Performance.getMetrics")
    figures = {one["name"]: one["value"] for one in answer["metrics"]}
    if not figures:
        raise CommandError("The browser does not tell what it holds.")
    return figures
