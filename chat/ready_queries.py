"""Lookups whose SQL is built once, for rows that every request needs.

Django takes several times longer to build such a query than the database to answer it.
"""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
# For the rows: SQL, its parameters, the columns' names, and how each column becomes a value.
Compiled = tuple[str, tuple[Any, ...], list[str], dict[int, tuple[list[Any], Any]]]


class Lookup(Generic[M]):
    """The first row of a query in which only the values change.

    `query` is called with the `examples` once for each kind of database. Later calls put their
    values in the places of the examples, so no other parameter may equal an example.
    """

    def __init__(self, query: Callable[..., QuerySet[M]], *examples: Hashable) -> None:
        self._query = query
        self._examples = examples
        self._compiled: dict[str, Compiled] = {}

    def first(self, *values: Any) -> M | None:
        sql, parameters, names, converters = self._compile()
        given = dict(zip(self._examples, values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(sql, [given.get(one, one) for one in parameters])
            row = cursor.fetchone()
        if row is None:
            return None
        found = list(row)
        for column, (convert, expression) in converters.items():
            for converter in convert:
                found[column] = converter(found[column], expression, connection)
        return self._model.from_db(connection.alias, names, found)

    def _compile(self) -> Compiled:
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            queryset = self._query(*self._examples)
            self._model = queryset.model
            compiler = queryset.query.clone().get_compiler(connection=connection)
            sql, parameters = compiler.as_sql()
            columns = compiler.select
            compiled = self._compiled[connection.vendor] = (
                f"{sql} LIMIT 1",
                tuple(parameters),
                [expression.target.attname for expression, *_ in columns],
                compiler.get_converters(expression for expression, *_ in columns),
            )
        return compiled
