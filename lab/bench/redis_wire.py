"""The wire between a node and Redis: commands, answers, and hints that are published."""

from .proxy import Wire


class RedisWire(Wire):
    pass
