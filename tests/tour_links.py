"""The links of docs/learn to code: each names a function or a class, and leads to its line.

`python -m tests.tour_links` (part of `make docs`) writes files and lines anew after code has moved.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lab.kit.code_lines import ROOT, line_of

LEARN = ROOT / "docs" / "learn"
TOUR = LEARN / "tour.md"
# [`RoomWriter.submit`](../../chat/realtime/writer.py#L58)
LINK = re.compile(r"\[`(?P<symbol>[\w.]+)`\]\(\.\./\.\./(?P<path>[\w./-]+)#L(?P<line>\d+)\)")
# Where a symbol is looked for that has left its file.
SOURCES = ("chat", "chatroom", "static/js", "lab")


class Link(NamedTuple):
    """One link of a chapter."""

    symbol: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"[`{self.symbol}`](../../{self.path}#L{self.line})"


def chapters() -> list[Path]:
    """All of docs/learn."""
    return sorted(LEARN.glob("*.md"))


def links(text: str) -> list[Link]:
    return [_link(match) for match in LINK.finditer(text)]


def right(link: Link) -> Link | None:
    """The same link with the file and line where its symbol is defined; None if it is nowhere."""
    for path in (link.path, *_paths(Path(link.path).suffix)):
        line = line_of(link.symbol, path)
        if line is not None:
            return Link(link.symbol, path, line)
    return None


def rewritten(text: str) -> str:
    """The chapter with every link put right."""
    return LINK.sub(lambda match: str(right(_link(match)) or match[0]), text)


def _link(match: re.Match[str]) -> Link:
    return Link(match["symbol"], match["path"], int(match["line"]))


def _paths(suffix: str) -> Iterator[str]:
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob(f"*{suffix}")):
            yield str(path.relative_to(ROOT))


if __name__ == "__main__":
    for chapter in chapters():
        chapter.write_text(rewritten(chapter.read_text("utf-8")), "utf-8")
