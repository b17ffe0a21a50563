"""A long list of rooms in a browser."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.core.management import CommandError, call_command

from ..kit.launcher import launch
from .page import spread, visitor_of

ROOMS = 500
VISITS = 10
_JOIN = b"""
WITH closed AS (UPDATE chat_room SET kind = 'private' WHERE key LIKE 'room-%')
INSERT INTO chat_membership (room_id, member_id, role, notify, joined_at)
SELECT r.id, m.id, 'member', 'all', now() FROM chat_room r, chat_member m
WHERE r.key LIKE 'room-%' AND m.name LIKE 'measured %'
"""


def long_list(folder: Path) -> Iterator[str]:
    """A member in 500 rooms: when their list is on the screen after it came."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with launch(folder, members=1, rooms=ROOMS, durable=False) as deployment:
        with psycopg.connect(deployment.database_url, autocommit=True) as connection:
            connection.execute(_JOIN)
        with (
            deployment.node() as node,
            visitor_of(node, deployment.cookies[0]) as visitor,
        ):
            painted, live = [], []
            for _ in range(VISITS + 1):
                visitor.goto(f"{node.origin}/rooms/room-0/")
                painted.append(float(visitor.evaluate("stopwatch.list")))
                live.append(float(visitor.evaluate("stopwatch.live")))
                shown = visitor.locator("a[data-room]").count()
                if shown < ROOMS:
                    raise CommandError(f"{shown} of {ROOMS} rooms are in the list.")
            # The first visit fills the cache.
            yield (
                f"{shown} rooms: on the screen {spread(painted[1:])} ms after they came, "
                f"live after {spread(live[1:])} ms (of {VISITS} visits)"
            )
