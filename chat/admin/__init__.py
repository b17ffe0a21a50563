"""The operators' desk: everything can be found, what is done goes through the services."""

from . import members, messages, record, rooms

__all__ = ["members", "messages", "record", "rooms"]
