"""When members were last seen on a page: written once a second for all of them.

After a deploy every tab loads its page within seconds. A write for each would be as many commits,
for which messages wait.
"""

from datetime import timedelta
from threading import Lock

from django.db import DatabaseError
from django.utils import timezone

from ..outages import is_outage
from .models import Member

# Page visits count at most once in so many seconds.
SEEN_EVERY = timedelta(seconds=60)


class LastSeen:
    """Those seen since the last write. Without a node that saves them, each is written at once."""

    def __init__(self) -> None:
        self.is_saved_by_node = False
        self._ids: set[int] = set()
        self._lock = Lock()

    @property
    def is_waiting(self) -> bool:
        return bool(self._ids)

    def note(self, member: Member) -> None:
        """Record that the member was seen, so that they keep the name.

        If the database accepts no writes, the page is still shown.
        """
        if timezone.now() - member.last_seen_at <= SEEN_EVERY:
            return
        with self._lock:
            self._ids.add(member.pk)
        if not self.is_saved_by_node:
            self.save()

    def save(self) -> None:
        with self._lock:
            ids, self._ids = self._ids, set()
        try:
            Member.objects.live().filter(pk__in=sorted(ids)).update(last_seen_at=timezone.now())
        except DatabaseError as error:
            if not is_outage(error):
                raise


LAST_SEEN = LastSeen()
