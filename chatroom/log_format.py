"""Formats of log lines, plain and JSON, without secrets and without texts of messages.

An invitation is an address, and addresses are logged: with refused requests and in tracebacks. So
its token is masked, as the proxy does in its own log (deploy/Caddyfile). Of database errors only
the first line is logged, because the next lines may hold the row with a message's text.
"""

import copy
import logging
import re
from collections.abc import Iterator
from typing import Any

from django.db.utils import Error as DatabaseError
from pythonjsonlogger.json import JsonFormatter

# The token of an invitation, in a path or in an address inside another; and any word that is so
# long that it can only be a secret.
SECRETS = re.compile(
    r"""(?i)(invitations/+)[^/?#\s"'\\<>]+|(invitations%2f)[^&#\s"'\\<>]+|[\w:-]{65,}"""
)


def masked(line: str) -> str:
    """The line with … in place of each secret."""
    return SECRETS.sub(lambda found: f"{found[1] or found[2] or ''}…", line)


class _MaskingFormatter(logging.Formatter):
    """Masks secrets and shortens database errors, for both formats."""

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


class PlainFormatter(_MaskingFormatter):
    """A line for people, followed by the traceback if there is one."""


class MaskedJsonFormatter(_MaskingFormatter, JsonFormatter):
    """A JSON object a line."""


def _is_of_a_database(value: object) -> bool:
    """Whether it is an error of Django's database layer or of the driver (with an SQLSTATE)."""
    return isinstance(value, DatabaseError) or (
        isinstance(value, Exception) and hasattr(value, "sqlstate")
    )


def _first_line_of_a_database(value: Any) -> Any:
    return str(value).partition("\n")[0] if _is_of_a_database(value) else value


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes and contexts; each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        error = waiting.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            yield error
            waiting += [error.__cause__, error.__context__]
