"""The canary's probe: posts a message through the public address and waits for it, like a browser.

It shares no code with the server's sockets, so that it fails where browsers fail.
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

# By then people have given up too.
TIMEOUT_SECONDS = 10


class ProbeFailed(Exception):
    """The message did not arrive; says why."""


@dataclass(frozen=True)
class ProbeResult:
    """Seconds until the room was entered; from then on, until the post was accepted, delivered."""

    entered: float
    accepted: float
    delivered: float


async def probe(site: str, cookie: str, room: str, *, door: str = "") -> ProbeResult:
    """Enter the room, post a message and wait for it. ProbeFailed if that does not work.

    `door`: the host to connect to, if the name of the site does not lead there from here.
    """
    address = urlsplit(site)
    secure = address.scheme == "https"
    host: dict[str, Any] = {"host": door} if door else {}
    began = time.perf_counter()
    try:
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            connect(
                f"{'wss' if secure else 'ws'}://{address.netloc}/ws/",
                origin=f"{address.scheme}://{address.netloc}",  # type: ignore[arg-type]
                additional_headers={"Cookie": cookie},
                proxy=None,
                **host,
            ) as socket,
        ):
            await _send(socket, {"type": "room.enter", "ref": "in", "room": room, "since": None})
            await _receive(socket, "room.entered")
            entered = time.perf_counter()
            key = str(uuid.uuid4())
            body = f"canary {time.time():.3f}"
            await _send(
                socket,
                {
                    "type": "message.send",
                    "ref": "say",
                    "room": room,
                    "client_id": key,
                    "body": body,
                },
            )
            accepted, delivered = await _receive_both(socket, key)
            return ProbeResult(entered - began, accepted - entered, delivered - entered)
    except TimeoutError:
        raise ProbeFailed(f"No answer within {TIMEOUT_SECONDS} s.") from None
    except (OSError, WebSocketException) as error:
        raise ProbeFailed(f"The socket failed: {error}") from error


async def _send(socket: ClientConnection, command: dict[str, Any]) -> None:
    await socket.send(json.dumps(command))


async def _receive(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next event of this kind; with an empty kind, the next one after the hello."""
    while True:
        event: dict[str, Any] = json.loads(await socket.recv())
        if event["type"] in ("command.rejected", "bye"):
            why = event.get("detail") or event.get("reason") or event.get("code")
            raise ProbeFailed(f"The server refused it: {why}")
        if event["type"] == kind or (kind == "" and event["type"] != "hello"):
            return event


async def _receive_both(socket: ClientConnection, key: str) -> tuple[float, float]:
    """When the message was accepted, and when it was delivered; they come in any order."""
    accepted = delivered = 0.0
    while not (accepted and delivered):
        event = await _receive(socket, "")
        if event["type"] == "message.accepted" and event["client_id"] == key:
            accepted = time.perf_counter()
        elif event["type"] == "room.changes" and key in [
            message["client_id"] for message in event["messages"]
        ]:
            delivered = time.perf_counter()
    return accepted, delivered
