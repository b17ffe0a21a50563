"""After a deploy every tab loads its page again in the same moment, and enters its room."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path

import uvloop

from ..kit.chat_client import CONNECTION_ERRORS, ChatClient
from ..kit.launcher import launch
from ..kit.node import Node
from .posters import ROOM, Posters, enter_room

TABS = 500
POSTERS = 5
RATE = 20
# Each after the other; the first fills the page as well.
QUIET_SECONDS = 10
PATIENCE_SECONDS = 60
FORK = multiprocessing.get_context("fork")
# For each tab: the status of its page, when it was there, and when the room was entered.
Results = SimpleQueue[list[tuple[int, float | None, float | None]]]


class ReloadingTab:
    """Loads its page, then enters the room. When each was done; None: not at all."""

    def __init__(self, node: Node, cookie: str) -> None:
        self._node = node
        self._cookie = cookie
        self.status = 0
        self.page_at: float | None = None
        self.entered_at: float | None = None
        self.client = ChatClient()

    async def reload(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                self.status = await self._load_page()
                self.page_at = time.monotonic()
                await self.client.connect(self._node, self._cookie, seconds=PATIENCE_SECONDS)
                await self.client.enter(ROOM, patience=PATIENCE_SECONDS)
                self.entered_at = time.monotonic()
        except CONNECTION_ERRORS:
            pass

    async def _load_page(self) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._node.port)
        writer.write(
            f"GET /rooms/{ROOM}/ HTTP/1.1\r\nHost: 127.0.0.1:{self._node.port}\r\n"
            f"Cookie: {self._cookie}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.read(-1)
        writer.close()
        return int(answer.split(b" ", 2)[1])


def reload_storm(folder: Path) -> Iterator[str]:
    """500 tabs load their page at once, on a node that has just begun; 20 messages a second."""
    with (
        launch(folder, members=TABS + POSTERS) as deployment,
        deployment.node() as node,
    ):
        # In a process of their own: here they would hold up those who measure the posts.
        begins, results = FORK.Event(), FORK.SimpleQueue()
        cookies = deployment.cookies
        tabs = FORK.Process(target=_open_tabs, args=(node, cookies[POSTERS:], begins, results))
        tabs.start()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            yield from runner.run(_reload(node, cookies[:POSTERS], begins, results))
        tabs.join()


def _open_tabs(node: Node, cookies: Sequence[str], begins: Event, results: Results) -> None:
    """In the other process: when it begins, load all; tell what came of each."""
    tabs = [ReloadingTab(node, cookie) for cookie in cookies]

    async def reload_all() -> None:
        await asyncio.gather(*(tab.reload() for tab in tabs))

    begins.wait()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(reload_all())
    results.put([(tab.status, tab.page_at, tab.entered_at) for tab in tabs])


async def _reload(node: Node, cookies: Sequence[str], begins: Event, results: Results) -> list[str]:
    posters = Posters([await enter_room(node, cookie) for cookie in cookies], RATE)
    async with posters.posting():
        await asyncio.sleep(QUIET_SECONDS)
        began, processor = time.monotonic(), node.processor_seconds()
        begins.set()
        tabs = await asyncio.to_thread(results.get)
        ended, processor = time.monotonic(), node.processor_seconds() - processor
    quiet = posters.took(began - QUIET_SECONDS, began)
    meanwhile = posters.took(began, ended)
    pages = sorted(page_at - began for status, page_at, _ in tabs if page_at and status == 200)
    entered = sorted(entered_at - began for *_, entered_at in tabs if entered_at)
    return [
        f"{len(pages)} of {TABS} pages: half after {_part(pages, 0.5):.2f} s, 95 % after "
        f"{_part(pages, 0.95):.2f} s, the last after {_part(pages, 1):.2f} s",
        f"{len(entered)} of {TABS} have entered: 95 % after {_part(entered, 0.95):.2f} s; "
        f"{1000 * processor / TABS:.1f} ms of processor time for each, talk included",
        f"posts quiet {_spread(quiet)}; meanwhile {_spread(meanwhile)}",
    ]


def _spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p50, p99 = (1000 * _part(ordered, part) for part in (0.5, 0.99))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms ({len(ordered)} posts)"


def _part(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")
