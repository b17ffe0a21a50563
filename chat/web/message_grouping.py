"""Message grouping: where a new day or a new group of one author's messages begins.

Days are those of UTC. static/js/models/layout.js does the same with the reader's days.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from .. import protocol

# Messages of one author within this time form a group, with the name above it.
GROUP_TIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class GroupedMessage:
    """A message, and whether a new day or group begins with it."""

    message: protocol.WireMessage
    starts_day: bool
    starts_group: bool


def group_messages(messages: Iterable[protocol.WireMessage]) -> Iterator[GroupedMessage]:
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
