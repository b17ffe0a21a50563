"""Backup backends: how PostgreSQL and SQLite write, read and restore a backup file."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from django.db import connection

from .exclusive_files import BLOCK, opened_alone
from .throttling import rest

# Gets the number of bytes written or read so far.
Reached = Callable[[int], None]

# Posts take longer while pg_dump works. After each block it is made to pause so many times as long.
DUMP_RESTS = 9
# SQLite reports progress after so many pages of 4 KiB, or after so many steps of its machine.
PAGES = 50
STEPS = 100_000
# The file is synced after so many bytes: a commit that waits for more to reach the disk is slow.
SYNCED_BYTES = 4 << 20


class BackupError(Exception):
    """The backup or restore failed; says why, and what to do."""


class BackupBackend(Protocol):
    new_epochs: str

    def write(self, part: Path, reached: Reached) -> None:
        """Write a snapshot of the whole database into this file, which exists and is empty."""

    def rows(self, file: Path, table: str, *columns: str) -> list[Sequence[str]]:
        """The rows of a table in the file, with these columns. BackupError if it is no backup."""

    def replace(self, file: Path, reached: Reached) -> None:
        """Replace the database by the file and give its logs new epochs, in one transaction."""


class SqliteBackend:
    new_epochs = "UPDATE chat_roomhead SET epoch = lower(hex(randomblob(4)))"

    def write(self, part: Path, reached: Reached) -> None:
        connection.ensure_connection()
        synced = 0

        def look() -> None:
            nonlocal synced
            size = part.stat().st_size
            if size >= synced + SYNCED_BYTES:
                os.fsync(file.fileno())
                synced = size
            reached(size)

        connection.connection.set_progress_handler(look, STEPS)
        try:
            with _as_backup_error(f"{part} cannot be written"), part.open("rb+") as file:
                # Unlike sqlite3's backup(), it does not start again when somebody writes.
                connection.connection.execute("VACUUM INTO ?", [str(part)])
        finally:
            connection.connection.set_progress_handler(None, 0)

    def rows(self, file: Path, table: str, *columns: str) -> list[Sequence[str]]:
        named = ", ".join(columns)
        with _as_backup_error(f"{file} cannot be read"), closing(_opened(file)) as source:
            return source.execute(f"SELECT {named} FROM {table}").fetchall()  # noqa: S608 - ours

    def replace(self, file: Path, reached: Reached) -> None:
        # A copy gets the new epochs first, so that they are restored together with the logs.
        database = Path(connection.settings_dict["NAME"])
        copied = database.with_name(f"{database.name}.restoring")
        connection.ensure_connection()
        with _as_backup_error(f"{file} cannot be restored"), opened_alone(copied):
            try:
                with closing(_opened(file)) as source, closing(sqlite3.connect(copied)) as copy:
                    source.backup(copy)
                    copy.execute(self.new_epochs)
                    copy.commit()
                    size = copied.stat().st_size
                    copy.backup(
                        connection.connection,
                        pages=PAGES,
                        # One transaction: readers see nothing of it before its end.
                        progress=lambda _, left, pages: reached(size * (pages - left) // pages),
                    )
            finally:
                copied.unlink()


class PostgresBackend:
    new_epochs = "UPDATE chat_roomhead SET epoch = left(gen_random_uuid()::text, 8)"

    def write(self, part: Path, reached: Reached) -> None:
        with (
            _running("pg_dump", "--format=custom", "--no-owner", stdout=subprocess.PIPE) as dump,
            part.open("rb+") as file,
        ):
            assert dump.stdout is not None  # noqa: S101 - for mypy
            began = time.monotonic()
            while block := dump.stdout.read(BLOCK):
                file.write(block)
                file.flush()
                os.fsync(file.fileno())
                reached(file.tell())
                # Nobody reads the pipe meanwhile, so pg_dump and its server pause too.
                rest(began, times=DUMP_RESTS)
                began = time.monotonic()

    def rows(self, file: Path, table: str, *columns: str) -> list[Sequence[str]]:
        select = ["--data-only", f"--table={table}", "--file=-", str(file)]
        with _running("pg_restore", *select, stdout=subprocess.PIPE) as restore:
            assert restore.stdout is not None  # noqa: S101 - for mypy
            lines = restore.stdout.read().decode().splitlines()
        return list(_copied(lines, columns))

    def replace(self, file: Path, reached: Reached) -> None:
        with _running("psql", *_TO_THE_LETTER, stdin=subprocess.PIPE) as psql:
            assert psql.stdin is not None  # noqa: S101 - for mypy
            # If anything ends early, psql reads no COMMIT, and nothing is changed.
            psql.stdin.write(b"BEGIN;\n")
            psql.stdin.flush()
            self._write_script(file, psql.stdin, reached)
            psql.stdin.write(f"RESET search_path; {self.new_epochs}; COMMIT;\n".encode())

    def _write_script(self, file: Path, output: IO[bytes], reached: Reached) -> None:
        clean = ["--clean", "--if-exists", "--no-owner", "--file=-"]
        with (
            _running("pg_restore", *clean, stdin=subprocess.PIPE, stdout=output) as script,
            file.open("rb") as source,
        ):
            assert script.stdin is not None  # noqa: S101 - for mypy
            while block := source.read(BLOCK):
                script.stdin.write(block)
                script.stdin.flush()
                reached(source.tell())


# Without the user's configuration and without output; psql stops at the first error.
_TO_THE_LETTER = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]


def backend() -> BackupBackend:
    return SqliteBackend() if connection.vendor == "sqlite" else PostgresBackend()


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


@contextmanager
def _as_backup_error(failure: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{failure}: {error}") from error


@contextmanager
def _running(
    program: str,
    *arguments: str,
    stdin: int | None = None,
    stdout: int | IO[bytes] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of PostgreSQL's programs on our database. BackupError if it fails."""
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not there: install PostgreSQL's client programs.")
    environment = os.environ | _libpq(connection.get_connection_params())
    # Two programs may run as a pipe, and either may report the cause.
    failures = []
    with tempfile.TemporaryFile() as said:
        try:
            with subprocess.Popen(  # noqa: S603 - no shell, and our own arguments
                [path, *arguments], env=environment, stdin=stdin, stdout=stdout, stderr=said
            ) as process:
                yield process
        except (BackupError, BrokenPipeError) as error:
            failures.append(str(error))
        if process.returncode:
            said.seek(0)
            failures.append(f"{program} failed: {said.read().decode(errors='replace').strip()}")
    if failures:
        raise BackupError("\n".join(failures))


def _libpq(database: Mapping[str, Any]) -> dict[str, str]:
    """The address of the database as environment variables, so that no process list shows it."""
    names = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
    names |= {"host": "PGHOST", "port": "PGPORT", "sslmode": "PGSSLMODE"}
    return {name: str(database[key]) for key, name in names.items() if database.get(key)}


def _copied(lines: Sequence[str], columns: Sequence[str]) -> Iterator[Sequence[str]]:
    """The rows of a script that copies one table: values separated by tabs, `\\.` at the end."""
    at: list[int] = []
    for line in lines:
        if line.startswith("COPY "):
            names = line[line.index("(") + 1 : line.index(")")].split(", ")
            at = [names.index(column) for column in columns]
        elif line == "\\.":
            return
        elif at:
            values = line.split("\t")
            yield [values[index] for index in at]
