"""Whether the database has the tables and migrations of this version."""

from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from ..rooms.models import RoomHead

RUN_MIGRATE = "run manage.py migrate"


def missing_migrations() -> str:
    """A sentence that migrations are not applied; empty if all are."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return ""
    return f"{len(plan)} migrations are not applied: {RUN_MIGRATE}."


def missing_tables() -> str:
    """A sentence that this is no database of a chatroom; empty if it is one, of any version.

    It never creates a file: SQLite would create an empty one at a wrong path, and answer from it.
    """
    if missing := missing_file():
        return missing
    applied = MigrationRecorder(connection).applied_migrations()
    if any(app == RoomHead._meta.app_label for app, _ in applied):
        return ""
    return f"The database has no tables of a chatroom: {RUN_MIGRATE}, or look at DATABASE_URL."


def missing_file() -> str:
    """A sentence that SQLite's file is missing; empty if it exists or the database has no file."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name.startswith((":memory:", "file:")):
        return ""
    file = Path(name)
    # An empty file is what SQLite creates at a wrong path.
    if file.exists() and (file.is_dir() or file.stat().st_size):
        return ""
    return f"There is no database {name}: {RUN_MIGRATE}, or look at DATABASE_URL."
