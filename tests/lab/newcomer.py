"""Does what a newcomer does, and says how long it takes: `make newcomer`.

Clones the repository, installs and opens the lab by `make lab`, then does every lab by clicks, the
first one within ten minutes of the clone. Takes what is committed, and needs a package index.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from lab.kit import browsers
from lab.kit.node import ROOT
from lab.kit.watchdog import guard, release, temporary_folder
from lab.labs.registry import numbers

from .web.clicks import do_open_lab, go_on, settled

FIRST_LAB_SECONDS = 600
PAGE_MS = 60_000
# What a newcomer's shell does not have.
OURS = ("DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "VIRTUAL_ENV")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8600, help="Of the lab's page.")
    port = parser.parse_args().port
    began = time.monotonic()

    def say(what: str) -> float:
        seconds = time.monotonic() - began
        print(f"{seconds:6.1f} s  {what}", flush=True)
        return seconds

    with temporary_folder("chatroom-newcomer-") as folder:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), "chatroom"], cwd=folder, check=True)
        say("cloned")
        with make_lab(Path(folder), port) as address, sync_playwright() as playwright:
            say("installed, and the lab is open")
            browser = playwright.chromium.launch(
                executable_path=browsers.system_chromium(), args=browsers.launch_args()
            )
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            first = do_labs(page, address, say)
            browser.close()
        say("closed")
        left = [str(path) for path in (Path(folder) / "temporary").iterdir()]
    if left:
        print(f"It left something: {left}")
    if first > FIRST_LAB_SECONDS:
        print(f"Lab 1 was done {first:.0f} s after the clone; {FIRST_LAB_SECONDS} s are promised.")
    return 1 if left or first > FIRST_LAB_SECONDS else 0


@contextmanager
def make_lab(folder: Path, port: int) -> Iterator[str]:
    """The address of the page, until Ctrl+C."""
    (folder / "temporary").mkdir()
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    named = {
        "TMPDIR": str(folder / "temporary"),
        "LAB_PROGRESS": str(folder / "progress.json"),
        # As if no environment of ours were active.
        "PATH": os.pathsep.join(
            path
            for path in os.environ["PATH"].split(os.pathsep)
            if Path(path) != Path(sys.executable).parent
        ),
    }
    process = subprocess.Popen(
        ["make", "lab", f"PORT={port}", "OPEN=--no-browser"],
        cwd=folder / "chatroom",
        env=environment | named,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    guard(process.pid)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            print(f"          | {line}", end="")
            if found := re.search(r"The lab is open .*(http://\S+)", line):
                yield found[1]
                break
        else:
            sys.exit("The lab did not open.")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()
        release(process.pid)


def do_labs(page: Page, address: str, say: Callable[[str], float]) -> float:
    """All of them, from the first to the last; after how many seconds the first one was done."""
    page.goto(address)
    expect(page.locator("html")).to_have_class(re.compile("started"), timeout=PAGE_MS)
    settled(page)
    say("the page shows lab 1")
    moments = []
    for number in numbers():
        do_open_lab(page, number)
        moments.append(say(f"lab {number} is done"))
        go_on(page)
    expect(page.locator("#lab-done")).to_contain_text(f"{len(moments)} of {len(moments)} done")
    return moments[0]


if __name__ == "__main__":
    sys.exit(main())
