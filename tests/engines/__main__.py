"""Walks two people through the room in Firefox and in WebKit: `make engines`.

Needs Node, and Debian's firefox-esr, webkit2gtk-driver and xvfb. What the machine lacks is named,
and the run fails: an engine that was left out was not tried.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import clients, servers

HERE = Path(__file__).parent
MINI_BROWSERS = "usr/lib/*/webkit2gtk-4.*/MiniBrowser"
ROOMS = """
from chat.models import Room
from chat.moderation.room_rules import open_room
Room.objects.exclude(key="lobby").delete()
open_room(key="garden", name="Garden")
"""


def main() -> int:
    if not (HERE / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--loglevel=error"], cwd=HERE, check=True)
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, env=os.environ | servers.ENVIRONMENT, check=True)
    walks = {"firefox": _in_firefox, "webkit": _in_webkit}
    failed = [name for name, walk in walks.items() if not walk()]
    print(f"failed or left out: {', '.join(failed)}" if failed else "Both engines walked through.")
    return 1 if failed else 0


def _in_firefox() -> bool:
    binary = shutil.which("firefox-esr") or shutil.which("firefox")
    if not binary:
        print("Firefox was left out: apt install firefox-esr")
        return False
    return _walk("firefox", binary)


def _in_webkit() -> bool:
    binary = next(map(str, Path("/").glob(MINI_BROWSERS)), None)
    if not (binary and shutil.which("WebKitWebDriver") and shutil.which("xvfb-run")):
        print("WebKit was left out: apt install webkit2gtk-driver xvfb")
        return False
    # One of them drives one browser only.
    with _webkit_driver() as ada, _webkit_driver() as ben:
        return _walk("webkit", binary, WEBKIT_DRIVERS=f"{ada} {ben}")


@contextmanager
def _webkit_driver() -> Iterator[str]:
    port = servers.free_port()
    command = ["xvfb-run", "--auto-servernum", "WebKitWebDriver", f"--port={port}"]
    driver = subprocess.Popen(command, start_new_session=True)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/status")
        yield address
    finally:
        os.killpg(driver.pid, 15)
        driver.wait()


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(address).close()  # noqa: S310 - our own address
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


def _walk(engine: str, binary: str, **environment: str) -> bool:
    port = servers.free_port()
    origin = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        place = stack.enter_context(clients.deployment())
        node = stack.enter_context(place.node(RATE_LIMITS="off", SITE_ORIGINS=origin))
        node.manage("shell", "-v0", "-c", ROOMS)
        told = environment | {
            "ENGINE": engine,
            "BINARY": binary,
            "NODE_PORT": str(node.port),
            "PROXY_PORT": str(port),
        }
        print(f"\n=== {engine}", flush=True)
        walk = ["node", "--test", str(HERE / "walk.test.js")]
        return subprocess.run(walk, env=os.environ | told, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
