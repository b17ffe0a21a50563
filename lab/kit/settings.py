"""The settings of a drill's nodes: the hub logs when it reads what a hint did not bring."""

from chatroom.settings import *  # noqa: F403
from chatroom.settings import LOGGING as USUAL_LOGGING

LOGGING = USUAL_LOGGING | {
    "loggers": {**USUAL_LOGGING["loggers"], "chat.realtime.hub": {"level": "DEBUG"}}  # type: ignore[dict-item]
}
