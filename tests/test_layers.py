"""The floors of the house (docs/learn/architecture.md): imports go down, and one door leads out."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
CHAT = ROOT / "chat"

FLOORS = [
    "management admin admin_site apps checks migrations models web",
    "realtime",
    "maintenance",
    "moderation",
    "messages",
    "rooms",
    "accounts",
    "bus protocol",
    "bulk_sql concurrent_indexes database_connections emoji metrics outages ready_queries"
    " scheduler",
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


def test_the_product_imports_nothing_of_the_lab() -> None:
    product = [ROOT / "manage.py", *CHAT.rglob("*.py"), *(ROOT / "chatroom").rglob("*.py")]

    assert [str(path) for path in product if re.search(r"\blab[. ]", imports_in(path))] == []


def test_without_the_lab_the_product_starts_and_knows_its_own_commands(tmp_path: Path) -> None:
    for part in ("chat", "chatroom", "templates", "static"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "manage.py", tmp_path)

    said = subprocess.run(
        [sys.executable, "manage.py", "help", "--commands"],
        cwd=tmp_path,
        env=os.environ | {"SECRET_KEY": "only-for-tests", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "serve" in said
    assert "drill" not in said


def imports_in(path: Path) -> str:
    lines = path.read_text().splitlines()
    return "\n".join(line for line in lines if re.match(r"\s*(from|import) ", line))


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
