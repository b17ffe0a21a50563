"""Readers that stop reading."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from .measured_node import Node, place
from .node_load import run_load

STALLED = 500
OTHERS = 200
RATE = 100
# Less than the twenty after which they are cut off.
SECONDS = 15
RUNS = 3


def stalled(folder: Path) -> Iterator[str]:
    """500 stalled readers: what each of them costs, and what the others feel of it."""
    without, with_them, costs, kernels = [], [], [], []
    with place(folder, members=OTHERS + STALLED) as here, here.node() as node:
        run_load(here, node, sockets=OTHERS, rate=RATE, seconds=3)  # warm
        for _ in range(RUNS):
            said = run_load(here, node, sockets=OTHERS, rate=RATE, seconds=SECONDS)
            without.append(said.figures.delivery.percentile(99) / 1000)
            yield f"without: {said}"
            before = node.memory()
            with ExitStack() as stack:
                for cookie in here.cookies[OTHERS:]:
                    stack.callback(_reader(node, cookie).close)
                said = run_load(here, node, sockets=OTHERS, rate=RATE, seconds=SECONDS)
                costs.append((node.memory() - before) / STALLED / 1024)
                kernels.append(_unread(node.port) / STALLED / 1024)
            with_them.append(said.figures.delivery.percentile(99) / 1000)
            yield f"with {STALLED} stalled: {said}"
            time.sleep(2)
    yield (
        f"p99 without {min(without):.1f}–{max(without):.1f} ms, with them "
        f"{min(with_them):.1f}–{max(with_them):.1f} ms; each costs "
        f"{max(costs):.0f} KiB of the process and {max(kernels):.0f} KiB of the kernel"
    )


def _reader(node: Node, cookie: str) -> socket.socket:
    """One who enters the room and never reads again."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", node.port))
    reader.sendall(
        (
            "GET /ws/ HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Host: 127.0.0.1:{node.port}\r\nOrigin: {node.origin}\r\nCookie: {cookie}\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ).encode()
    )
    while b'"hello"' not in reader.recv(4096):
        pass
    enter = json.dumps({"type": "room.enter", "ref": "1", "room": "room-0", "since": None})
    # Masked with zeros, which leaves it as it is.
    reader.sendall(bytes((0x81, 0x80 | len(enter), 0, 0, 0, 0)) + enter.encode())
    return reader


def _unread(port: int) -> int:
    """What the kernel holds of all that was written from this port."""
    held = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, _, queues, *_ = line.split()
        if int(local.split(":")[1], 16) == port:
            held += int(queues.split(":")[0], 16)
    return held
