"""`make lab`: the bench, its page and a browser that shows it, until Ctrl+C."""

import asyncio
import os
import signal
import socket
import sys
import time
import webbrowser
from pathlib import Path

from ..bench.bench import open_bench
from ..kit.watchdog import temporary_folder
from ..labs.progress import Progress
from .laboratory import Laboratory, install
from .server import listening

PORT = 8100
# Of the rooms of node 1 and node 2.
FRONTS = 2


def run(port: int, *, open_browser: bool) -> None:
    """Replace this process by one with the settings of the lab's page (settings.py)."""
    options = [] if open_browser else ["--no-browser"]
    command = [sys.executable, "-m", "lab.web", "--port", str(port), *options]
    os.environ["DJANGO_SETTINGS_MODULE"] = "lab.web.web_settings"
    os.execv(sys.executable, command)  # noqa: S606


async def serve(port: int, *, open_browser: bool) -> None:
    """Return when it is told to stop, and nothing of it is left. OSError: a port is taken."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101
    _stop_by_signals(task)
    _require_free(port)
    begun = time.monotonic()
    print("Starting PostgreSQL, Redis and two nodes …", flush=True)
    try:
        with temporary_folder("chatroom-lab-") as own:
            await _serve_in(Path(own), port, open_browser, begun)
    except asyncio.CancelledError:
        print("\nThe lab is closed. Nothing of it is left running.", flush=True)


async def _serve_in(folder: Path, port: int, open_browser: bool, begun: float) -> None:
    # The views are loaded with it, and they need the settings.
    from django.core.asgi import get_asgi_application

    origins = f"http://localhost:{port} http://127.0.0.1:{port}"
    fronts = range(port + 1, port + 1 + FRONTS)
    async with open_bench(folder, fronts=fronts, lab_origin=origins) as bench:
        laboratory = Laboratory(bench, port, Progress())
        install(laboratory)
        try:
            await laboratory.open()
            async with listening(get_asgi_application(), port):
                address = f"http://localhost:{port}"
                seconds = time.monotonic() - begun
                print(f"The lab is open after {seconds:.0f} s: {address}", flush=True)
                print("Ctrl+C closes it, and leaves nothing behind.", flush=True)
                if open_browser and _has_screen():
                    await asyncio.to_thread(webbrowser.open, address)
                await asyncio.Event().wait()
        finally:
            await laboratory.close()


def _stop_by_signals(task: "asyncio.Task[None]") -> None:
    """The first signal ends it in order; more of them do not disturb that."""
    stopping: list[int] = []

    def stop() -> None:
        if not stopping:
            stopping.append(1)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # What is ignored already, as by nohup, stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, stop)


def _has_screen() -> bool:
    """Elsewhere a browser of the terminal would take the place of what we say."""
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _require_free(port: int) -> None:
    for number in range(port, port + 1 + FRONTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError as error:
                raise OSError(
                    f"Port {number} is taken. Is the lab open already? "
                    f"make lab PORT={port + 100} takes others."
                ) from error
