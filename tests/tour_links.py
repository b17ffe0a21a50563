"""The links of docs/learn/tour.md: each names a function or a class, and leads to its line.

`python -m tests.tour_links` (part of `make docs`) writes files and lines anew after code has moved.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TOUR = ROOT / "docs" / "learn" / "tour.md"
# [`RoomWriter.submit`](../../chat/realtime/writer.py#L58)
LINK = re.compile(r"\[`(?P<symbol>[\w.]+)`\]\(\.\./\.\./(?P<path>[\w./-]+)#L(?P<line>\d+)\)")
# Where a symbol is looked for that has left its file.
SOURCES = ("chat", "chatroom", "static/js")


class Link(NamedTuple):
    """One link of the tour."""

    symbol: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"[`{self.symbol}`](../../{self.path}#L{self.line})"


def links(text: str) -> list[Link]:
    return [_link(match) for match in LINK.finditer(text)]


def right(link: Link) -> Link | None:
    """The same link with the file and line where its symbol is defined; None if it is nowhere."""
    for path in (link.path, *_paths(Path(link.path).suffix)):
        line = _line_of(link.symbol, ROOT / path)
        if line is not None:
            return Link(link.symbol, path, line)
    return None


def rewritten(text: str) -> str:
    """The tour with every link put right."""
    return LINK.sub(lambda match: str(right(_link(match)) or match[0]), text)


def _link(match: re.Match[str]) -> Link:
    return Link(match["symbol"], match["path"], int(match["line"]))


def _paths(suffix: str) -> Iterator[str]:
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob(f"*{suffix}")):
            yield str(path.relative_to(ROOT))


def _line_of(symbol: str, path: Path) -> int | None:
    if not path.exists():
        return None
    text, names = path.read_text("utf-8"), symbol.split(".")
    if path.suffix == ".py":
        return _line_in_python(names, ast.parse(text).body)
    return _line_in_javascript(names, text.splitlines())


def _line_in_python(names: list[str], body: list[ast.stmt]) -> int | None:
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for node in body:
        if isinstance(node, definitions) and node.name == names[0]:
            return node.lineno if len(names) == 1 else _line_in_python(names[1:], node.body)
    return None


def _line_in_javascript(names: list[str], lines: list[str]) -> int | None:
    """Of `Outbox.add`, the first method `add` after `class Outbox`."""
    *classes, name = names
    patterns = [rf"(export )?class {of}\b" for of in classes]
    method, top_level = r"  (async |static |get |set )*#?", r"(export )?(async )?(function|class) "
    begins = method if classes else top_level
    patterns.append(rf"{begins}{name}\b")
    for number, line in enumerate(lines, 1):
        if re.match(patterns[0], line):
            patterns.pop(0)
            if not patterns:
                return number
    return None


if __name__ == "__main__":
    TOUR.write_text(rewritten(TOUR.read_text("utf-8")), "utf-8")
