"""What each database can do with a file: write itself into it, read it, be replaced by it."""

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

# So many bytes have been written or read.
Reached = Callable[[int], None]

# While pg_dump and its server work, posts take longer: the room then has so many times as long
# for itself.
DUMP_RESTS = 9
# Pages, of 4 KiB, that SQLite copies between two words of how far it is; and steps of its machine.
PAGES = 50
STEPS = 100_000
# A commit that meets more on its way to the disk waits too long.
SYNCED_BYTES = 4 << 20


class BackupError(Exception):
    """It could not be done; says why, and what to do."""


class Engine(Protocol):
    new_epochs: str

    def write(self, part: Path, reached: Reached) -> None:
        """Everything, as it is at one moment, into this file, which is there and empty."""

    def rows(self, file: Path, table: str, *columns: str) -> list[Sequence[str]]:
        """What the file has in these columns. BackupError if it is no such file."""

    def replace(self, file: Path, reached: Reached) -> None:
        """The file in the place of everything, and new epochs for its logs: at once, or not."""


class Sqlite:
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
            with _told(f"{part} cannot be written"), part.open("rb+") as file:
                # Unlike sqlite3's backup(), it does not begin anew whenever somebody writes.
                connection.connection.execute("VACUUM INTO ?", [str(part)])
        finally:
            connection.connection.set_progress_handler(None, 0)

    def rows(self, file: Path, table: str, *columns: str) -> list[Sequence[str]]:
        named = ", ".join(columns)
        with _told(f"{file} cannot be read"), closing(_opened(file)) as source:
            return source.execute(f"SELECT {named} FROM {table}").fetchall()  # noqa: S608 - ours

    def replace(self, file: Path, reached: Reached) -> None:
        # The new epochs are put into a copy, so that they arrive together with the log.
        database = Path(connection.settings_dict["NAME"])
        copied = database.with_name(f"{database.name}.restoring")
        connection.ensure_connection()
        with _told(f"{file} cannot be restored"), opened_alone(copied):
            try:
                with closing(_opened(file)) as source, closing(sqlite3.connect(copied)) as copy:
                    source.backup(copy)
                    copy.execute(self.new_epochs)
                    copy.commit()
                    size = copied.stat().st_size
                    copy.backup(
                        connection.connection,
                        pages=PAGES,
                        # One transaction, of which readers see nothing before its end.
                        progress=lambda _, left, pages: reached(size * (pages - left) // pages),
                    )
            finally:
                copied.unlink()


class Postgres:
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
                # Nobody takes what the dump writes meanwhile, so that it and its server rest too.
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
            # Whatever ends early, psql reads no COMMIT then, and nothing has happened.
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


# No file of the user's, no table of results, and nothing after an error.
_TO_THE_LETTER = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]


def engine() -> Engine:
    return Sqlite() if connection.vendor == "sqlite" else Postgres()


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


@contextmanager
def _told(failure: str) -> Iterator[None]:
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
    """One of PostgreSQL's programs, connected to our database. BackupError if it fails."""
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not there: install PostgreSQL's client programs.")
    environment = os.environ | _libpq(connection.get_connection_params())
    # Of two programs in a row either may be the one that knows what went wrong.
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
    """Where the database is, for programs; the password is then in no process list."""
    names = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
    names |= {"host": "PGHOST", "port": "PGPORT", "sslmode": "PGSSLMODE"}
    return {name: str(database[key]) for key, name in names.items() if database.get(key)}


def _copied(lines: Sequence[str], columns: Sequence[str]) -> Iterator[Sequence[str]]:
    """The rows of a script that copies one table: tabs between values, `\\.` at the end."""
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
