"""A log of ten million messages beside one of ten thousand."""

import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..kit.launcher import launch
from .seed import seed

LONG = 10_000_000
SHORT = 10_000
TIMES = 400


def rows(folder: Path) -> Iterator[str]:
    """What reading and posting cost in a log of ten million messages, beside one of 10,000."""
    with launch(folder, members=1000, rooms=2, durable=False) as deployment:
        began = time.monotonic()
        size_on_disk = seed(deployment, SHORT, LONG)
        yield (
            f"{LONG:,} + {SHORT:,} messages in {time.monotonic() - began:.0f} s, "
            f"{size_on_disk / 1e9:.1f} GB with all indexes"
        )
        yield from deployment.shell(
            "from lab.benchmarks import log_length; log_length.compare()"
        ).splitlines()


# --- In a process whose Django is on that database (see `rows`) ---------------------------------


def compare() -> None:
    """Print what each operation costs in the short log and in the long one."""
    from chat.rooms.models import Room

    short, long = (Room.objects.get(key=f"room-{number}") for number in range(2))
    for name, operation in _operations().items():
        for room in (short, long):
            for _ in range(20):
                operation(room)
        times: dict[int, list[float]] = {short.pk: [], long.pk: []}
        # By turns, so that other load on this machine affects both.
        for _ in range(TIMES):
            for room in (short, long):
                began = time.perf_counter()
                operation(room)
                times[room.pk].append(time.perf_counter() - began)
        of_short, of_long = (1000 * statistics.median(times[room.pk]) for room in (short, long))
        pages = [_pages(operation, room) for room in (short, long)]
        print(
            f"{name}: {of_short:.2f} ms, {of_long:.2f} ms (× {of_long / of_short:.2f}); "
            f"{pages[0]:.0f} pages touched, {pages[1]:.0f} (× {pages[1] / pages[0]:.2f})"
        )


def _operations() -> dict[str, Callable[[Any], object]]:
    from chat import protocol
    from chat.accounts.models import Member
    from chat.messages import catch_up, commit, history, room_heads
    from chat.messages.models import Message

    member = Member.objects.earliest("pk")

    def head(room: Any) -> int:
        return room_heads.end_position(room)[1]

    def catch_up_on_50(room: Any) -> object:
        epoch, seq, _ = room_heads.end_position(room)
        seen = Message.objects.values_list("uid", flat=True).get(room=room, seq=seq - 50)
        return catch_up.since_encoded(room, protocol.Position(epoch, seq - 50, seen))

    def post(room: Any) -> object:
        client_id = secrets.token_hex(16)
        return commit.commit_batch(room, [commit.Post(member.pk, client_id, "hello")])

    return {
        "the last page": history.last_page_encoded,
        "a page of recent history": lambda room: history.older_messages_encoded(
            room, head(room) - 900, 50
        ),
        "a page of history anywhere": lambda room: history.older_messages_encoded(
            room,
            random.randint(100, head(room)),  # noqa: S311
            50,
        ),
        "catching up on 50": catch_up_on_50,
        "a post": post,
    }


def _pages(operation: Callable[[Any], object], room: Any) -> float:
    """Pages of 8 KiB that PostgreSQL touched for one of these operations."""
    from django.db import connection

    def touched() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read"
                " FROM pg_statio_user_tables WHERE relname = 'chat_message'"
            )
            return int(cursor.fetchone()[0])

    before = touched()
    for _ in range(TIMES):
        operation(room)
    return (touched() - before) / TIMES
