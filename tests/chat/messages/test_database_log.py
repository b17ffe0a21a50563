"""What people say is in no log of PostgreSQL: statements of ours fail and wait, and it is read."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chat.maintenance.doctor_checks import LOG_WITHOUT_MESSAGES
from lab.kit import servers

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.once]

ROOT = Path(__file__).resolve().parents[3]
WORD = "aubergine"
# Soon enough to be seen waiting before our own lock_timeout ends it.
IMPATIENT = {"deadlock_timeout": "100ms"}

# Each in a transaction of its own, on real rows, with the word in what is said.
TROUBLE = f"""
import logging, threading
from django.db import DatabaseError, connection, transaction
from chat.models import Message, Room, RoomHead
from chat.errors import ChatError
from chat.messages import commit
from chat.moderation import admission
from chat.moderation.room_rules import open_room

room, bob = open_room(key="garden", name="Garden"), admission.join(name="Bob")
def post(number, **more):
    return commit.Post(bob.pk, str(number), "{WORD} " + str(number), **more)
first, second = (commit.commit_operation(room, post(n)).seq for n in (1, 2))
ours = Message.objects.filter(room=room)

def fails(attempt):
    try:
        with transaction.atomic():
            attempt()
    except DatabaseError as error:
        # As a view that fails does.
        logging.getLogger("chat").exception("It failed: %s", error)
        return
    raise AssertionError("It did not fail.")

def refused(*posts):
    # One after the other: the fast way, a reply, and an edit.
    for operation in posts:
        [outcome] = commit.commit_batch(room, [operation])
        assert isinstance(outcome, ChatError), outcome

def beside(hold, act):
    # Another transaction holds what we want, until we are through.
    held, done = threading.Event(), threading.Event()
    def other():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            hold()
            held.set()
            done.wait(20)
        connection.close()
    thread = threading.Thread(target=other)
    thread.start()
    held.wait(20)
    try:
        act()
    finally:
        done.set()
        thread.join()

# A row that violates a constraint, by INSERT and by UPDATE; one without a value that must be there.
fails(lambda: ours.filter(seq=first).update(seq=second, body="{WORD} update"))
fails(lambda: Message.objects.bulk_create(
    [Message(room=room, author=bob, author_name="Bob", client_id="9", seq=first, updated_seq=9,
             body="{WORD} insert")]))
fails(lambda: ours.filter(seq=first).update(author_name=None, body="{WORD} null"))
fails(lambda: ours.filter(body__regex="{WORD} (")[:1].get())
# A room that somebody else holds; a row that somebody else changes.
beside(lambda: RoomHead.objects.select_for_update().get(room=room),
       lambda: refused(post(3), post(4, reply_to=first), commit.Edit(bob.pk, first, "{WORD} edit")))
beside(lambda: ours.filter(seq=first).update(edited_at=None),
       lambda: fails(lambda: ours.filter(seq=first).update(body="{WORD} waits")))
# Two that wait for each other.
def crossed(mine, theirs, meet):
    try:
        with transaction.atomic():
            ours.filter(seq=mine).update(body="{WORD} deadlock")
            meet.wait(20)
            ours.filter(seq=theirs).update(body="{WORD} deadlock")
    except DatabaseError:
        pass
    connection.close()
meet = threading.Barrier(2)
pairs = (first, second), (second, first)
both = [threading.Thread(target=crossed, args=(*pair, meet)) for pair in pairs]
[thread.start() for thread in both]
[thread.join() for thread in both]
"""


def settings_of_compose() -> dict[str, str]:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    return dict(re.findall(r"-c (log_\w+)=(\S+)", text))


def manage(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url, "REDIS_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def log_after_trouble(settings: dict[str, str]) -> str:
    with servers.postgres(settings=settings | IMPATIENT) as server:
        for arguments in (["migrate", "-v0"], ["shell", "-v0", "-c", TROUBLE]):
            done = manage(server.url, *arguments)
            assert done.returncode == 0, done.stderr
            # Nor in the log of ours.
            assert WORD not in done.stderr
        return (server.folder / "log").read_text()


def test_compose_s_postgresql_writes_nothing_of_a_statement_that_fails_or_waits() -> None:
    log = log_after_trouble(settings_of_compose())

    # That it happened is told: it was not only quiet.
    for trouble in (
        "violates unique",
        "violates not-null",
        "regular expression",
        "deadlock detected",
        "lock timeout",
        "still waiting",
    ):
        assert trouble in log, f"There was no trouble of this kind: {trouble}"
    assert [line for line in log.splitlines() if WORD in line] == []


def test_doctor_asks_for_what_compose_tells_its_postgresql() -> None:
    told = settings_of_compose()

    assert {name: told[name] for name in LOG_WITHOUT_MESSAGES} == LOG_WITHOUT_MESSAGES


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (LOG_WITHOUT_MESSAGES, "holds nothing of what people say"),
        ({}, "holds what people say when a statement fails (log_error_verbosity=default,"),
        (LOG_WITHOUT_MESSAGES | {"log_statement": "mod"}, "(log_statement=mod)"),
    ],
)
def test_doctor_says_whether_the_log_of_postgresql_holds_messages(
    told: dict[str, str], verdict: str
) -> None:
    with servers.postgres(settings=told) as server:
        said = manage(server.url, "doctor").stdout

    [line] = [line for line in said.splitlines() if "database log: " in line]
    assert verdict in line
