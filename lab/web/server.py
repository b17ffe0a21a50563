"""Daphne in a loop that is running already, beside everything else of the lab."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from django.core.exceptions import RequestAborted
from twisted.internet import asyncioreactor

# What an answer may still take once the lab ends: it may be in the middle of starting a server.
STOP_SECONDS = 30


@asynccontextmanager
async def listening(application: Any, port: int) -> AsyncIterator[None]:
    """The application answers on this port of loopback until the block ends. OSError: taken."""
    # Daphne takes a reactor that is there already. Its own would run in a loop of its own.
    asyncioreactor.install(asyncio.get_running_loop())
    asyncio.get_running_loop().set_exception_handler(report)
    from daphne.server import Server

    class LabServer(Server):  # type: ignore[misc]
        """Sets up as Daphne does, and leaves running the loop to us."""

        failure: Any = None

        def __init__(self) -> None:
            endpoint = f"tcp:{port}:interface=127.0.0.1"
            super().__init__(application, endpoints=[endpoint], signal_handlers=False)
            self.abort_start = True
            self.ports: list[Any] = []

        def listen_success(self, port: Any) -> None:
            self.ports.append(port)

        def listen_error(self, failure: Any) -> None:
            self.failure = failure.value

    server = LabServer()
    server.run()
    if server.failure is not None:
        raise OSError(f"Port {port} is taken: {server.failure}")
    try:
        yield
    finally:
        for listener in server.ports:
            listener.stopListening()
        answers = [details.get("application_instance") for details in server.connections.values()]
        running = [answer for answer in answers if answer is not None and not answer.done()]
        for answer in running:
            answer.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)


def report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what no task takes, except that someone went before their answer.

    Django notices that in a task of its own, which nobody awaits if the answer ends first.
    """
    if not isinstance(context.get("exception"), RequestAborted):
        loop.default_exception_handler(context)
