"""The threads' connections: kept, and on SQLite only one of them checkpoints."""

import pytest
from django.db import OperationalError, connection

from chat.realtime.threads import Threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.sqlite  # PostgreSQL tidies up by itself
async def test_the_writer_checkpoints_after_an_error_too() -> None:
    threads = Threads()
    try:
        before = await threads.write(pages_before_checkpoint)
        with pytest.raises(OperationalError):
            await threads.write(fail)

        after = await threads.write(pages_before_checkpoint)
        reader = await threads.read(pages_before_checkpoint)
    finally:
        threads.close()

    assert (before, after, reader) == (1000, 1000, 0)


def pages_before_checkpoint() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint")
        [pages] = cursor.fetchone()
    return int(pages)


def fail() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
