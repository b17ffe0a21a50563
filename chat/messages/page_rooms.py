"""The rooms that a page lists, each with its last message and how far the reader has read."""

from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from ..ready_queries import ReadyRows
from ..rooms import access
from ..rooms.models import LOBBY, ReadMark, Room
from .models import Message
from .unread import ROOMS_LISTED


class PageRoom(NamedTuple):
    """A room in the list. `read` and `said` are numbers of messages; None: nothing yet."""

    key: str
    name: str
    kind: str
    said: int | None
    read: int | None


def listed_for(member_id: int | None) -> list[PageRoom]:
    """The rooms that this member or visitor sees listed, in order; one query."""
    rows = _FOR_VISITORS.all() if member_id is None else _FOR_MEMBERS.all(member_id)
    return [PageRoom(*row) for row in rows]


def _query(member_id: int | None) -> QuerySet[Room, Any]:
    newest = Message.objects.filter(room=OuterRef("pk")).order_by("-seq").values("seq")[:1]
    marks = ReadMark.objects.filter(room=OuterRef("pk"), member=member_id or 0).values("seq")[:1]
    # The order of the socket's room list, so that nothing moves when that arrives.
    rooms = access.visible_to(member_id).alias(is_other=~Q(key=LOBBY))
    listed = rooms.order_by("is_other", "name", "pk")[:ROOMS_LISTED]
    return listed.values_list("key", "name", "kind", Subquery(newest), Subquery(marks))


_FOR_VISITORS = ReadyRows(lambda: _query(None))
_FOR_MEMBERS = ReadyRows(_query, 10**6 + 1)
