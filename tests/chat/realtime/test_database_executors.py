"""The threads' connections: kept, and on SQLite only one of them checkpoints."""

import pytest
from django.db import OperationalError, connection

from chat.realtime.database_executors import DatabaseExecutors

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.sqlite  # PostgreSQL tidies up by itself
async def test_the_writer_checkpoints_after_an_error_too() -> None:
    executors = DatabaseExecutors()
    try:
        before = await executors.write(pages_before_checkpoint)
        with pytest.raises(OperationalError):
            await executors.write(fail)

        after = await executors.write(pages_before_checkpoint)
        reader = await executors.read(pages_before_checkpoint)
    finally:
        executors.close()

    assert (before, after, reader) == (1000, 1000, 0)


def pages_before_checkpoint() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint")
        [pages] = cursor.fetchone()
    return int(pages)


def fail() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
