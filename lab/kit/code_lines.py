"""Where a function, a class or a method is defined: its line, in Python and in JavaScript."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def line_of(symbol: str, path: str) -> int | None:
    """The line of `RoomWriter.submit` in this file of the repository; None if it is not there."""
    file, names = ROOT / path, symbol.split(".")
    if not file.exists():
        return None
    text = file.read_text("utf-8")
    if file.suffix == ".py":
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
