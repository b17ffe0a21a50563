"""Daphne as we run it: our sockets (chatroom/server/websocket.py), one node, and a drain."""

import asyncio
import gc
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from typing import Any

from daphne.server import Server, reactor, twisted_loop
from django.conf import settings
from twisted.internet import defer

from chat import protocol
from chat.realtime import node
from chat.realtime.sockets import EXTENSION
from chatroom.server import metrics_endpoint, static_files
from chatroom.server.drain import drain
from chatroom.server.http import ChatChannel
from chatroom.server.http_turns import HttpTurns
from chatroom.server.requests import Requests
from chatroom.server.timers import use_monotonic_clock
from chatroom.server.websocket import ChatProtocol, DaphneSocket

logger = logging.getLogger(__name__)

# A thread that still works so long after the drain is left behind.
EXIT_SECONDS = 4
# A burst of clients must not wait a second for its SYN to be sent again.
LISTEN_BACKLOG = 4096
# How long a thread that makes a page may keep the loop waiting. A message takes several turns.
TURN_SECONDS = 0.0002
# What is written and not yet sent: the kernel holds this much for a socket, and not megabytes. What
# waits beyond that waits in the log, which holds it once for all sockets. Nobody is slowed down:
# what is on its way to the client does not count.
UNSENT_MAX_BYTES = 64 * 1024


class ChatServer(Server):  # type: ignore[misc]
    """Daphne's server with our protocol, one node, and a drain."""

    def __init__(self, *args: Any, requests: Requests | None = None, **kwargs: Any) -> None:
        super().__init__(
            *args,
            # A client that answers late, even both pings, is cut off unless timeout < interval.
            ping_interval=25,
            ping_timeout=20,
            websocket_timeout=-1,
            websocket_handshake_timeout=10,
            websocket_max_message_size=protocol.SERVER_FRAME_MAX,
            websocket_max_frame_size=protocol.SERVER_FRAME_MAX,
            server_name="",
            **kwargs,
        )
        self._ports: list[Any] = []
        self._requests = requests

    def run(self) -> None:
        # On the loop itself: Twisted's own start-up calls run outside of it.
        use_monotonic_clock(reactor)
        ChatChannel.turns = HttpTurns(twisted_loop.call_soon)
        twisted_loop.call_soon(node.current)
        if settings.METRICS_PORT:
            metrics_endpoint.listen()
        super().run()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            # Sockets inherit it when they are accepted.
            option = socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT
            port.socket.setsockopt(*option, UNSENT_MAX_BYTES)
        # Server.run has made its factories by now, and takes no others.
        self.http_factory.protocol = ChatChannel
        # Twisted formats a line for each request, which nobody reads: the proxy has an access log.
        self.http_factory.log = lambda request: None
        self.ws_factory.protocol = ChatProtocol
        for option in ChatProtocol.OPTIONS:
            value = getattr(self.ws_factory, option)
            # Some are functions, which a class would turn into methods.
            setattr(ChatProtocol, option, staticmethod(value) if callable(value) else value)

    def create_application(self, connection: Any, scope: dict[str, Any]) -> Any:
        if isinstance(connection, ChatProtocol):
            connection.chat = DaphneSocket(connection)
            scope["extensions"] = {EXTENSION: connection.chat}
        return super().create_application(connection, scope)

    def kill_all_applications(self) -> Any:
        """Called by Daphne when the process is told to stop."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._end()))

    async def _end(self) -> None:
        await drain(self._ports, self._requests)
        for details in self.connections.values():
            # Missing if its consumer had ended already (Daphne raises a KeyError there).
            application = details.get("application_instance")
            if application is not None and not application.done():
                application.cancel()


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    interface = host.replace(":", r"\:")
    _serve(f"tcp:{port}:interface={interface}:backlog={LISTEN_BACKLOG}")


def serve_socket(fd: int) -> None:
    """The same on a listening socket that others listen on too (chatroom/server/workers.py)."""
    _serve(f"fd:fileno={fd}")


def _serve(endpoint: str) -> None:
    # The views are loaded with it, so after the application.
    from chat.web import room_page
    from chatroom.asgi import application, requests

    # Each socket is an open file, and shells allow few of them at first.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # What is here now stays; and a thousand new sockets are no garbage. Without this, collecting
    # takes a quarter of the time in which they connect.
    room_page.warm_up()
    static_files.collected()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(TURN_SECONDS)
    ChatServer(application, endpoints=[endpoint], requests=requests).run()
    # The interpreter restores default handlers while it exits: a second stop would kill it.
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, signal.SIG_IGN)
    _leave_in_time()


def _leave_in_time() -> None:
    """End the process even if a thread does not end: nobody waits for its result any more."""

    def leave() -> None:
        time.sleep(EXIT_SECONDS)
        logger.warning("A thread did not end; leaving without it")
        logging.shutdown()
        os._exit(0)

    threading.Thread(target=leave, daemon=True).start()
