"""The switches are the lab's: no setting of production turns one on, and no image holds them."""

import fnmatch
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.bench.switches import ROOT, all_switches

pytestmark = pytest.mark.once

# Everything that the bench tells its nodes.
LAB_VARIABLES = {
    "LAB_CONTROL": "/tmp/node-1.sock",  # noqa: S108
    "LAB_SWITCHED_OFF": ",".join(all_switches()),
    "LAB_GENERATION": "1",
    "LAB_ORIGINS": "http://localhost:8100",
    "LAB_CLOCK_OFFSET": "0.0",
}
ASK = """
import sys, chatroom.asgi
from django.conf import settings
from chat.realtime.committer import Committer
from chat.realtime.head_poller import HeadPoller
print("modules", *sorted(name for name in sys.modules if name.startswith("lab.bench")))
print("apps", *(name for name in settings.INSTALLED_APPS if "lab" in name))
print("functions", Committer.commit.__module__, HeadPoller.heads.__module__)
print("ancestors", *settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-ancestors"])
print("cookie", settings.MEMBER_COOKIE)
print("frames", settings.X_FRAME_OPTIONS, *(m for m in settings.MIDDLEWARE if "lab" in m))
"""


def test_production_settings_know_no_switch_whatever_is_in_the_environment() -> None:
    environment = os.environ | LAB_VARIABLES
    environment |= {"DJANGO_SETTINGS_MODULE": "chatroom.settings", "SECRET_KEY": "only-for-tests"}
    said = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told = dict(re.findall(r"^(\w+) ?(.*)$", said, re.M))

    assert told == {
        "modules": "",
        # The commands of drills and load tests; it replaces nothing.
        "apps": "lab",
        "functions": "chat.realtime.committer chat.realtime.head_poller",
        "ancestors": "'none'",
        "cookie": "member",
        "frames": "DENY",
    }


def test_the_product_reads_nothing_of_the_lab() -> None:
    for part in ("chat", "chatroom", "deploy"):
        for path in (ROOT / part).rglob("*.py"):
            text = path.read_text()
            assert "LAB_" not in text, path
            assert not re.search(r"^\s*(from|import) lab\b", text, re.M), path


def test_the_image_holds_no_lab() -> None:
    allowed = set(sent_to_the_build())
    assert Path("manage.py") in allowed
    assert [path for path in allowed if path.parts[0] in ("lab", "tests")] == []
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    copied = re.findall(r"^COPY (?:--\S+ )*(.+) \S+$", dockerfile, re.M)
    assert not any(re.search(r"\blab\b|^\.$", source) for source in copied)


def sent_to_the_build() -> Iterator[Path]:
    """The files that .dockerignore lets through: everything is left out, and some is taken back."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    taken_back = [line[1:] for line in patterns if line.startswith("!")]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in tracked:
        if any(name.startswith(f"{one}/") or fnmatch.fnmatch(name, one) for one in taken_back):
            yield Path(name)
