"""The drain: how a node ends. It lets nobody in, answers what was begun, and closes each socket."""

import asyncio
import logging
import random
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from chat import protocol
from chat.realtime import node
from chatroom.server.http import ChatChannel
from chatroom.server.requests import Requests

logger = logging.getLogger(__name__)

# At least so many sockets are told to go in a second, all of them within the time given, and asked
# to spread their return over some more.
DRAIN_PER_SECOND = 300
DRAIN_LEAVING_SECONDS = 20
DRAIN_RETRY_MS = 15_000
DRAIN_SECONDS = 40
# Requests that were taken in are answered within this time; what waits longer gets a 503.
ANSWER_SECONDS = 8


async def drain(ports: Iterable[Any], requests: Requests | None) -> None:
    """Close these ports, let every connection go, finish what was begun: all in DRAIN_SECONDS.

    Before that, balancers get DRAIN_NOTICE_SECONDS to see that `/readyz` says no.
    """
    node.current().readiness.draining = True
    await asyncio.sleep(settings.DRAIN_NOTICE_SECONDS)
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            for port in ports:
                port.stopListening()
            ChatChannel.close_idle()
            await asyncio.gather(_let_everyone_go(), _answer_requests(requests))
            await node.stop_current()
    except Exception:
        logger.exception("The drain was cut short")


async def _answer_requests(requests: Requests | None) -> None:
    if requests is not None:
        await requests.finish(ANSWER_SECONDS)


async def _let_everyone_go() -> None:
    leaving = list(node.current().registry.connections)
    at_once = max(DRAIN_PER_SECOND, len(leaving) // DRAIN_LEAVING_SECONDS) // 10
    for count, connection in enumerate(leaving, 1):
        retry_ms = random.randrange(min(DRAIN_RETRY_MS, 500 + 5 * len(leaving)))  # noqa: S311
        connection.send_bye(protocol.CLOSE_DRAINING, gettext("This node is restarting."), retry_ms)
        if count % at_once == 0:
            await asyncio.sleep(0.1)
    # What was sent before the bye is committed and answered; then the close frames go out.
    await node.current().writer.finish()
    for connection in leaving:
        connection.close_socket(protocol.CLOSE_DRAINING)
    await asyncio.sleep(0.2)
