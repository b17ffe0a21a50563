"""The wire between a node and PostgreSQL: statements and their results."""

from .proxy import Wire


class PostgresWire(Wire):
    pass
