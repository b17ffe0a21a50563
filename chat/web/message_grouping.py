"""Message grouping: where a new day or a new group of one author's messages begins.

Days are those of UTC. static/js/models/message-grouping.js does the same with the reader's days;
both are tried with the cases of tests/message_grouping.json.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile

from .. import protocol

# Messages of one author within this time form a group, with the name above it.
GROUP_TIME = timedelta(minutes=5)
# So many deleted messages in a row are one line.
SHORTEST_RUN = 2


@dataclass(frozen=True, slots=True)
class GroupedMessage:
    """A message, and whether a new day or group begins with it.

    `deletions`: so many deleted messages begin with this one, and one line stands for all of them.
    `is_collapsed`: the message is one of those, and not shown itself.
    """

    message: protocol.WireMessage
    starts_day: bool
    starts_group: bool
    deletions: int = 0
    is_collapsed: bool = False


def group_messages(
    messages: Iterable[protocol.WireMessage], focus: int | None = None
) -> list[GroupedMessage]:
    """The messages in their groups. `focus`: one that is to be seen, also if it was deleted."""
    lines = list(_groups(messages))
    start = 0
    while start < len(lines):
        run = _run_at(lines, start)
        end = start + max(1, len(run))
        if len(run) >= SHORTEST_RUN and focus not in {line.message.seq for line in run}:
            _collapse(lines, start, end)
        start = end
    return lines


def _groups(messages: Iterable[protocol.WireMessage]) -> Iterator[GroupedMessage]:
    day = author = group_ends = None
    for message in messages:
        moment = message.created_at
        starts_day = moment.date() != day
        starts_group = (
            starts_day
            or message.author.id != author
            or group_ends is None
            or moment > group_ends
            or message.reply_to is not None
        )
        if starts_group:
            day, author, group_ends = moment.date(), message.author.id, moment + GROUP_TIME
        yield GroupedMessage(message, starts_day, starts_group)


def _run_at(lines: Sequence[GroupedMessage], start: int) -> list[GroupedMessage]:
    """The deleted messages of one day that stand there in a row."""
    if not lines[start].message.deleted:
        return []
    others = lines[start + 1 :]
    return [
        lines[start],
        *takewhile(lambda line: line.message.deleted and not line.starts_day, others),
    ]


def _collapse(lines: list[GroupedMessage], start: int, end: int) -> None:
    for index in range(start, end):
        lines[index] = replace(lines[index], is_collapsed=True)
    lines[start] = replace(lines[start], deletions=end - start)
    if end < len(lines):
        # The author's name may have stood in what is not shown.
        lines[end] = replace(lines[end], starts_group=True)
