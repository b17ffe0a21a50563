"""The first start of the small profile's machine formats a blank disk, and no other.

The lines of boot.sh that decide it are run on files; `blkid` and `mkfs.ext4` are scripts.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

BOOT = Path(__file__).resolve().parent.parent / "terraform" / "profiles" / "small" / "boot.sh"
BLANK = bytes(16 << 20)


def format_if_blank(folder: Path, disk: bytes, blkid: int) -> str:
    """What happened: `formatted`, or what the script said."""
    (folder / "disk").write_bytes(disk)
    for name, script in (("blkid", f"exit {blkid}"), ("mkfs.ext4", "echo formatted")):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    [decides] = re.findall(r"^if ! blkid.*?^fi$", BOOT.read_text("utf-8"), re.M | re.S)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", decides],
        env=os.environ | {"disk": str(folder / "disk"), "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def test_a_blank_disk_is_formatted(tmp_path: Path) -> None:
    assert format_if_blank(tmp_path, BLANK, blkid=2) == "formatted"


def test_a_disk_with_a_file_system_is_left_as_it_is(tmp_path: Path) -> None:
    assert format_if_blank(tmp_path, b"anything" + BLANK, blkid=0) == ""


@pytest.mark.parametrize("at", [0, 1080, (16 << 20) - 1])
def test_a_disk_that_cannot_be_told_is_left_as_it_is(tmp_path: Path, at: int) -> None:
    disk = bytearray(BLANK)
    disk[at] = 1

    assert "is not blank" in format_if_blank(tmp_path, bytes(disk), blkid=2)
