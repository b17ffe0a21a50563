"""Rooms that their owners deleted: their logs are deleted in small steps, while others talk."""

from functools import partial

from ..rooms.models import Room, RoomHead
from . import retention
from .throttling import run_throttled


def purge_all() -> int:
    """Delete what is left of the logs of deleted rooms; returns how many numbers went.

    If it is stopped, the next run finishes it. The room's row and its head stay, without a name:
    the audit record refers to them, and the key is not given again.
    """
    gone = 0
    for room in Room.objects.filter(kind=Room.Kind.DELETED).exclude(name=""):
        log = RoomHead.objects.filter(room=room).first()
        if log is not None:
            for rows in retention.prune(retention.Plan(room, log.floor, log.head)):
                gone += rows
        run_throttled(partial(_forget_name, room))
    return gone


def _forget_name(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(name="")
