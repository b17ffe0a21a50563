"""PostgreSQL ends the connection of a commit, before and after each of its statements in turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
import pytest
from django.db import connection

from chat.accounts.models import Member
from chat.errors import Unavailable
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation.room_rules import open_room
from chat.realtime.watched_connection import WatchedConnection
from chat.rooms.models import Room

from . import logs
from .concurrent_commits import url_of
from .logs import assert_whole, fetch, head, post, react, seqs
from .loop_commits import loop_commits

bob, garden = logs.bob, logs.garden

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@dataclass
class Saboteur:
    """Ends the back end at the given step of each connection: one connection after the other.

    `before` the step, `after` it, or `unanswered`: the step was carried out, and nobody heard.
    """

    killer: psycopg.Connection
    moment: str
    plan: list[int]
    struck: int = 0
    _steps: dict[Any, int] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """The most that one connection came to."""
        return max(self._steps.values())

    def step(self, victim: psycopg.Connection, carry_out: Callable[[], Any]) -> Any:
        self._steps[victim] = self._steps.get(victim, 0) + 1
        if self.struck == len(self.plan) or self._steps[victim] != self.plan[self.struck]:
            return carry_out()
        self.struck += 1
        if self.moment == "before":
            self._end(victim)
            return carry_out()
        result = carry_out()
        self._end(victim)
        if self.moment == "unanswered":
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return result

    def _end(self, victim: psycopg.Connection) -> None:
        end_backend(self.killer, victim.info.backend_pid)


def end_backend(killer: psycopg.Connection, pid: int) -> None:
    killer.execute("SELECT pg_terminate_backend(%s)", [pid])
    # Quicker than its own waiting, which looks every 100 ms.
    while killer.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).rowcount:
        pass


class Sabotage:
    """Where the statements of this thread's Django connection pass by."""

    def __init__(self, killer: psycopg.Connection) -> None:
        self.killer = killer
        self.saboteur: Saboteur | None = None

    def pass_by(self, victim: psycopg.Connection, carry_out: Callable[[], Any]) -> Any:
        if self.saboteur is None or victim is not connection.connection:
            return carry_out()
        return self.saboteur.step(victim, carry_out)

    def commit(
        self, moment: str, plan: list[int], room: Room, operations: list[commit.Operation]
    ) -> tuple[list[commit.Outcome], bool]:
        """The outcomes, and whether there was a step to which the plan goes."""
        saboteur = self.saboteur = Saboteur(self.killer, moment, plan)
        try:
            outcomes = commit.commit_batch(room, operations)
        finally:
            self.saboteur = None
            # As the writer's threads do.
            connection.close_if_unusable_or_obsolete()
        return outcomes, saboteur.steps >= plan[-1]


@pytest.fixture
def sabotage(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sabotage]:
    with psycopg.connect(url_of(connection.settings_dict), autocommit=True) as killer:
        sabotage = Sabotage(killer)
        commit = psycopg.Connection.commit

        def watched(execute: Callable[..., Any]) -> Callable[..., Any]:
            def watched_execute(cursor: psycopg.Cursor, *args: Any, **kwargs: Any) -> Any:
                carry_out = lambda: execute(cursor, *args, **kwargs)  # noqa: E731
                return sabotage.pass_by(cursor.connection, carry_out)

            return watched_execute

        def watched_commit(victim: psycopg.Connection) -> None:
            sabotage.pass_by(victim, lambda: commit(victim))

        for name in ("execute", "executemany"):
            monkeypatch.setattr(psycopg.Cursor, name, watched(getattr(psycopg.Cursor, name)))
        monkeypatch.setattr(psycopg.Connection, "commit", watched_commit)
        yield sabotage


def plain(alice: Member, bob: Member) -> list[commit.Operation]:
    return [post(alice, "one", "one"), post(bob, "two", "two")]


def with_a_repeat(alice: Member, bob: Member) -> list[commit.Operation]:
    return [post(alice, "one", "one"), post(alice, "first", "first"), post(bob, "two", "two")]


def mixed(alice: Member, bob: Member) -> list[commit.Operation]:
    reply = post(bob, "two", "two", reply_to=1)
    return [post(alice, "one", "one"), reply, commit.Edit(alice.pk, 1, "edited"), react(bob, 2)]


Once: Callable[[int], list[int]] = lambda step: [step]  # noqa: E731
Twice: Callable[[int], list[int]] = lambda step: [step, step]  # noqa: E731
AtFirst: Callable[[int], list[int]] = lambda step: [1, step]  # noqa: E731


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after", "unanswered"])
@pytest.mark.parametrize("plan", [Once, Twice, AtFirst], ids=["once", "twice", "first and then"])
@pytest.mark.parametrize(
    ("intended", "steps"),
    [(plain, 6), (with_a_repeat, 6), (mixed, 8)],
    ids=["plain", "with a repeat", "mixed"],
)
def test_it_is_accepted_once_or_unavailable_and_then_accepted_once(
    sabotage: Sabotage,
    alice: Member,
    bob: Member,
    intended: Callable[[Member, Member], list[commit.Operation]],
    steps: int,
    plan: Callable[[int], list[int]],
    moment: str,
) -> None:
    operations = intended(alice, bob)
    for step in count(1):
        room = open_room(key=f"room-{step}", name=f"Killed at {step}")
        commit.commit_batch(room, [post(alice, "first", "first"), post(bob, "second", "second")])

        outcomes, is_a_step = sabotage.commit(moment, plan(step), room, operations)
        if not is_a_step:
            break

        again = commit.commit_batch(room, operations)
        accepted = [outcome for outcome in again if isinstance(outcome, commit.Accepted)]
        assert len(accepted) == len(operations)
        for outcome, answer in zip(outcomes, accepted, strict=True):
            if isinstance(outcome, commit.Accepted):
                assert (outcome.seq, outcome.id) == (answer.seq, answer.id)
            else:
                assert isinstance(outcome, Unavailable), outcome
                assert len(plan(step)) == 2, "one loss is mended without a word"
        posts = [operation for operation in operations if isinstance(operation, commit.Post)]
        said = {"first", "second"} | {one.client_id for one in posts}
        keys = Message.objects.in_room(room.pk).values_list("client_id", flat=True)
        assert sorted(keys) == sorted(said)
        changes = [operation for operation in operations if not isinstance(operation, commit.Post)]
        assert Change.objects.filter(room=room).count() == len(changes)
        assert head(room) == len(said) + len(changes)
        assert_whole(room)
    assert step > steps, "no statement is passed over"


@pytest.mark.parametrize("moment", ["before", "after", "unanswered"])
def test_a_statement_of_the_loop_whose_connection_ends_is_accepted_once(
    garden: Room, alice: Member, bob: Member, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = WatchedConnection.run
    struck: list[int] = []

    async def sabotaged(victim: WatchedConnection, *asked: Any) -> Any:
        pid = victim._libpq.backend_pid
        if struck:
            return await run(victim, *asked)
        struck.append(pid)
        if moment == "before":
            end_backend(killer, pid)
        answer = await run(victim, *asked)
        end_backend(killer, pid)
        if moment == "unanswered":
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return answer

    monkeypatch.setattr(WatchedConnection, "run", sabotaged)
    operations = plain(alice, bob)
    with (
        psycopg.connect(url_of(connection.settings_dict), autocommit=True) as killer,
        loop_commits() as as_a_node,
    ):
        outcomes = as_a_node(garden, operations)
        again = as_a_node(garden, operations)

    assert len(struck) == 1
    assert seqs(outcomes) == seqs(again) == [1, 2]
    assert [message.client_id for message in fetch(garden)] == ["one", "two"]
    assert_whole(garden)
