"""The process of the lab: `python -m lab.web`, which `manage.py lab serve` starts."""

import asyncio
import os
import signal
import sys
from argparse import ArgumentParser

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lab.web.web_settings")
# Until the lab starts something, Ctrl+C just ends this process, without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import django  # noqa: E402

django.setup(set_prefix=False)

from lab.kit.servers import NoServerError  # noqa: E402
from lab.web.serve import PORT, serve  # noqa: E402


def main() -> None:
    parser = ArgumentParser(description="Serve the lab's page, on this machine only.")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--no-browser", action="store_true", help="Open no browser.")
    options = parser.parse_args()
    try:
        asyncio.run(serve(options.port, open_browser=not options.no_browser))
    except (NoServerError, OSError) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
