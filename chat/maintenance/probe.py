"""The canary: says something through the front door, and listens for it as a browser does.

It shares no code with the server's sockets, so that it fails where people do.
"""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

# Longer than this, and people have given up as well.
TIMEOUT_SECONDS = 10


class ProbeFailed(Exception):
    """It was not heard; says where it failed."""


@dataclass(frozen=True)
class ProbeResult:
    """How long each part took, in seconds: to be let in, to be durable, and to be on a screen."""

    entered: float
    accepted: float
    delivered: float


async def probe(site: str, cookie: str, room: str, *, door: str = "") -> ProbeResult:
    """Enter the room at this address, say something and hear it. Silenced if that fails.

    The `door` is the host to knock at where the site's name does not lead there from here.
    """
    address = urlsplit(site)
    secure = address.scheme == "https"
    knocking: dict[str, Any] = {"host": door} if door else {}
    began = time.perf_counter()
    try:
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            connect(
                f"{'wss' if secure else 'ws'}://{address.netloc}/ws/",
                origin=f"{address.scheme}://{address.netloc}",  # type: ignore[arg-type]
                additional_headers={"Cookie": cookie},
                proxy=None,
                **knocking,
            ) as socket,
        ):
            await _ask(socket, {"type": "room.enter", "ref": "in", "room": room, "since": None})
            await _hear(socket, "room.entered")
            entered = time.perf_counter()
            key = str(uuid.uuid4())
            body = f"canary {time.time():.3f}"
            await _ask(
                socket,
                {
                    "type": "message.send",
                    "ref": "say",
                    "room": room,
                    "client_id": key,
                    "body": body,
                },
            )
            accepted, delivered = await _hear_both(socket, key)
            return ProbeResult(entered - began, accepted - entered, delivered - entered)
    except TimeoutError:
        raise ProbeFailed(f"Nothing was heard for {TIMEOUT_SECONDS} s.") from None
    except (OSError, WebSocketException) as error:
        raise ProbeFailed(f"The socket failed: {error}") from error


async def _ask(socket: ClientConnection, command: dict[str, Any]) -> None:
    await socket.send(json.dumps(command))


async def _hear(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        event: dict[str, Any] = json.loads(await socket.recv())
        if event["type"] in ("command.rejected", "bye"):
            why = event.get("detail") or event.get("reason") or event.get("code")
            raise ProbeFailed(f"The server refused it: {why}")
        if event["type"] == kind or (kind == "" and event["type"] != "hello"):
            return event


async def _hear_both(socket: ClientConnection, key: str) -> tuple[float, float]:
    """When the message was accepted, and when it was delivered; in whatever order they come."""
    accepted = delivered = 0.0
    while not (accepted and delivered):
        event = await _hear(socket, "")
        if event["type"] == "message.accepted" and event["client_id"] == key:
            accepted = time.perf_counter()
        elif event["type"] == "room.changes" and key in [
            message["client_id"] for message in event["messages"]
        ]:
            delivered = time.perf_counter()
    return accepted, delivered
