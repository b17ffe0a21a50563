"""A Chromium to measure and test with: the system's, or the one that Playwright brings."""

import os
import shutil
import subprocess
from pathlib import Path

# The one without windows first: it takes a quarter less of the processor.
NAMES = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
]
HOW_TO_GET_ONE = "apt install chromium, or .venv/bin/playwright install chromium"


def system_chromium() -> str | None:
    """The path of a Chromium on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def any_chromium() -> str | None:
    """The path of the Chromium that will be driven."""
    return system_chromium() or _playwrights_own()


def version(chromium: str) -> str:
    """What it calls itself, such as "Chromium 120.0.6099.224"."""
    command = [chromium, "--version"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return " ".join(asked.stdout.split()[:2]) or "Chromium"


def launch_args() -> list[str]:
    """Keeps the browser from calling home, which would also make us wait."""
    args = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-domain-reliability",
    ]
    # Chromium refuses to start as root unless its sandbox is off.
    return [*args, "--no-sandbox"] if os.geteuid() == 0 else args


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
