"""Charts of activity: how many messages and members were made in each hour and each day.

A few index look-ups give the counts, so the cost does not depend on the size of the tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import connection
from django.utils import timezone

HOURS = 48
DAYS = 30

# Ids grow with time, nearly. So a binary search over the primary key finds the first row made at
# or after a moment; this query searches for all moments at once. The difference of two such ids
# is about the number of rows made in between. It counts rolled back ids too.
_FIRST_IDS = """
WITH RECURSIVE asked(place, moment) AS (
    VALUES {moments}
), search(place, moment, low, high) AS (
    SELECT place, moment, CAST(1 AS bigint), (SELECT COALESCE(MAX(id), 0) + 1 FROM {table})
    FROM asked
    UNION ALL
    SELECT place, moment,
        CASE WHEN ({probe}) < moment THEN (low + high) / 2 + 1 ELSE low END,
        CASE WHEN ({probe}) < moment THEN high ELSE (low + high) / 2 END
    FROM search WHERE low < high
)
SELECT low FROM search WHERE low >= high ORDER BY place
"""
_PROBE = (
    "SELECT created_at FROM {table} AS probed WHERE probed.id >= (low + high) / 2"
    " ORDER BY probed.id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Bar:
    since: datetime
    count: int


@dataclass(frozen=True, slots=True)
class ActivityCounts:
    """About how many rows were made in each hour and each day, up to now, and in all."""

    hours: list[Bar]
    days: list[Bar]
    total: int


def messages() -> ActivityCounts:
    return _activity("chat_message")


def members() -> ActivityCounts:
    return _activity("chat_member")


def _activity(table: str) -> ActivityCounts:
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [hour - timedelta(hours=n) for n in range(HOURS - 1, -1, -1)]
    days = [hour.replace(hour=0) - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    end = now + timedelta(days=1)
    ids = _first_ids(table, [*hours, *days, end])
    by_hour, by_day = ids[:HOURS], ids[HOURS:-1]
    return ActivityCounts(
        _bars(hours, [*by_hour, ids[-1]]), _bars(days, [*by_day, ids[-1]]), max(ids[-1] - 1, 0)
    )


def _bars(since: Sequence[datetime], ids: Sequence[int]) -> list[Bar]:
    counts = [max(later - earlier, 0) for earlier, later in pairwise(ids)]
    return [Bar(moment, count) for moment, count in zip(since, counts, strict=True)]


def _first_ids(table: str, moments: Sequence[datetime]) -> list[int]:
    """For each moment the id of the first row made at or after it."""
    row = "(%s::int, %s::timestamptz)" if connection.vendor == "postgresql" else "(%s, %s)"
    rows = ", ".join([row] * len(moments))
    sql = _FIRST_IDS.format(table=table, moments=rows, probe=_PROBE.format(table=table))
    adapt = connection.ops.adapt_datetimefield_value
    parameters = [value for place, at in enumerate(moments) for value in (place, adapt(at))]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [first for (first,) in cursor.fetchall()]
