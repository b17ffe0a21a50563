"""Rows that are stored in little time, and can be made ready before a lock is held.

Django's `bulk_create` turns objects into values when it is called, which takes twenty times what
SQLite takes to store them, and its `bulk_update` makes one statement with a case for each value;
and whoever does that in a transaction keeps everyone from writing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Field, Model

# Rows of one statement: each is to be read and planned, and SQLite takes a thousand values in it.
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Rows:
    """Statements, each with the values of every time that it is to run."""

    statements: list[tuple[str, list[list[Any]]]]

    def store(self) -> None:
        with connection.cursor() as cursor:
            for statement, values in self.statements:
                # psycopg waits for the answers once, not after each.
                cursor.executemany(statement, values)


def new(objects: Sequence[Model]) -> Rows:
    """To be inserted, all of one model. The objects do not learn their keys."""
    return Rows([_insert(objects[at : at + AT_ONCE]) for at in range(0, len(objects), AT_ONCE)])


def changed(objects: Sequence[Model], names: Sequence[str]) -> Rows:
    """Those with these keys get these fields, all of one model."""
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
