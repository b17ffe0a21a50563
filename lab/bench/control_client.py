"""The bench's end of a node's control socket (inside/control_socket.py)."""

import asyncio
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

RETRY_SECONDS = 0.05
ANSWER_SECONDS = 2.0
LINE_MAX = 1 << 20


class NoAnswerError(Exception):
    """The node is down, frozen, or busy for too long."""


class Control:
    """Asks a node, for as long as there is one at this path; it comes back when the node does."""

    def __init__(self, path: Path, on_told: Callable[[dict[str, Any]], None]) -> None:
        self._path = path
        self._on_told = on_told
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ids = itertools.count(1)
        self._running = asyncio.ensure_future(self._run())

    @property
    def is_connected(self) -> bool:
        return self._writer is not None

    async def ask(self, do: str, *, seconds: float = ANSWER_SECONDS, **more: Any) -> dict[str, Any]:
        """The answer; NoAnswerError without one."""
        if self._writer is None:
            raise NoAnswerError(f"{self._path.stem} is not there")
        number = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            self._writer.write(json.dumps({"id": number, "do": do} | more).encode() + b"\n")
            async with asyncio.timeout(seconds):
                told = await answer
        except (TimeoutError, OSError) as error:
            raise NoAnswerError(f"{self._path.stem} does not answer") from error
        finally:
            self._answers.pop(number, None)
        if "error" in told:
            raise NoAnswerError(f"{self._path.stem}: {told['error']}")
        return told

    async def close(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self._path, limit=LINE_MAX)
            except OSError:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._writer = writer
            try:
                while line := await reader.readline():
                    self._take(json.loads(line))
            except (OSError, ValueError):
                pass
            finally:
                self._writer = None
                writer.close()
                for answer in self._answers.values():
                    if not answer.done():
                        answer.set_exception(ConnectionResetError())

    def _take(self, told: dict[str, Any]) -> None:
        answer = self._answers.get(told["id"]) if "id" in told else None
        if answer is not None and not answer.done():
            answer.set_result(told)
        elif "stage" in told:
            self._on_told(told)
