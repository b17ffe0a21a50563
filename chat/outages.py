"""Outages: the database cannot do its work now, because it is full, read-only, busy or away.

Then pages answer 503, sockets `unavailable`, and the log gets a line instead of a traceback. An
error of one statement, such as a constraint or a bad value, is no outage.
"""

import logging
from http import HTTPStatus

from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# The Retry-After of pages.
RETRY_SECONDS = 5

AWAY = _("The database gives no answer")
FULL = _("The database is full")
READ_ONLY = _("The database takes no writes")
BUSY = _("The database is busy")
NO_CONNECTION = _("The database has no free connection")
SPOILT = _("The database’s files are damaged")
NO_TABLES = _("The database lacks tables or rights that this version needs")

_BY_SQLSTATE = {
    "53100": FULL,
    "25006": READ_ONLY,
    "55P03": BUSY,
    "57014": BUSY,
    "40P01": BUSY,
    "40001": BUSY,
    "53300": NO_CONNECTION,
    "42P01": NO_TABLES,
    "42703": NO_TABLES,
    "42501": NO_TABLES,
    "XX001": SPOILT,
    "XX002": SPOILT,
}
_BY_SQLITE = {
    "FULL": FULL,
    "READONLY": READ_ONLY,
    "BUSY": BUSY,
    "LOCKED": BUSY,
    "CANTOPEN": AWAY,
    "IOERR": AWAY,
    "CORRUPT": SPOILT,
    "NOTADB": SPOILT,
}


def is_outage(error: BaseException | None) -> bool:
    """Whether the database failed as a whole, and not only this statement."""
    if isinstance(error, OperationalError | InterfaceError | InternalError):
        return True
    if isinstance(error, ProgrammingError):
        return _sqlstate(error) in _BY_SQLSTATE
    # SQLite has no narrower class for damaged files.
    return type(error) is DatabaseError


def described(error: BaseException) -> str:
    """The outage in English, for logs and commands: without hosts, users or texts of messages."""
    with translation.override(None):
        return cause_of(error)


def explained(error: BaseException) -> str:
    """The outage in the language of the site, and what to do next."""
    return gettext("{cause}; try again.").format(cause=cause_of(error))


def cause_of(error: BaseException) -> str:
    """The outage in the active language."""
    return str(_cause_of(error))


def _cause_of(error: BaseException) -> str | Promise:
    cause = error.__cause__
    if (sqlstate := _sqlstate(error)) in _BY_SQLSTATE:
        return _BY_SQLSTATE[sqlstate]
    name = str(getattr(cause, "sqlite_errorname", "")).removeprefix("SQLITE_").partition("_")[0]
    if name in _BY_SQLITE:
        return _BY_SQLITE[name]
    if str(error).startswith("no such table"):
        return NO_TABLES
    # A refused or timed out connection has no SQLSTATE.
    if "too many" in str(error) or "remaining connection slots" in str(error):
        return NO_CONNECTION
    return AWAY


class InOneLine(logging.Filter):
    """A filter for Django's log of failed requests: an outage becomes one line, a warning."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and is_outage(error):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = f"Answered with 503: {described(error)}.", ()
            record.exc_info = record.exc_text = None
            # Where logging is set up twice, there are two of these filters.
            record.is_outage = True
        if getattr(record, "is_outage", False):
            return True
        # A view that answered 503 has logged the reason.
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


def _sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""
