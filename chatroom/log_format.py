"""How a line of our logs looks: plain or JSON, and without what nobody should read there.

The link that makes an owner is an address, and addresses stand in logs: of what was refused, in
reprs of requests, in tracebacks. The proxy masks its own log alike (deploy/Caddyfile). And what a
database says of an error goes on, after its first line, with the row: what somebody said.
"""

import copy
import logging
import re
from collections.abc import Iterator
from typing import Any

from django.db.utils import Error as DatabaseError
from pythonjsonlogger.json import JsonFormatter

# The token of a link, in a path and in an address that is part of another; and whatever else is
# as long and as random as only secrets are.
SECRETS = re.compile(
    r"""(?i)(invitations/+)[^/?#\s"'\\<>]+|(invitations%2f)[^&#\s"'\\<>]+|[\w:-]{65,}"""
)


def masked(line: str) -> str:
    """The line, with a … in the place of each token."""
    return SECRETS.sub(lambda found: f"{found[1] or found[2] or ''}…", line)


class _Discreet(logging.Formatter):
    """What both have in common."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.args, tuple) and any(map(_is_of_a_database, record.args)):
            record = copy.copy(record)
            record.args = tuple(map(_first_line_of_a_database, record.args or ()))
        return masked(super().format(record))

    def formatException(self, ei: Any) -> str:
        text = super().formatException(ei)
        for error in filter(_is_of_a_database, _chain(ei[1])):
            text = text.replace(str(error), _first_line_of_a_database(error))
        return text


class PlainFormatter(_Discreet):
    """A line for people; and after it the traceback, where there is one."""


class MaskedJsonFormatter(_Discreet, JsonFormatter):
    """An object a line."""


def _is_of_a_database(value: object) -> bool:
    """Django's errors, and the driver's own, which have PostgreSQL's code."""
    return isinstance(value, DatabaseError) or (
        isinstance(value, Exception) and hasattr(value, "sqlstate")
    )


def _first_line_of_a_database(value: Any) -> Any:
    return str(value).partition("\n")[0] if _is_of_a_database(value) else value


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that it came from; each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        error = waiting.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            yield error
            waiting += [error.__cause__, error.__context__]
