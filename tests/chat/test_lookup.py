"""A lookup finds what its query finds, value for value, without making the query again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.accounts.models import Member
from chat.moderation import admission
from chat.moderation.room_rules import open_room
from chat.ready_queries import Lookup, ReadyRows, first_of_each
from chat.rooms.models import Room, RoomHead

pytestmark = pytest.mark.django_db


def values(found: object) -> dict[str, object]:
    return {key: value for key, value in vars(found).items() if key != "_state"}


@pytest.mark.parametrize("name", ["Ada", "Bob", "Čapek 語"])
def test_a_lookup_finds_the_row_that_the_query_finds(name: str) -> None:
    member = admission.join(name=name)
    by_name: Lookup[Member] = Lookup(
        lambda id_, name: Member.objects.live().filter(pk=id_, name=name), 10**6, "an example"
    )

    found = by_name.first(member.pk, name)

    assert found is not None
    assert found == member
    assert values(found) == values(Member.objects.get(pk=member.pk))
    assert by_name.first(member.pk, "somebody else") is None
    assert by_name.first(member.pk + 1, name) is None


@pytest.mark.parametrize("key", ["garden", "an-example", "a key"])
def test_a_value_is_never_taken_for_an_example(key: str) -> None:
    open_room(key="garden", name="Garden")
    by_key: Lookup[Room] = Lookup(lambda key: Room.objects.filter(key=key), "a key")

    found = by_key.first(key)

    assert (found.key if found else None) == ("garden" if key == "garden" else None)


def test_a_found_row_can_be_saved_and_costs_one_query() -> None:
    open_room(key="garden", name="Garden")
    by_key: Lookup[Room] = Lookup(lambda key: Room.objects.filter(key=key), "a key")
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = by_key.first("garden")
        assert len(queries) == 1
    assert found is not None

    found.name = "Another"
    found.save()

    assert Room.objects.get(key="garden").name == "Another"


@pytest.mark.parametrize("key", ["garden", "none"])
@pytest.mark.parametrize("is_there", [True, False])
def test_several_lookups_find_in_one_statement_what_each_would_find(
    key: str, is_there: bool
) -> None:
    open_room(key="garden", name="Garden")
    ada = admission.join(name="Ada")
    by_key: Lookup[Room] = Lookup(lambda key: Room.objects.filter(key=key), "a key")
    head: Lookup[RoomHead] = Lookup(lambda key: RoomHead.objects.filter(room__key=key), "a key")
    by_id: Lookup[Member] = Lookup(lambda id_: Member.objects.live().filter(pk=id_), 10**6)
    id_ = ada.pk if is_there else ada.pk + 1

    with CaptureQueriesContext(connection) as queries:
        found = first_of_each((by_id, (id_,)), (by_key, (key,)), (head, (key,)))

    assert len(queries) == 1
    alone = [by_id.first(id_), by_key.first(key), head.first(key)]
    assert found == alone
    assert [one and values(one) for one in found] == [one and values(one) for one in alone]


def test_rows_are_those_of_the_query() -> None:
    open_room(key="garden", name="Garden")
    listed = ReadyRows(
        lambda name: Room.objects.filter(name=name).values_list("key", "kind"), "a name"
    )

    assert listed.all("Garden") == [["garden", "public"]]
    assert listed.all("Another") == []
