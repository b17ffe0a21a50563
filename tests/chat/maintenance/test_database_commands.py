"""Commands on a database that is not there, or not ours: one line, and nothing is made."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chat.accounts.models import Member
from tests import servers

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [pytest.mark.once, pytest.mark.slow]

COMMANDS = [
    "backup {0}/b", "doctor", "canary http://127.0.0.1:9", "check_log", "erase_member 1",
    "export_room lobby {0}/r.jsonl", "import_room {0}/r.csv", "invite_owner", "mint_sessions 1",
    "populate", "serve", "loadtest --url ws://127.0.0.1:9/ws/",
    "prune_messages --all --older-than 1d",
]  # fmt: skip


def nowhere(folder: Path) -> str:
    return f"sqlite:///{folder}/nowhere.sqlite3"


def another_folder(folder: Path) -> str:
    return f"sqlite:///{folder}/no/such/folder/chatroom.sqlite3"


def empty(folder: Path) -> str:
    (folder / "empty.sqlite3").touch()
    return f"sqlite:///{folder}/empty.sqlite3"


def of_another_program(folder: Path) -> str:
    with sqlite3.connect(folder / "other.sqlite3") as other:
        other.execute("CREATE TABLE things (name)")
    return f"sqlite:///{folder}/other.sqlite3"


def no_database_at_all(folder: Path) -> str:
    (folder / "text.sqlite3").write_text("This is no database, however it is named.\n" * 100)
    return f"sqlite:///{folder}/text.sqlite3"


def a_folder(folder: Path) -> str:
    (folder / "folder.sqlite3").mkdir()
    return f"sqlite:///{folder}/folder.sqlite3"


def away(folder: Path) -> str:
    return f"postgres://nobody:s3cret@127.0.0.1:{servers.free_port()}/nowhere"


# All in one process: to start one takes longer than what it does here.
RUN = """
import contextlib, io, json, sys
from django.core.management import ManagementUtility
for line in sys.stdin.read().splitlines():
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            ManagementUtility(["manage.py", *line.split()]).execute()
            code = 0
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), errors.getvalue()]))
"""


@pytest.mark.parametrize(
    ("place", "commands"),
    [
        (nowhere, COMMANDS),
        (empty, COMMANDS),
        *[(other, COMMANDS[:4]) for other in (another_folder, of_another_program, a_folder)],
        *[(other, COMMANDS[:2]) for other in (no_database_at_all, away)],
    ],
)
def test_a_command_says_in_one_line_what_is_wrong_with_the_database(
    place: Callable[[Path], str], commands: list[str], tmp_path: Path
) -> None:
    url = place(tmp_path)
    (tmp_path / "r.csv").write_text("time,name,message\n2026-01-31T12:00:00Z,Ada,hello\n")
    before = {path: path.stat().st_size for path in tmp_path.rglob("*")}

    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": url, "REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "chatroom.settings"},
        input="\n".join(commands).format(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )

    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(commands)
    for command, (code, out, errors) in zip(commands, said, strict=True):
        assert code == 1, command
        assert errors.count("\n") == 1, (command, errors)
        assert "atabase" in (out if command == "doctor" else errors), (command, errors)
        assert "s3cret" not in errors + out
    assert "Traceback" not in done.stderr
    assert {path: path.stat().st_size for path in tmp_path.rglob("*")} == before


def test_a_backup_is_made_before_an_upgrade_too(tmp_path: Path) -> None:
    """With migrations that are still to come; what needs them says so."""
    url = f"sqlite:///{tmp_path}/old.sqlite3"
    manage(url, "migrate", "chat", "0001", "-v0")
    table = Member._meta.db_table

    assert manage(url, "backup", f"{tmp_path}/b").returncode == 0
    refused = manage(url, "check_log")

    with sqlite3.connect(tmp_path / "b") as backup:
        assert backup.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    assert "migrations are not applied: run manage.py migrate." in refused.stderr


def manage(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
