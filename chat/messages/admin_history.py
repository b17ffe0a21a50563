"""A room's history for the admin: around any number or time, with the texts that moderators hid."""

from dataclasses import dataclass
from datetime import datetime

from ..rooms.models import Room, RoomHead
from .models import Change, Message

NEIGHBOURS = 40


@dataclass(frozen=True, slots=True)
class HistoryLine:
    message: Message
    changes: list[Change]
    hidden_text: str | None

    @property
    def is_hidden(self) -> bool:
        return self.hidden_text is not None


@dataclass(frozen=True, slots=True)
class Timeline:
    """`at`: the number asked for; `older`, `newer`: numbers of the next pages, if there are any."""

    lines: list[HistoryLine]
    at: int | None
    older: int | None
    newer: int | None


def around(room: Room, seq: int | None) -> Timeline:
    """The messages around this number; without one, the newest. Each query is an index range."""
    messages = Message.objects.in_room(room.pk).select_related("author")
    if seq is None:
        before, after = list(messages.order_by("-seq")[: 2 * NEIGHBOURS + 1]), []
    else:
        before = list(messages.before(seq)[: NEIGHBOURS + 1])
        after = list(messages.filter(seq__gte=seq).order_by("seq")[: NEIGHBOURS + 2])
    kept_before = NEIGHBOURS if seq is not None else 2 * NEIGHBOURS
    shown = before[:kept_before][::-1] + after[: NEIGHBOURS + 1]
    changes: dict[int, list[Change]] = {message.pk: [] for message in shown}
    made = Change.objects.filter(message__in=shown).exclude(kind=Change.Kind.REACTED)
    for change in made.select_related("actor").order_by("seq"):
        changes[change.message_id].append(change)
    return Timeline(
        [HistoryLine(m, changes[m.pk], _hidden_text(m, changes[m.pk])) for m in shown],
        seq,
        shown[0].seq if shown and len(before) > kept_before else None,
        shown[-1].seq if shown and len(after) > NEIGHBOURS + 1 else None,
    )


def seq_at(room: Room, moment: datetime) -> int:
    """The number of the first message posted at or after this time, by binary search."""
    low, high = 1, RoomHead.objects.values_list("head", flat=True).get(room=room) + 1
    messages = Message.objects.in_room(room.pk).order_by("seq")
    while low < high:
        middle = (low + high) // 2
        # A change may hold this number, so the next message is compared.
        found = messages.filter(seq__gte=middle).values_list("seq", "created_at").first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low


def _hidden_text(message: Message, changes: list[Change]) -> str | None:
    """The text that a moderator hid. None if the author deleted the message, or nobody did."""
    if message.deleted_at is None:
        return None
    removals = [c for c in changes if c.kind in {Change.Kind.HIDDEN, Change.Kind.DELETED}]
    last = removals[-1] if removals else None
    if last is None or last.kind == Change.Kind.DELETED or not last.replaced:
        return None
    return str(last.replaced["body"])
