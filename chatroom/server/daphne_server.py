"""Daphne as we run it: our sockets (chatroom/server/websocket.py), one node, and an orderly end."""

import asyncio
import gc
import logging
import os
import random
import resource
import socket
import threading
import time
from typing import Any

from daphne.server import Server, reactor, twisted_loop
from django.conf import settings
from twisted.internet import defer

from chat import protocol
from chat.realtime import node
from chat.realtime.sockets import EXTENSION
from chatroom.server import metrics_endpoint
from chatroom.server.http import ChatChannel
from chatroom.server.requests import Requests
from chatroom.server.timers import use_monotonic_clock
from chatroom.server.websocket import ChatProtocol, DaphneSocket

logger = logging.getLogger(__name__)

# While draining, at least so many sockets are told to go in a second, all of them within the time
# given, and asked to spread their return over some more.
DRAIN_PER_SECOND = 300
DRAIN_LEAVING_SECONDS = 20
DRAIN_RETRY_MS = 15_000
DRAIN_SECONDS = 40
# Requests that were taken in are answered within this time; what waits longer gets a 503.
ANSWER_SECONDS = 8
# A thread that works on for so long after that, or waits for something, is left behind.
EXIT_SECONDS = 4
# A burst of clients must not wait a second for its SYN to be sent again.
LISTEN_BACKLOG = 4096
# Written and not yet sent: the kernel holds this much for a socket and not the megabytes it likes.
# What waits beyond that waits in the log, where everyone's is the same. It slows no one down: what
# is on its way does not count.
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

    # --- The end ------------------------------------------------------------------------------

    def kill_all_applications(self) -> Any:
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        """Take no one in, let everyone go, finish what was begun; all within DRAIN_SECONDS.

        Before that, balancers get DRAIN_NOTICE_SECONDS to see that `/readyz` says no.
        """
        node.current().readiness.draining = True
        await asyncio.sleep(settings.DRAIN_NOTICE_SECONDS)
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                for port in self._ports:
                    port.stopListening()
                ChatChannel.close_idle()
                await asyncio.gather(self._let_everyone_go(), self._answer_requests())
                await node.stop_current()
        except Exception:
            logger.exception("The drain was cut short")
        for details in self.connections.values():
            # Missing if its consumer had ended already (Daphne raises a KeyError there).
            application = details.get("application_instance")
            if application is not None and not application.done():
                application.cancel()

    async def _answer_requests(self) -> None:
        if self._requests is not None:
            await self._requests.finish(ANSWER_SECONDS)

    async def _let_everyone_go(self) -> None:
        leaving = list(node.current().registry.connections)
        at_once = max(DRAIN_PER_SECOND, len(leaving) // DRAIN_LEAVING_SECONDS) // 10
        for count, connection in enumerate(leaving, 1):
            retry_ms = random.randrange(min(DRAIN_RETRY_MS, 500 + 5 * len(leaving)))  # noqa: S311
            connection.send_bye(protocol.CLOSE_DRAINING, "This node is restarting.", retry_ms)
            if count % at_once == 0:
                await asyncio.sleep(0.1)
        # What was sent before the bye is committed and answered; then the close frames go out.
        await node.current().writer.finish()
        for connection in leaving:
            connection.close_socket(protocol.CLOSE_DRAINING)
        await asyncio.sleep(0.2)


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    interface = host.replace(":", r"\:")
    _serve(f"tcp:{port}:interface={interface}:backlog={LISTEN_BACKLOG}")


def serve_socket(fd: int) -> None:
    """The same on a listening socket that others listen on too (chatroom/server/workers.py)."""
    _serve(f"fd:fileno={fd}")


def _serve(endpoint: str) -> None:
    from chatroom.asgi import application, requests

    # Each socket is an open file, and shells allow few of them at first.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # What is here now stays; and a thousand new sockets are no garbage. Without this, collecting
    # takes a quarter of the time in which they connect.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    ChatServer(application, endpoints=[endpoint], requests=requests).run()
    _leave_in_time()


def _leave_in_time() -> None:
    """End the process even if a thread does not: nobody waits for what it works on any more."""

    def leave() -> None:
        time.sleep(EXIT_SECONDS)
        logger.warning("A thread did not end; leaving without it")
        logging.shutdown()
        os._exit(0)

    threading.Thread(target=leave, daemon=True).start()
