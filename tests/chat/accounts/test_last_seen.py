"""A visit to a page keeps a member's name, and many visits are written together."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.accounts.last_seen import LastSeen
from chat.accounts.models import Member
from chat.moderation import admission

pytestmark = pytest.mark.django_db


def absent(*names: str) -> list[Member]:
    long_ago = timezone.now() - timedelta(minutes=5)
    for name in names:
        member = admission.join(name=name)
        Member.objects.filter(pk=member.pk).update(last_seen_at=long_ago)
    return list(Member.objects.filter(name__in=names))


def are_here(members: list[Member]) -> bool:
    recently = timezone.now() - timedelta(minutes=1)
    ids = [member.pk for member in members]
    return Member.objects.filter(pk__in=ids, last_seen_at__gt=recently).count() == len(members)


def test_without_a_node_a_visit_is_written_at_once() -> None:
    members = absent("Ada")

    LastSeen().note(members[0])

    assert are_here(members)


def test_visits_of_many_are_one_write_of_the_node() -> None:
    members = absent("Ada", "Bob", "Eve")
    last_seen = LastSeen()
    last_seen.is_saved_by_node = True

    with CaptureQueriesContext(connection) as queries:
        for member in members * 2:
            last_seen.note(member)
        assert last_seen.is_waiting
        assert not queries.captured_queries
        last_seen.save()

    assert len(queries) == 1
    assert are_here(members)
    assert not last_seen.is_waiting


def test_a_visit_soon_after_another_is_not_written() -> None:
    ada = admission.join(name="Ada")

    with CaptureQueriesContext(connection) as queries:
        LastSeen().note(ada)

    assert len(queries) == 0
