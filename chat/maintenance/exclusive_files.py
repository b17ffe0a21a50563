"""Files that hold what people said: nobody else reads them, and none is half of what it seems."""

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
    """Where the file is written until it is whole."""
    return file.with_name(f"{file.name}.part")


def digest(file: BinaryIO, size: int) -> "hashlib._Hash":
    """The SHA-256 of the first so many bytes, to go on with. Leaves the file behind them."""
    file.seek(0)
    sha256 = hashlib.sha256()
    while block := file.read(min(BLOCK, size - file.tell())):
        sha256.update(block)
    return sha256


@contextmanager
def opened_alone(path: Path) -> Iterator[BinaryIO]:
    """The file, to be read and written by this process and its user only; made if need be."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        # It may have been there, and readable for others.
        os.fchmod(descriptor, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileInUseError(f"Another command is writing {path}.") from None
        yield file
