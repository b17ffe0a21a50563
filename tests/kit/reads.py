"""Database work of tests that run on an event loop."""

import asyncio
from collections.abc import Callable
from typing import Any

from django.db import connection


async def in_thread(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Do this in a thread, which gives its connection back: the pool of the tests has few."""

    def run() -> Any:
        try:
            return function(*arguments, **named)
        finally:
            connection.close()

    return await asyncio.to_thread(run)
