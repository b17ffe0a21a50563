"""Addresses within this site that a form may lead to."""

import re

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from ..rooms.models import LOBBY


def local_path(path: str) -> str:
    """This path if it is one of this site, else the lobby's."""
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return path
    return reverse("room", args=[LOBBY])


def ready_to_write(path: str) -> str:
    """This path; in a room, with the focus where one writes. A link to a message has its own."""
    is_room = re.fullmatch(r"/rooms/[\w-]+/", path)
    return f"{path}#composer-body" if is_room else path
