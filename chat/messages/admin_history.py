"""A room's past as operators read it: around any number or time, with what was taken down."""

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
    """`at`: the number asked for; `older` and `newer`: numbers to go on at, if there are more."""

    lines: list[HistoryLine]
    at: int | None
    older: int | None
    newer: int | None


def around(room: Room, seq: int | None) -> Timeline:
    """The messages around this number; without one, the newest. Index ranges all."""
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
    """The number of the first message said at this time or later: a binary search over the log."""
    low, high = 1, RoomHead.objects.values_list("head", flat=True).get(room=room) + 1
    messages = Message.objects.in_room(room.pk).order_by("seq")
    while low < high:
        middle = (low + high) // 2
        # Changes hold numbers too: the next message tells.
        found = messages.filter(seq__gte=middle).values_list("seq", "created_at").first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low


def _hidden_text(message: Message, changes: list[Change]) -> str | None:
    """What a moderator took down. What its author did is gone for everyone."""
    if message.deleted_at is None:
        return None
    removals = [c for c in changes if c.kind in {Change.Kind.HIDDEN, Change.Kind.DELETED}]
    last = removals[-1] if removals else None
    if last is None or last.kind == Change.Kind.DELETED or not last.replaced:
        return None
    return str(last.replaced["body"])
