"""The wire between people and a node: HTTP, then WebSocket frames."""

from .proxy import Wire


class PeopleWire(Wire):
    pass
