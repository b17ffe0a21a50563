"""The floors of the house (docs/architecture.md): imports go down, and one door leads out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

CHAT = Path(__file__).resolve().parent.parent / "chat"

FLOORS = [
    "management admin admin_site apps canary checks consumers drill forms invite layout loadtest"
    " measure urls views views_data views_desk",
    "realtime",
    "services",
    "bus protocol sessions tally",
    "migrations models",
    "errors",
]
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}


def test_imports_inside_chat_never_point_up() -> None:
    upward = [
        f"{part} imports {imported}"
        for part, imported in imports()
        if imported.startswith("chat.") and FLOOR_OF[imported.split(".")[1]] < FLOOR_OF[part]
    ]

    assert upward == []


def test_only_the_bus_speaks_to_the_channel_layer() -> None:
    speakers = {
        part
        for part, imported in imports()
        if imported.startswith(("channels.layers", "channels_redis"))
    }

    assert speakers == {"bus"}


def imports() -> Iterator[tuple[str, str]]:
    """Every import in chat/, as (the part of chat that imports, the dotted name it imports)."""
    for path in CHAT.rglob("*.py"):
        inside = path.relative_to(CHAT)
        if inside.name == "__init__.py" and len(inside.parts) == 1:
            continue
        folder = ["chat", *inside.parts[:-1]]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                start = folder[: len(folder) + 1 - node.level] if node.level else []
                base = ".".join([*start, *filter(None, [node.module])])
                names = [f"{base}.{alias.name}" for alias in node.names]
            else:
                continue
            yield from ((inside.parts[0].removesuffix(".py"), name) for name in names)
