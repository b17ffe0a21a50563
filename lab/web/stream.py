"""What happens, as it happens: server-sent events."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from .laboratory import laboratory

STATE_SECONDS = 0.5
# Events that come closer together than this are told together.
BUNDLED_SECONDS = 0.05
# A page that is opened begins with so many events of before.
EARLIER_EVENTS = 300


@require_GET
async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """`state` twice a second, `events` when there are some."""
    return StreamingHttpResponse(_watched(), content_type="text/event-stream")


async def _watched() -> AsyncIterator[bytes]:
    laboratory().watchers += 1
    try:
        async for frame in _told():
            yield frame
    finally:
        laboratory().watchers -= 1


async def _told() -> AsyncIterator[bytes]:
    events, clock = laboratory().bench.events, asyncio.get_running_loop().time
    last, due = max(0, events.last - EARLIER_EVENTS), 0.0
    while True:
        if clock() >= due:
            due = clock() + STATE_SECONDS
            yield _frame("state", await laboratory().state())
        try:
            async with asyncio.timeout_at(due):
                new = await events.wait(last)
                await asyncio.sleep(BUNDLED_SECONDS)
        except TimeoutError:
            new = events.since(last)
        else:
            new = events.since(last)
        if new:
            last = new[-1].n
            yield _frame("events", new)


def _frame(name: str, value: object) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(value))
