"""Who speaks: the members' own rows, read in the commit, whatever a cookie or a hint said."""

from collections.abc import Iterable

from ..accounts.models import Member
from ..errors import SessionEnded
from .operations import Operation, Post


class Authors:
    """Those who want something in one batch. Read under the room's lock."""

    def __init__(self, intents: Iterable[Operation]) -> None:
        ids = [member_id for member_id in map(_speaker, intents) if member_id is not None]
        rows = Member.objects.filter(pk__in=ids).values_list("pk", "session", "name")
        self._rows = {member_id: (session, name) for member_id, session, name in rows}

    def name_for(self, intent: Operation) -> str:
        """The speaker's name now. SessionEnded if the session of the intent is not theirs now."""
        if (member_id := _speaker(intent)) is None:
            return ""
        session, name = self._rows.get(member_id, (0, ""))
        if not session or intent.session not in (None, session):
            raise SessionEnded
        return name


def _speaker(intent: Operation) -> int | None:
    return intent.author_id if isinstance(intent, Post) else intent.actor_id
