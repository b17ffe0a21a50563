"""/metrics of a real node: who may read it, and that what happens is counted."""

import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

import psycopg
import pytest

from tests import servers
from tests.clients import Deployment, Node, deployment
from tests.metrics import Metrics
from tests.sockets import wait_until

_SAY_FROM_ELSEWHERE = """
from chat.models import Member, Room
from chat.messages import commit
member, room = Member.objects.first(), Room.objects.get(key={room!r})
commit.commit_operation(room, commit.Post(member.pk, "elsewhere", "hello"))
"""


@dataclass(frozen=True)
class Watched:
    node: Node
    metrics: Metrics

    @contextmanager
    def counts(self, by: float, name: str, **labels: str) -> Iterator[None]:
        """What is done in here must raise this figure by so much."""
        before = self.metrics.value(name, **labels)
        yield
        self.metrics.becomes(before + by, name, **labels)


@contextmanager
def watched_node(place: Deployment) -> Iterator[Watched]:
    port = servers.free_port()
    with place.node("watched", METRICS_PORT=str(port)) as node:
        yield Watched(node, Metrics(port))


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with deployment() as place, watched_node(place) as watched:
        yield watched


# --- Who may read it --------------------------------------------------------------------------


def test_the_public_port_does_not_answer_it(watched: Watched) -> None:
    assert status(watched.metrics.port, "/metrics") == HTTPStatus.OK
    assert status(watched.node.port, "/metrics") == HTTPStatus.NOT_FOUND


def test_its_own_port_answers_nothing_else(watched: Watched) -> None:
    assert status(watched.metrics.port, "/rooms/lobby/") == HTTPStatus.NOT_FOUND


def test_a_port_that_is_taken_is_named(watched: Watched) -> None:
    taken = watched.node.environment | {"METRICS_PORT": str(watched.metrics.port)}
    taken |= {"DATABASE_URL": "sqlite:///:memory:", "REDIS_URL": "redis://127.0.0.1:1"}
    command = [sys.executable, "manage.py", "serve", "--port", str(servers.free_port())]

    ended = subprocess.run(command, env=taken, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert f"METRICS_PORT {watched.metrics.port} on 127.0.0.1" in ended.stderr


@pytest.mark.postgres
@pytest.mark.redis
def test_each_worker_has_a_port_and_a_name() -> None:
    first = servers.free_port()
    with deployment() as place, place.node("pair", "--workers", "2", METRICS_PORT=str(first)):
        names = {node_name(Metrics(port)) for port in (first, first + 1)}

    assert names == {"pair-1", "pair-2"}


# --- People and what they say -----------------------------------------------------------------


def test_a_talk_is_counted_once_for_the_log_and_once_for_each_socket(watched: Watched) -> None:
    node, metrics = watched.node, watched.metrics
    room = next(node.rooms)
    before = metrics.value("chatroom_connections")
    tabs = [node.connect() for _ in range(3)]
    for tab in tabs:
        tab.enter(room)
    assert metrics.value("chatroom_connections") == before + 3

    with (
        watched.counts(2, "chatroom_committed_total"),
        watched.counts(2 * 3, "chatroom_deliveries_total"),
        watched.counts(2, "chatroom_batch_intents_sum"),
        watched.counts(2, "chatroom_answer_seconds_count"),
        watched.counts(2, "chatroom_lock_seconds_count"),
        watched.counts(2, "chatroom_database_seconds_count", service="commit_batch"),
    ):
        tabs[0].say(room, "one")
        tabs[0].say(room, "two")

    with watched.counts(3, "chatroom_closes_total", code="1000"):
        for tab in tabs:
            tab.close()
    metrics.becomes(before, "chatroom_connections")


def test_a_repeat_is_told_from_a_message(watched: Watched) -> None:
    tab, room = watched.node.connect(), next(watched.node.rooms)
    tab.enter(room)
    key = str(uuid.uuid4())
    tab.say(room, "once", client_id=key)

    with (
        watched.counts(1, "chatroom_repeats_total"),
        watched.counts(0, "chatroom_committed_total"),
    ):
        tab.say(room, "once", client_id=key)


def test_a_refusal_is_counted_by_its_code_whether_before_the_commit_or_in_it(
    watched: Watched,
) -> None:
    tab, room = watched.node.connect(), next(watched.node.rooms)
    tab.enter(room)
    tab.say(room, "first", client_id="mine")

    with watched.counts(1, "chatroom_rejections_total", code="not_found"):
        tab.enter("nowhere")
    with watched.counts(1, "chatroom_rejections_total", code="key_reused"):
        tab.say(room, "another", client_id="mine")


def test_a_message_that_waited_in_the_browser_says_how_long(watched: Watched) -> None:
    tab, room = watched.node.connect(), next(watched.node.rooms)
    tab.enter(room)

    with watched.counts(61.5, "chatroom_outbox_age_seconds_sum"):
        tab.say(room, "at once")
        tab.say(room, "at last", waited_ms=61_500)


def test_handshakes_are_counted_by_what_came_of_them(watched: Watched) -> None:
    node = watched.node
    with watched.counts(1, "chatroom_handshakes_total", outcome="admitted"):
        node.connect()
    with (
        watched.counts(1, "chatroom_handshakes_total", outcome="signed_out"),
        watched.counts(1, "chatroom_byes_total", code="4501"),
    ):
        node.raw_socket(signed_in=False)
    with watched.counts(1, "chatroom_handshakes_total", outcome="foreign_origin"):
        node.raw_socket(origin="https://evil.example")


def test_pages_are_counted_by_status_and_probes_are_not(watched: Watched) -> None:
    with (
        watched.counts(1, "chatroom_http_answers_total", status="2xx"),
        watched.counts(1, "chatroom_http_answers_total", status="4xx"),
    ):
        status(watched.node.port, "/")
        status(watched.node.port, "/nowhere/")
        status(watched.node.port, "/healthz")


# --- What was lost, and found again -----------------------------------------------------------


def test_only_a_client_who_asks_again_for_no_reason_of_ours_has_found_a_gap(
    watched: Watched,
) -> None:
    tab, room = watched.node.connect(), next(watched.node.rooms)
    entered = tab.enter(room)
    position = {"epoch": entered["epoch"], "seq": entered["to"], "id": entered["to_id"]}

    with (
        watched.counts(0, "chatroom_client_gaps_total"),
        watched.counts(1, "chatroom_resumes_total"),
    ):
        watched.node.connect().enter(room, position)
    with watched.counts(1, "chatroom_client_gaps_total"):
        tab.enter(room, position)


def test_a_reset_is_counted_by_its_reason(watched: Watched) -> None:
    tab, room = watched.node.connect(), next(watched.node.rooms)
    position = {"epoch": tab.enter(room)["epoch"], "seq": 99, "id": None}

    with watched.counts(1, "chatroom_resets_total", reason="ahead"):
        watched.node.connect().enter(room, position)


def test_a_commit_of_which_no_hint_came_is_a_repair_by_the_look_at_the_heads(
    watched: Watched,
) -> None:
    tab, room = watched.node.connect(), next(watched.node.rooms)
    tab.enter(room)

    with (
        watched.counts(1, "chatroom_head_poll_repairs_total"),
        watched.counts(0, "chatroom_hint_repairs_total"),
    ):
        watched.node.manage("shell", "-v0", "-c", _SAY_FROM_ELSEWHERE.format(room=room))
        tab.receive("room.changes")


def test_a_socket_that_is_not_read_is_seen_as_paused(watched: Watched) -> None:
    node, room = watched.node, next(watched.node.rooms)
    deaf = node.raw_socket(receive_buffer=4096)
    deaf.ask("room.enter", ref="1", room=room)
    with watched.counts(1, "chatroom_paused_sockets"):
        for number in range(60):
            # Answers that nobody reads; no rate is exceeded by those who are many.
            talker = node.connect()
            talker.enter(room)
            talker.say(room, f"{number}" + "x" * 3_900)
            # Now: with many frames unread it would wait long for its close to be answered.
            talker.close()
    with watched.counts(-1, "chatroom_paused_sockets"):
        deaf.close()


def test_a_node_that_stops_says_so_while_it_can() -> None:
    with deployment() as place, watched_node(place) as watched:
        metrics = watched.metrics
        wait_until(lambda: metrics.value("chatroom_ready"))
        assert metrics.value("chatroom_draining") == 0
        watched.node.connect()

        watched.node.process.send_signal(signal.SIGTERM)

        metrics.becomes(1, "chatroom_draining")
        assert metrics.value("chatroom_ready") == 0


@pytest.mark.postgres
def test_a_node_whose_stop_takes_its_time_is_asked_and_starts_no_other() -> None:
    with deployment() as place, watched_node(place) as watched:
        metrics = watched.metrics
        wait_until(lambda: metrics.value("chatroom_ready"))
        with psycopg.connect(place.environment["DATABASE_URL"]) as hand:
            hand.execute("LOCK TABLE chat_nodebeat")
            watched.node.process.send_signal(signal.SIGTERM)
            with psycopg.connect(hand.info.dsn, autocommit=True) as eye:
                wait_until(lambda: takes_its_leave(eye))

            assert metrics.value("chatroom_draining") == 1
            assert metrics.value("chatroom_ready") == 0


def takes_its_leave(eye: psycopg.Connection) -> bool:
    """Whether some node is at the last thing that a stopping node does in the database."""
    leaving = eye.execute(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        """ AND query LIKE 'DELETE FROM "chat_nodebeat" WHERE "chat_nodebeat"."node"%'"""
    )
    return leaving.fetchone() is not None


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def node_name(metrics: Metrics) -> str:
    def known() -> str:
        try:
            families = metrics.families()
        except OSError:
            return ""
        [info] = [family for family in families if family.name == "chatroom_info"]
        return info.samples[0].labels["node"]

    return str(wait_until(known, 30))
