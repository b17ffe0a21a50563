"""How a line of our logs looks: plain or JSON, and without what would let anyone in.

The link that makes an owner is an address, and addresses stand in logs: of what was refused, in
reprs of requests, in tracebacks. The proxy masks its own log alike (deploy/Caddyfile).
"""

import logging
import re

from pythonjsonlogger.json import JsonFormatter

# The token of a link, in a path and in an address that is part of another; and whatever else is
# as long and as random as only secrets are.
SECRETS = re.compile(
    r"""(?i)(invitations/+)[^/?#\s"'\\<>]+|(invitations%2f)[^&#\s"'\\<>]+|[\w:-]{65,}"""
)


def masked(line: str) -> str:
    """The line, with a … in the place of each token."""
    return SECRETS.sub(lambda found: f"{found[1] or found[2] or ''}…", line)


class PlainFormatter(logging.Formatter):
    """A line for people; and after it the traceback, where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class MaskedJsonFormatter(JsonFormatter):
    """An object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
