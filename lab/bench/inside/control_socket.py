"""The node's end of the bench's control: a socket in the bench's folder, a JSON object a line.

The bench asks `{"id", "do": "status" | "switch", …}` and gets `{"id", …}`; unasked it is told the
stages of messages (recorder.py).
"""

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any

from chat.metrics import counters
from chat.realtime import node
from chat.realtime.node import Node

from . import mechanisms, recorder
from .replacing import wrap

# What a bench that does not read may leave unread before it is told no more.
UNREAD_MAX_BYTES = 1 << 20

_listening: set[asyncio.StreamWriter] = set()


def install(path: str) -> None:
    """Listen there as soon as the node of this process starts."""
    for name in filter(None, os.environ.get("LAB_SWITCHED_OFF", "").split(",")):
        _switch(name, False, int(os.environ.get("LAB_GENERATION", "0")))

    def listening(start: Callable[..., Any]) -> Callable[..., Any]:
        def start_and_listen(self: Node) -> None:
            start(self)
            if os.path.exists(path):
                os.unlink(path)
            self.scheduler.run(_listen(path))

        return start_and_listen

    wrap(Node, "start", listening)
    recorder.install(_tell)


async def _listen(path: str) -> None:
    server = await asyncio.start_unix_server(_serve, path)
    async with server:
        await server.serve_forever()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    _listening.add(writer)
    try:
        while line := await reader.readline():
            asked = json.loads(line)
            try:
                answer = _do(asked)
            except Exception as error:
                answer = {"error": repr(error)}
            writer.write(json.dumps({"id": asked["id"]} | answer).encode() + b"\n")
    except (OSError, asyncio.CancelledError):
        pass
    finally:
        _listening.discard(writer)
        writer.close()


def _tell(told: dict[str, Any]) -> None:
    if not _listening:
        return
    line = json.dumps(told).encode() + b"\n"
    for writer in list(_listening):
        if writer.transport.get_write_buffer_size() < UNREAD_MAX_BYTES:
            writer.write(line)


def _do(asked: dict[str, Any]) -> dict[str, Any]:
    match asked["do"]:
        case "status":
            return _status()
        case "switch":
            _switch(asked["name"], asked["on"], asked["generation"])
            return {}
    raise LookupError(f"a node does not know how to {asked['do']}")


def _switch(name: str, on: bool, generation: int) -> None:
    # `fsync` is PostgreSQL's.
    if name != "fsync":
        mechanisms.switch(name, on, generation)


def _status() -> dict[str, Any]:
    live = node.current()
    sockets = [connection.socket for connection in live.registry.connections]
    return {
        "heads": {stream.room.key: stream.head for stream in live.hub.rooms.values()},
        "lag": live.hub.lag(),
        "degraded": live.hub.degraded,
        "connections": len(sockets),
        "unwritable": sum(not socket.writable for socket in sockets),
        "unsent_bytes": sum(map(_unsent, sockets)),
        "closed_as_slow": counters.slow_cutoffs,
        "peers": len(live.bus._others),
        "ready": not live.readiness.objection and live.loop_connections.are_open,
        "draining": live.readiness.draining,
        "bus_silence_s": live.hub.monitor.silence(),
    }


def _unsent(socket: Any) -> int:
    """Bytes that wait in this process for a socket that does not take them."""
    transport = getattr(socket, "_transport", None)
    if transport is None:
        return 0
    waiting = sum(map(len, getattr(transport, "_tempDataBuffer", ())))
    return (
        waiting + len(getattr(transport, "dataBuffer", b"")) - int(getattr(transport, "offset", 0))
    )
