"""Reports, and changes of moderation that are made at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from chat.accounts import change_numbers
from chat.accounts.models import ChangeNumbers, Member
from chat.errors import Forbidden, InvalidText, NotFound, TooLong
from chat.messages import commit
from chat.messages.models import Change
from chat.moderation import (
    message_moderation,
    reports,
)
from chat.moderation.authorization import Actor
from chat.moderation.models import AuditEntry, Report
from chat.rooms.models import Room
from tests.sockets import PATIENCE_SECONDS, wait_until

from ..messages import logs
from ..messages.logs import say
from . import moderation_fixtures
from .moderation_fixtures import entry

garden, bob, announced = logs.garden, logs.bob, logs.announced
morgan, olivia = moderation_fixtures.morgan, moderation_fixtures.olivia

pytestmark = pytest.mark.django_db(transaction=True)


# --- Reports ----------------------------------------------------------------------------------


def test_a_report_keeps_what_was_said_and_counts_once(
    garden: Room, alice: Member, bob: Member
) -> None:
    say(garden, alice, "Buy now")

    first = reports.report(member=bob, room=garden, seq=1, reason="An advertisement")
    again = reports.report(member=bob, room=garden, seq=1, reason="Really!")
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "Good morning"))

    assert first == again
    [waiting] = Report.objects.open()
    assert (waiting.body, waiting.author, waiting.reporter) == ("Buy now", alice, bob)


@pytest.mark.parametrize(
    ("reason", "error"), [("  ", InvalidText), ("x\0", InvalidText), ("x" * 501, TooLong)]
)
def test_a_report_says_why(
    garden: Room, alice: Member, bob: Member, reason: str, error: type[Exception]
) -> None:
    say(garden, alice, "Buy now")

    with pytest.raises(error):
        reports.report(member=bob, room=garden, seq=1, reason=reason)


def test_deleting_closes_every_report_of_the_message_and_so_does_leaving_it(
    garden: Room, alice: Member, bob: Member, mallory: Member, morgan: Member
) -> None:
    for seq in (1, 2):
        say(garden, alice, "Buy now")
        for member in (bob, mallory):
            reports.report(member=member, room=garden, seq=seq, reason="No")

    message_moderation.delete(actor=Actor(morgan), room=garden, seq=1)
    assert {report.seq for report in Report.objects.open()} == {2}
    with pytest.raises(Forbidden):
        reports.dismiss(actor=Actor(bob), report=Report.objects.open()[0])
    reports.dismiss(actor=Actor(morgan), report=Report.objects.open()[0], reason="Harmless")

    assert not Report.objects.open().exists()
    assert (entry().action, entry().reason) == ("report_closed", "Harmless")


def test_a_deleted_message_cannot_be_reported(garden: Room, alice: Member, bob: Member) -> None:
    say(garden, alice, "Oh no")
    commit.commit_operation(garden, commit.Delete(alice.pk, 1))

    with pytest.raises(NotFound):
        reports.report(member=bob, room=garden, seq=1, reason="No")


@pytest.mark.postgres  # SQLite lets one transaction begin after the other
def test_the_first_two_changes_of_all_may_be_made_at_once() -> None:
    ChangeNumbers.objects.all().delete()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change_numbers.record_moderation_change()
            second = pool.submit(
                and_hang_up, transaction.atomic(change_numbers.record_moderation_change)
            )
            wait_until(somebody_waits_for_a_lock)
        second.result(PATIENCE_SECONDS)

    assert ChangeNumbers.objects.get().count == 2


@pytest.mark.postgres
def test_of_two_who_delete_a_message_at_once_the_first_is_recorded(
    garden: Room, alice: Member, morgan: Member, olivia: Member
) -> None:
    say(garden, alice, "Buy now")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            message_moderation.delete(actor=Actor(morgan), room=garden, seq=1)
            olivias = partial(message_moderation.delete, actor=Actor(olivia), room=garden, seq=1)
            second = pool.submit(and_hang_up, olivias)
            wait_until(somebody_waits_for_a_lock)
        second.result(PATIENCE_SECONDS)

    assert AuditEntry.objects.get(action="deleted").actor == morgan
    assert Change.objects.count() == 1


def and_hang_up(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connection.close()


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        [waiting] = cursor.fetchone()
    return bool(waiting)
