"""Pages put together from parts: each is compressed once, and what is secret is never compressed.

Compressing a secret beside a text that an attacker chose would tell the secret by the length
(BREACH). Each part is compressed on its own, so that no part refers to another, and parts that
belong to one reader (tokens, names, what they have read) are sent as they are (docs/adr/0032).
"""

import re
import secrets
import struct
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

# Raw deflate, as gzip holds it. A part ends on a byte, with an empty window for the next one.
RAW_WINDOW = -15
STORED_MAX = 0xFFFF
# A name of a file that nobody reads: a gzip of unknown length tells less (Django does the same).
PADDING_MAX = 100
GZIP_WITH_NAME = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"
END_OF_BLOCKS = b"\x01\0\0\xff\xff"
ACCEPTS_GZIP = re.compile(r"\bgzip\b")


class Part(NamedTuple):
    """A piece of a page, as it is and as it is within a gzip."""

    text: bytes
    deflated: bytes


def shared(text: str) -> Part:
    """A part that is the same for everyone who may see it: compressed."""
    content = text.encode()
    packer = zlib.compressobj(wbits=RAW_WINDOW)
    return Part(content, packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH))


def personal(text: str) -> Part:
    """A part of one reader's own: not compressed."""
    content = text.encode()
    blocks = []
    for start in range(0, len(content), STORED_MAX):
        block = content[start : start + STORED_MAX]
        blocks.append(struct.pack("<BHH", 0, len(block), len(block) ^ STORED_MAX) + block)
    return Part(content, b"".join(blocks))


def response_of(request: HttpRequest, parts: Iterable[Part], status: int) -> HttpResponse:
    """The page, as a gzip where the browser takes one."""
    parts = list(parts)
    if ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
        response = HttpResponse(_gzip(parts), status=status)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(b"".join(part.text for part in parts), status=status)
    response["Content-Length"] = str(len(response.content))
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _gzip(parts: list[Part]) -> bytes:
    checksum = size = 0
    for part in parts:
        checksum = zlib.crc32(part.text, checksum)
        size += len(part.text)
    padding = b"a" * secrets.randbelow(PADDING_MAX) + b"\0"
    end = END_OF_BLOCKS + struct.pack("<LL", checksum, size & 0xFFFFFFFF)
    return b"".join([GZIP_WITH_NAME, padding, *(part.deflated for part in parts), end])


# --- Holes ------------------------------------------------------------------------------------

# Nobody can write it into a text that a template shows.
_MARK = f"hole{secrets.token_hex(8)}"
_HOLE = re.compile(rf"{_MARK}([a-z_]+)end")


def hole(name: str) -> str:
    """What a template is given in place of a value that is different in each page."""
    return f"{_MARK}{name}end"


class Skeleton:
    """A page's HTML with holes in it."""

    def __init__(self, html: str) -> None:
        # By turns a text and the name of the hole after it.
        pieces = _HOLE.split(html)
        self._texts = [shared(text) for text in pieces[::2]]
        self._holes = pieces[1::2]
        if any(_MARK in text.lower() for text in pieces[::2]):
            raise ValueError("A template has changed a value that is put in later.")

    @property
    def size(self) -> int:
        return sum(len(part.text) + len(part.deflated) for part in self._texts)

    def filled(self, values: dict[str, Part]) -> list[Part]:
        """The page's parts, with these values in the holes."""
        parts = [self._texts[0]]
        for name, text in zip(self._holes, self._texts[1:], strict=True):
            parts += values[name], text
        return parts
