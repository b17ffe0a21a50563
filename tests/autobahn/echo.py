"""Our Daphne with a consumer that says everything back: what a conformance suite needs to talk to.

    python -m tests.autobahn.echo PORT

The sockets, the fast path for whole text frames and the writing are those of the chatroom; only
what stands behind them, and the size that a message may have, differ.
"""

import sys
from typing import Any

import django

django.setup()

from daphne.server import reactor  # noqa: E402

from chat.realtime.rate_limits import Policy  # noqa: E402
from chat.realtime.sockets import EXTENSION, Frame  # noqa: E402
from chatroom.server.daphne_server import ChatServer  # noqa: E402
from chatroom.server.timers import use_monotonic_clock  # noqa: E402
from chatroom.server.websocket import ChatProtocol  # noqa: E402

# The suite sends up to this much in one message.
MESSAGE_MAX = 16 << 20


class EchoServer(ChatServer):
    def run(self) -> None:
        use_monotonic_clock(reactor)
        # Without the node, which would want a database.
        super(ChatServer, self).run()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        for limit in ("maxMessagePayloadSize", "maxFramePayloadSize"):
            setattr(ChatProtocol, limit, MESSAGE_MAX)
        # In fragments of 64 bytes, too.
        ChatProtocol.OTHER_FRAMES = Policy("frames", per_second=1e6, burst=1_000_000)

    def kill_all_applications(self) -> None:
        """Nobody waits for a good-bye."""


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    socket = scope["extensions"][EXTENSION]

    def say_back(text: str) -> None:
        socket.write(Frame.of(text.encode()))

    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
            socket.on_text = say_back
        elif message.get("text") is not None:
            say_back(message["text"])
        else:
            socket.write(binary(message["bytes"]))


def binary(payload: bytes) -> Frame:
    # Not through ASGI: Daphne would not send an empty one.
    return Frame((payload,), b"\x82" + Frame.of(payload).wire[1:])


if __name__ == "__main__":
    EchoServer(echo, endpoints=[f"tcp:{sys.argv[1]}:interface=127.0.0.1"]).run()
