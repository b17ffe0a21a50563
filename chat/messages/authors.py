"""The authors of a batch, as their rows are during the commit.

A cookie or a node's memory may be out of date, so the commit checks sessions here, and whether the
room was closed to someone since their access was checked.
"""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef

from ..accounts.models import Member
from ..errors import SessionEnded
from ..rooms import access
from ..rooms.models import Room
from .models import Message
from .operations import Operation, Post


class Authors:
    """The authors and actors of one batch, read in one query. Make it under the room's lock.

    `checked` is the room as access to it was checked, `now` as it is. NotFound if it is deleted.
    """

    def __init__(self, operations: Iterable[Operation], checked: Room, now: Room) -> None:
        ids = [member_id for member_id in map(_member_of, operations) if member_id is not None]
        rows = Member.objects.filter(pk__in=ids).values_list("pk", "session", "name")
        self._room = now
        self._shut_out = access.shut_out(checked, now, ids)
        self._rows = {member_id: (session, name) for member_id, session, name in rows}

    def name_for(self, operation: Operation) -> str:
        """The member's name now.

        NotFound if the room is not for them any more; SessionEnded if the operation's session is
        not theirs any more.
        """
        if (member_id := _member_of(operation)) is None:
            return ""
        if member_id in self._shut_out:
            raise access.no_such_room(self._room.key)
        session, name = self._rows.get(member_id, (0, ""))
        if not session or operation.session not in (None, session):
            raise SessionEnded
        return name


def _member_of(operation: Operation) -> int | None:
    return operation.author_id if isinstance(operation, Post) else operation.actor_id


def who_spoke_for_everyone(member_ids: Collection[int]) -> list[int]:
    """Those of these members who wrote in a room that everyone can read."""
    said = Message.objects.filter(author=OuterRef("pk"), room__in=access.visible_to(None))
    spoke = Member.objects.filter(Exists(said), pk__in=member_ids)
    return list(spoke.values_list("pk", flat=True))
