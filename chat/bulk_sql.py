"""Bulk inserts and updates whose SQL is built before a lock is taken, so that the lock is short.

Django's `bulk_create` and `bulk_update` build it when they are called. On SQLite that takes far
longer than storing the rows, and inside a transaction it would block every other writer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Field, Model

# Rows of one statement. SQLite takes a thousand values in one.
ROWS_PER_STATEMENT = 50


@dataclass(frozen=True, slots=True)
class Rows:
    """Statements, each with its lists of values: it runs once for each list."""

    statements: list[tuple[str, list[list[Any]]]]

    def store(self) -> None:
        with connection.cursor() as cursor:
            for statement, values in self.statements:
                # psycopg waits once for all answers, not after each.
                cursor.executemany(statement, values)


def inserts(objects: Sequence[Model]) -> Rows:
    """Inserts of these objects, all of one model. The objects do not get their primary keys."""
    starts = range(0, len(objects), ROWS_PER_STATEMENT)
    return Rows([_insert(objects[at : at + ROWS_PER_STATEMENT]) for at in starts])


def updates(objects: Sequence[Model], names: Sequence[str]) -> Rows:
    """Updates of these fields by primary key. The objects are all of one model."""
    return Rows([_update(objects, names)] if objects else [])


def _insert(objects: Sequence[Model]) -> tuple[str, list[list[Any]]]:
    model = objects[0]._meta
    fields = [field for field in model.concrete_fields if not field.primary_key]
    columns = ", ".join(map(_column, fields))
    row = f"({', '.join(['%s'] * len(fields))})"
    rows = ", ".join([row] * len(objects))
    statement = f"INSERT INTO {_quoted(model.db_table)} ({columns}) VALUES {rows}"  # noqa: S608 - ours
    return statement, [[value for one in objects for value in _values(one, fields)]]


def _update(objects: Sequence[Model], names: Sequence[str]) -> tuple[str, list[list[Any]]]:
    model = objects[0]._meta
    fields = [field for field in model.concrete_fields if field.name in names]
    changes = ", ".join(f"{_column(field)} = %s" for field in fields)
    statement = f"UPDATE {_quoted(model.db_table)} SET {changes} WHERE {_column(model.pk)} = %s"  # noqa: S608 - ours
    return statement, [[*_values(one, [*fields, model.pk])] for one in objects]


def _values(one: Model, fields: Iterable["Field[Any, Any]"]) -> Iterable[Any]:
    for field in fields:
        yield field.get_db_prep_save(getattr(one, field.attname), connection)


def _column(field: "Field[Any, Any]") -> str:
    return _quoted(str(field.column))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
