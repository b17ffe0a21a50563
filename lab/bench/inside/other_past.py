"""Without the id check: a number alone says where a reader stands, whatever log that was in."""

from collections.abc import Callable, Sequence
from typing import Any

from chat.messages import room_heads
from chat.messages.catch_up import HubPosition
from chat.messages.history import Page
from chat.rooms.models import RoomHead

TOO_FAR = "too_far"


def reason(reason_to_reset: Callable[..., Any]) -> Callable[..., Any]:
    """In place of catch_up._reason_to_reset: only how far it is counts."""

    def only_too_far(log: Any, position: Any, id_there: Any) -> str | None:
        found = reason_to_reset(log, position, id_there)
        return TOO_FAR if found == TOO_FAR else None

    return only_too_far


def since(original: Callable[..., Any]) -> Callable[..., Any]:
    """In place of catch_up.since: who is ahead of the log is told that nothing has changed."""

    def since_number(room: Any, position: Any) -> Any:
        log = room_heads.head_of(room)
        if position.seq <= log.head:
            return original(room, position)
        stands = position.seq
        end = stands, position.id
        return Page(log.epoch, *end, stands + 1, *end, [], False)

    return since_number


def gaps(original: Callable[..., Any]) -> Callable[..., Any]:
    """In place of catch_up.gaps: the ids that a hub holds are taken to be those of the log."""

    def gaps_by_number(positions: Sequence[HubPosition]) -> dict[int, Any]:
        logs = RoomHead.objects.in_bulk([room.pk for room, *_ in positions])
        trusted: list[HubPosition] = []
        for room, head, _, _ in positions:
            log = logs[room.pk]
            head = min(head, log.head)
            trusted.append((room, head, room_heads.id_at(log, head), log.epoch))
        return dict(original(trusted))

    return gaps_by_number


def never(original: Callable[..., Any]) -> Callable[..., Any]:
    """In place of RoomStream.conflicts_with: every batch is of the log that we hold."""
    return lambda self, batch: False


def not_asked(original: Callable[..., Any]) -> Callable[..., Any]:
    """In place of GapRepair.check_conflict."""
    return lambda self, live, head: None
