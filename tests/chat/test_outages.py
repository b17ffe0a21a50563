"""A database that is full, read-only, locked or without tables: said so, and nothing is lost."""

import html
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created
from django.test import Client

from chat.accounts import sessions
from chat.accounts.models import Member
from chat.database_connections import drop_connection
from chat.errors import Busy, Unavailable
from chat.messages import commit
from chat.messages.models import Message
from chat.outages import InOneLine, is_outage
from chat.rooms.models import Room

from .messages import logs
from .messages.logs import post, react, say

garden = logs.garden

# Each connection is a new one, as a node's would be.
pytestmark = pytest.mark.django_db(transaction=True)

Outage = Callable[[], Any]


@contextmanager
def each_connection_says(*statements: str) -> Iterator[None]:
    """What is wrong is wrong on every connection until the end."""

    def spoil(connection: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    drop_connection()
    connection_created.connect(spoil)
    try:
        yield
    finally:
        connection_created.disconnect(spoil)
        with closing(connection.cursor()) as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("RESET ALL")
        drop_connection()


@contextmanager
def read_only() -> Iterator[None]:
    on_sqlite = connection.vendor == "sqlite"
    statement = "PRAGMA query_only = ON" if on_sqlite else "SET default_transaction_read_only = on"
    with each_connection_says(statement):
        yield


@contextmanager
def full() -> Iterator[None]:
    """PostgreSQL on a full disk says so by an error of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        for table in ("chat_roomhead", "chat_member"):
            cursor.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table}"
                " EXECUTE FUNCTION fail()"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION fail CASCADE")


@contextmanager
def without_tables() -> Iterator[None]:
    """Nothing can be read either: as before `migrate`."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_member RENAME TO mislaid")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE mislaid RENAME TO chat_member")


FULL = pytest.param(full, marks=pytest.mark.postgres)
NOTHING_IS_WRITTEN = pytest.mark.parametrize("outage", [read_only, FULL])
ANY = pytest.mark.parametrize("outage", [read_only, FULL, without_tables])


@pytest.fixture
def hers(alice: Member) -> Client:
    browser = Client(raise_request_exception=False)
    browser.cookies["member"] = sessions.issue(alice)
    return browser


@NOTHING_IS_WRITTEN
def test_a_room_is_read_while_nothing_can_be_written(
    outage: Outage, garden: Room, alice: Member, hers: Client
) -> None:
    say(garden, alice, "still to be read")
    Member.objects.update(last_seen_at="2020-01-01T00:00:00Z")

    with outage():
        page = hers.get("/rooms/garden/")

    assert page.status_code == 200
    assert b"still to be read" in page.content


@ANY
def test_what_was_said_is_in_the_page_and_is_said_once_when_it_is_sent_again(
    outage: Outage,
    garden: Room,
    hers: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    words = "  two\nlines, <b>& 🌱"
    form = {"body": words, "client_id": "c-1"}

    with outage():
        page = hers.post("/rooms/garden/messages/", form)
        assert_is_an_outage(page)
    field = r'<textarea[^>]*name="body"[^>]*>\s*?\n?(.*?)</textarea>'
    [shown] = re.findall(field, page.content.decode(), re.S)
    assert html.unescape(shown).endswith(words.lstrip())
    assert 'value="c-1"' in page.content.decode()
    assert_told_shortly(caplog)

    for _ in range(2):
        assert hers.post("/rooms/garden/messages/", form).status_code == 303
    assert Message.objects.filter(room=garden, body=words).count() == 1


@ANY
def test_a_name_is_kept_for_the_next_try(outage: Outage, caplog: pytest.LogCaptureFixture) -> None:
    browser = Client(raise_request_exception=False)

    with outage():
        page = browser.post("/join/", {"name": "Ada", "next": "/rooms/lobby/"})
        assert_is_an_outage(page)

    assert 'action="/join/"' in page.content.decode()
    assert 'name="name" value="Ada"' in page.content.decode()
    assert_told_shortly(caplog)
    assert browser.post("/join/", {"name": "Ada"}).status_code == 303


@ANY
def test_a_form_of_the_admin_is_not_shown_again(outage: Outage) -> None:
    browser = Client(raise_request_exception=False)
    with ExitStack() as stack:
        stack.enter_context(without_tables_of_accounts())
        stack.enter_context(outage())
        page = browser.post("/admin/login/", {"username": "root", "password": "secret-word"})

    assert page.status_code == 503
    assert b"secret-word" not in page.content


@contextmanager
def without_tables_of_accounts() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE auth_user RENAME TO mislaid_user")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE mislaid_user RENAME TO auth_user")


@NOTHING_IS_WRITTEN
def test_every_operation_is_answered_unavailable(
    outage: Outage, garden: Room, alice: Member
) -> None:
    """And none is taken for one that can never be stored."""
    say(garden, alice, "first")
    operations: list[commit.Operation] = [
        post(alice, "plain"),
        post(alice, "an answer", reply_to=1),
        commit.Edit(alice.pk, 1, "edited"),
        react(alice, 1),
    ]

    with outage():
        for batch in (operations, operations[:1]):
            outcomes = commit.commit_batch(garden, batch)
            assert {type(outcome) for outcome in outcomes} == {Unavailable}

    assert logs.seqs(commit.commit_batch(garden, operations)) == [2, 3, 1, 1]


@pytest.mark.sqlite
def test_a_file_that_may_not_grow_is_full(garden: Room, alice: Member) -> None:
    """Until then there is room between the rows, much of it where many rows were deleted."""
    with each_connection_says("PRAGMA max_page_count = 1"):
        for _ in range(5000):
            [outcome] = commit.commit_batch(garden, [post(alice, "x" * 4000)])
            if isinstance(outcome, Unavailable):
                break

    assert str(outcome) == "The database is full; try again."


@pytest.mark.postgres
def test_a_locked_room_is_busy_and_says_when_to_come_again(
    garden: Room, hers: Client, alice: Member
) -> None:
    params = connection.get_connection_params()
    with psycopg.connect(**params) as other:
        other.execute("LOCK TABLE chat_roomhead IN EXCLUSIVE MODE")
        [outcome] = commit.commit_batch(garden, [post(alice, "hello")])
        page = hers.post("/rooms/garden/messages/", {"body": "hello", "client_id": "c"})

    assert isinstance(outcome, Busy)
    assert (page.status_code, page["Retry-After"]) == (503, "1")
    assert b"hello</textarea>" in page.content


def test_what_is_wrong_with_one_row_is_no_outage(garden: Room) -> None:
    with pytest.raises(Exception) as twice:  # noqa: PT011 - any of the database's
        Room.objects.create(key=garden.key, name="again")

    assert not is_outage(twice.value)
    assert not is_outage(ValueError())
    assert not is_outage(None)


def test_a_second_filter_lets_through_what_the_first_has_shortened() -> None:
    error = OperationalError("disk I/O error")
    record = logging.makeLogRecord({"status_code": 503, "exc_info": (type(error), error, None)})

    assert all(InOneLine().filter(record) for _ in range(2))
    assert record.getMessage().startswith("Answered with 503")


def assert_is_an_outage(page: Any) -> None:
    assert page.status_code == 503
    assert int(page["Retry-After"]) > 0
    assert "· Chatroom</title>" in page.content.decode() or "Garden" in page.content.decode()
    assert "The database" in page.content.decode()


def assert_told_shortly(caplog: pytest.LogCaptureFixture) -> None:
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record for record in told if record.exc_info] == []
    assert [record for record in told if record.levelno > logging.WARNING] == []
    assert told
