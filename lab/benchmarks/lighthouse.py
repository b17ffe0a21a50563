"""The room page as Lighthouse judges it."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from playwright.sync_api import sync_playwright

from ..kit import browsers, bundle
from ..kit.launcher import launch
from ..kit.servers import free_port
from .seed import seed

COMMAND = settings.BASE_DIR / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ["performance", "accessibility", "best-practices"]
DEVICES = {"phone": [], "desktop": ["--preset=desktop"]}
MESSAGES = 1_000


def lighthouse(folder: Path) -> Iterator[str]:
    """The room page in its bundle, as a member's first visit, judged by Lighthouse."""
    if not (COMMAND.exists() and bundle.can_bundle()):
        raise CommandError(f"Lighthouse is not installed: {bundle.HOW_TO_GET_ONE}")
    environment = bundle.make(folder)
    with (
        launch(folder, members=2, durable=False) as deployment,
        deployment.node(**environment) as node,
    ):
        seed(deployment, MESSAGES)
        for device, options in DEVICES.items():
            with _browser(folder / device, node.origin, deployment.cookies[0]) as port:
                yield f"{device}: {_judged(f'{node.origin}/rooms/room-0/', port, options)}"


@contextmanager
def _browser(profile: Path, origin: str, cookie: str) -> Iterator[int]:
    """The debugging port of a browser with a member's cookie and an empty cache."""
    port = free_port()
    name, _, value = cookie.partition("=")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(
            profile,
            executable_path=browsers.system_chromium(),
            args=[*browsers.launch_args(), f"--remote-debugging-port={port}"],
        ) as context,
    ):
        context.add_cookies([{"name": name, "value": value, "url": origin}])
        yield port


def _judged(address: str, port: int, options: list[str]) -> str:
    command = [
        str(COMMAND),
        address,
        f"--port={port}",
        f"--only-categories={','.join(CATEGORIES)}",
        "--output=json",
        "--quiet",
        "--no-enable-error-reporting",
        *options,
    ]
    done = subprocess.run(  # noqa: S603
        command, env=os.environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandError(f"Lighthouse: {done.stderr}")
    report = json.loads(done.stdout)
    categories = report["categories"]
    scores = [f"{name} {100 * categories[name]['score']:.0f}" for name in CATEGORIES]
    audits = report["audits"]
    paints = [
        f"{name} {audits[audit]['displayValue']}"
        for name, audit in (
            ("first paint", "first-contentful-paint"),
            ("largest paint", "largest-contentful-paint"),
            ("blocked", "total-blocking-time"),
            ("shift", "cumulative-layout-shift"),
        )
    ]
    return ", ".join([*scores, *paints, *_faults(report)])


def _faults(report: dict[str, Any]) -> list[str]:
    """What cost a point outside of the figures of time."""
    faults = []
    for name in CATEGORIES:
        for reference in report["categories"][name]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                faults.append(f"{audit['id']} {audit.get('displayValue', '')}".strip())
    return faults
