"""Read marks only go forward, whoever stores them when, and survive a database that is away."""

import random
import threading
from typing import Any

import pytest
from django.db import OperationalError, connections

from chat.accounts.models import Member
from chat.realtime import read_markers as marks_module
from chat.realtime.database_executors import DatabaseExecutors
from chat.realtime.read_markers import ReadMarkers, save_read_markers
from chat.rooms.models import ReadMark, Room
from tests.chat.messages import logs

garden, bob = logs.garden, logs.bob
pytestmark = pytest.mark.django_db(transaction=True)


def stored(member: Member, room: Room) -> int | None:
    return ReadMark.objects.filter(member=member, room=room).values_list("seq", flat=True).first()


@pytest.mark.parametrize("order", [[5, 3], [1, 9, 4], [7, 7, 6], [2, 1, 8, 3]])
def test_a_mark_never_goes_back(alice: Member, garden: Room, order: list[int]) -> None:
    for seq in order:
        save_read_markers({(alice.pk, garden.pk): seq})

    assert stored(alice, garden) == max(order)


def test_marks_that_several_nodes_store_at_once_end_at_the_furthest(
    alice: Member, bob: Member, garden: Room
) -> None:
    keys = [(member.pk, garden.pk) for member in (alice, bob)]
    failures: list[Exception] = []

    def node(seed: int) -> None:
        numbers = random.Random(seed).sample(range(1, 100), 30)
        try:
            for seq in [*numbers, 100 - seed]:
                save_read_markers(dict.fromkeys(random.Random(seq).sample(keys, 2), seq))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    nodes = [threading.Thread(target=node, args=(seed,)) for seed in range(4)]
    for one in nodes:
        one.start()
    for one in nodes:
        one.join()

    assert failures == []
    assert stored(alice, garden) == stored(bob, garden) == 100


class Away(DatabaseExecutors):
    """Threads whose database is away for so many saves."""

    def __init__(self, saves: int) -> None:
        super().__init__()
        self.saves = saves

    async def write(self, service: Any, *args: Any, **kwargs: Any) -> Any:
        self.saves -= 1
        if self.saves >= 0:
            raise OperationalError("the database is away")
        return await super().write(service, *args, **kwargs)


@pytest.mark.parametrize("saves", [1, 2, 5])
async def test_what_could_not_be_stored_is_stored_later(
    alice: Member, bob: Member, garden: Room, saves: int
) -> None:
    executors = Away(saves)
    marks = ReadMarkers(executors)
    marks.set(alice.pk, garden.pk, 5)
    for number in range(saves):
        with pytest.raises(OperationalError):
            await marks.save()
        # An older tab meanwhile, and somebody else.
        marks.set(alice.pk, garden.pk, 3)
        marks.set(bob.pk, garden.pk, number + 1)

    await marks.save()

    read = [await executors.read(stored, member, garden) for member in (alice, bob)]
    assert read == [5, saves]
    executors.close()


def test_a_mark_of_somebody_who_is_gone_costs_no_other(alice: Member, garden: Room) -> None:
    save_read_markers({(alice.pk, garden.pk): 4, (10**9, garden.pk): 4, (alice.pk, 10**9): 4})

    assert stored(alice, garden) == 4
    assert ReadMark.objects.count() == 1


async def test_marks_that_wait_are_bounded(
    alice: Member, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks_module, "UNSAVED_MAX", 3)
    monkeypatch.setattr(marks_module, "AT_ONCE", 2)
    executors = DatabaseExecutors()
    marks = ReadMarkers(executors)
    marks.set(alice.pk, garden.pk, 1)
    for number in range(5):
        marks.set(10**9 + number, garden.pk, 1)

    marks.set(alice.pk, garden.pk, 2)
    await marks.save()

    assert await executors.read(stored, alice, garden) == 2
    assert len(marks._unsaved) == 0
    executors.close()
