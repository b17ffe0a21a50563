"""The settings of a drill's nodes: the usual ones, and the hub says when it reads behind a hint."""

from chatroom.settings import *  # noqa: F403
from chatroom.settings import LOGGING

LOGGING["loggers"]["chat.realtime.hub"] = {"level": "DEBUG"}
