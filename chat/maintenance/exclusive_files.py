"""Files with messages: only this user can read them, and only one process writes each."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# Bytes read at once.
BLOCK = 1 << 20


class FileInUseError(Exception):
    """Another process writes this file."""


def part_of(file: Path) -> Path:
    """The path under which the file is written until it is complete."""
    return file.with_name(f"{file.name}.part")


def digest(file: BinaryIO, size: int) -> "hashlib._Hash":
    """The SHA-256 of the first `size` bytes. Leaves the file's position after them."""
    file.seek(0)
    sha256 = hashlib.sha256()
    while block := file.read(min(BLOCK, size - file.tell())):
        sha256.update(block)
    return sha256


@contextmanager
def opened_alone(path: Path) -> Iterator[BinaryIO]:
    """Open or create the file for this process only, readable for its user only.

    FileInUseError if another process has it open.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        # An existing file may have been readable for others.
        os.fchmod(descriptor, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileInUseError(f"Another command is writing {path}.") from None
        yield file
