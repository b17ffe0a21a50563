"""A zip file that is made in parts, so that making it can stop and go on.

Each part holds whole files. The bytes of all parts in order, and then the directory, are the file.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

# Names are UTF-8.
_FLAGS = 0x800
_DEFLATED = 8
_VERSION = 20
# Readable by its owner, where it is unpacked on Unix.
_UNIX = 3 << 8
_MODE = 0o100600 << 16


class Entry(NamedTuple):
    """What the directory says of one file; `offset` counts from the beginning of its part."""

    name: str
    offset: int
    crc: int
    packed: int
    size: int
    moment: int


def part(files: Iterable[tuple[str, bytes]], at: datetime) -> tuple[bytes, list[Entry]]:
    """These files as one part, and what the directory will say of them."""
    parts: list[bytes] = []
    entries: list[Entry] = []
    offset = 0
    for name, content in files:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed = packer.compress(content) + packer.flush()
        entry = Entry(name, offset, zlib.crc32(content), len(packed), len(content), _dos_moment(at))
        header = struct.pack("<4s", b"PK\3\4") + _common(entry) + name.encode()
        parts += [header, packed]
        entries.append(entry)
        offset += len(header) + len(packed)
    return b"".join(parts), entries


def directory(parts: Sequence[tuple[int, Iterable[Entry]]]) -> bytes:
    """The end of the file: for each part, where it begins and what is in it."""
    records = []
    for begins, entries in parts:
        for entry in entries:
            fixed = struct.pack("<4sH", b"PK\1\2", _UNIX | _VERSION) + _common(entry)
            rest = struct.pack("<HHHLL", 0, 0, 0, _MODE, begins + entry.offset)
            records.append(fixed + rest + entry.name.encode())
    return b"".join(records)


def end(count: int, directory_size: int, begins: int) -> bytes:
    """The very end: how many files there are, and where the directory is."""
    return struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, count, count, directory_size, begins, 0)


def _common(entry: Entry) -> bytes:
    """The fields that a file's header and its record in the directory share."""
    numbers = entry.moment, entry.crc, entry.packed, entry.size, len(entry.name.encode()), 0
    return struct.pack("<HHHLLLLHH", _VERSION, _FLAGS, _DEFLATED, *numbers)


def _dos_moment(at: datetime) -> int:
    date = (max(at.year, 1980) - 1980) << 9 | at.month << 5 | at.day
    return date << 16 | at.hour << 11 | at.minute << 5 | at.second // 2
