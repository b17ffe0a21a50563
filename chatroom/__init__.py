"""The project: configuration only."""

import asyncio

VERSION = "0.2.0"

try:
    import uvloop
except ImportError:  # there is none for Windows
    pass
else:
    # Here, before any app is loaded: Daphne makes the event loop when it is imported.
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
