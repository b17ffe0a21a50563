"""The settings of a drill's nodes: a node logs what it reads because no hint brought it."""

from chatroom.settings import *  # noqa: F403
from chatroom.settings import LOGGING as USUAL_LOGGING

# Says which messages a node read although no hint had announced them.
GAP_LOGGER = "chat.realtime.gap_repair"

LOGGING = USUAL_LOGGING | {"loggers": {**USUAL_LOGGING["loggers"], GAP_LOGGER: {"level": "DEBUG"}}}
