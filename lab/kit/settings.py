"""The settings of a drill's nodes: the usual ones, and the hub says when it reads behind a hint."""

from chatroom.settings import *  # noqa: F403
from chatroom.settings import LOGGING as USUAL_LOGGING

LOGGING = USUAL_LOGGING | {
    "loggers": {**USUAL_LOGGING["loggers"], "chat.realtime.hub": {"level": "DEBUG"}}  # type: ignore[dict-item]
}
