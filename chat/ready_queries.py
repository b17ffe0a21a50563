"""Lookups whose SQL is built once, for rows that every request needs.

Django takes several times longer to build such a query than the database to answer it.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


class Compiled(NamedTuple):
    """The SQL, its parameters, the columns' names, and how each column becomes a value."""

    sql: str
    parameters: tuple[Any, ...]
    names: list[str]
    converters: dict[int, tuple[list[Any], Any]]


class _ReadyQuery:
    """A query in which only the values change.

    `query` is called with the `examples` once for each kind of database. Later calls put their
    values in the places of the examples, so no other parameter may equal an example.
    """

    def __init__(self, query: Callable[..., QuerySet[Any]], *examples: Hashable) -> None:
        self._query = query
        self._examples = examples
        self._compiled: dict[str, Compiled] = {}

    def _parameters(self, values: tuple[Any, ...]) -> list[Any]:
        given = dict(zip(self._examples, values, strict=True))
        return [given.get(one, one) for one in self._compile().parameters]

    def _compile(self) -> Compiled:
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            queryset = self._query(*self._examples)
            self._model = queryset.model
            compiler = queryset.query.clone().get_compiler(connection=connection)
            sql, parameters = compiler.as_sql()
            columns = [expression for expression, *_ in compiler.select]
            names = [getattr(getattr(one, "target", None), "attname", "") for one in columns]
            converters = compiler.get_converters(columns)
            compiled = Compiled(sql, tuple(parameters), names, converters)
            self._compiled[connection.vendor] = compiled
        return compiled


class Lookup(_ReadyQuery, Generic[M]):
    """The first row of a query, as its model."""

    def __init__(self, query: Callable[..., QuerySet[M]], *examples: Hashable) -> None:
        super().__init__(lambda *values: query(*values)[:1], *examples)

    def first(self, *values: Any) -> M | None:
        found = _rows_of(self._compile().sql, self._parameters(values))
        return self._instance(found[0]) if found else None

    def _instance(self, row: Sequence[Any]) -> M | None:
        """The instance; None for a row that a join filled with NULL."""
        compiled = self._compile()
        if row[compiled.names.index(self._model._meta.pk.attname)] is None:
            return None
        values = _converted(row, compiled)
        found: M = self._model.from_db(connection.alias, compiled.names, values)
        return found


class ReadyRows(_ReadyQuery):
    """All rows of a query with `values_list`."""

    def all(self, *values: Any) -> list[list[Any]]:
        compiled = self._compile()
        found = _rows_of(compiled.sql, self._parameters(values))
        return [_converted(row, compiled) for row in found]


def first_of_each(*asked: tuple[Lookup[Any], tuple[Any, ...]]) -> list[Any]:
    """What each of these lookups finds with its values, in one statement."""
    sql = _joined(connection.vendor, *(lookup for lookup, _ in asked))
    parameters = [one for lookup, values in asked for one in lookup._parameters(values)]
    [row] = _rows_of(sql, parameters)
    found, start = [], 1
    for lookup, _ in asked:
        end = start + len(lookup._compile().names)
        found.append(lookup._instance(row[start:end]))
        start = end
    return found


@cache
def _joined(vendor: str, *lookups: Lookup[Any]) -> str:
    joins = [
        f"LEFT JOIN ({lookup._compile().sql}) AS found_{number} ON TRUE"
        for number, lookup in enumerate(lookups)
    ]
    return " ".join(["SELECT * FROM (SELECT 1 AS there) AS always", *joins])


def _rows_of(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _converted(row: Sequence[Any], compiled: Compiled) -> list[Any]:
    values = list(row)
    for column, (convert, expression) in compiled.converters.items():
        for converter in convert:
            values[column] = converter(values[column], expression, connection)
    return values
