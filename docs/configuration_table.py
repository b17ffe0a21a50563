"""Writes docs/reference/configuration.md from settings.py; run by `make docs`.

Each assignment that reads a variable, and each limit, becomes an entry. Its description is the
comment above it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "chatroom" / "settings.py"
CONFIGURATION = ROOT / "docs" / "reference" / "configuration.md"

INTRODUCTION = """\
<!-- `make docs` writes this file from chatroom/settings.py: change it there. -->
# Configuration

Every difference between deployments is an environment variable; `.env` in the project's folder is
read too. `make run` makes that file from `.env.example` with a fresh key. `X_FILE` may name a file
that holds the value of `X` instead, as Docker and Kubernetes hand out secrets; it wins. A list is
separated by commas. An empty value counts as not set. Blanks, quotes, a line end and a byte order
mark around a value are no part of it; `$`, `%`, `=`, and a `#` inside a word stand for themselves.
What cannot be understood stops the start, with the name of the variable and what to write instead.

| variable | default | what it does |
|---|---|---|
"""
FIXED = """
## Fixed limits

These are in `chatroom/settings.py`, and the same for every deployment.

| limit | | what it means |
|---|---|---|
"""


class Entry(NamedTuple):
    """A line of the tables. A test fails for one without a sentence."""

    name: str
    default: str
    sentence: str
    is_variable: bool

    def __str__(self) -> str:
        return f"| `{self.name}` | {self.default} | {self.sentence} |\n"


def configuration() -> str:
    """The text that docs/reference/configuration.md should have."""
    found = list(entries(SETTINGS.read_text("utf-8")))
    variables = [str(entry) for entry in found if entry.is_variable]
    limits = [str(entry) for entry in found if not entry.is_variable]
    return "".join([INTRODUCTION, *variables, FIXED, *limits])


def entries(settings: str) -> Iterator[Entry]:
    lines = settings.splitlines()
    limits_begin = next(n for n, line in enumerate(lines, 1) if line.startswith("# --- Limits"))
    for statement in ast.parse(settings).body:
        sentence = _comment_above(lines, statement.lineno)
        variables = list(_variables_read(statement))
        for name, default in variables:
            yield Entry(name, default, sentence, is_variable=True)
        if isinstance(statement, ast.Assign) and not variables and statement.lineno > limits_begin:
            [target] = statement.targets
            yield Entry(ast.unparse(target), _shown(statement.value), sentence, is_variable=False)


def _comment_above(lines: list[str], number: int) -> str:
    comment: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.startswith("# ") or line.startswith("# ---"):
            break
        comment.insert(0, line.removeprefix("# "))
    return " ".join(comment)


def _variables_read(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """The name and the default of each `env.kind("NAME", default=…)`."""
    for call in ast.walk(statement):
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env")),
                args=[ast.Constant(value=str(name))],
                keywords=keywords,
            ):
                [default] = [keyword.value for keyword in keywords if keyword.arg == "default"]
                yield name, _shown(default)


def _shown(default: ast.expr) -> str:
    """The default as one would write it in the environment; a dash if it is computed."""
    try:
        value = ast.literal_eval(default)
    except ValueError:
        return "–"
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    if isinstance(value, list):
        value = ",".join(value)
    if isinstance(value, dict):
        value = ",".join(f"{key}={one}" for key, one in value.items())
    return f"`{value}`" if value != "" else "none"


if __name__ == "__main__":
    CONFIGURATION.write_text(configuration(), "utf-8")
