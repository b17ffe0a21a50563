"""The project: settings, URLs, logging, and Daphne as we run it (server/)."""

import asyncio

VERSION = "0.2.0"

try:
    import uvloop
except ImportError:  # there is none for Windows
    pass
else:
    # Before any app is loaded, because Daphne makes the event loop when it is imported.
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
