"""Whoever stops a node must give it the time that its drain takes, and ask where it answers."""

import re
from pathlib import Path

import pytest
from twisted.web.http import HTTPFactory

from chatroom.server.drain import DRAIN_SECONDS

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent


def number(name: str, pattern: str) -> int:
    [found] = re.findall(pattern, (ROOT / name).read_text("utf-8"), re.M)
    return int(found)


def test_fargate_kills_no_node_before_its_drain_is_over() -> None:
    tasks = "terraform/modules/service/tasks.tf"

    assert number(tasks, r"^ +stop_seconds += *(\d+)$") > DRAIN_SECONDS
    # The balancer's patience is the drain's: shorter would cut off what is being sent.
    assert number(tasks, r"^ +drain_seconds += *(\d+)$") == DRAIN_SECONDS


def test_kubernetes_kills_no_node_before_its_notice_and_its_drain_are_over() -> None:
    grace = number("deploy/kubernetes/base/web.yaml", r"terminationGracePeriodSeconds: (\d+)$")
    notice = number("deploy/kubernetes/base/kustomization.yaml", r"DRAIN_NOTICE_SECONDS=(\d+)$")

    assert grace > notice + DRAIN_SECONDS


def test_the_notice_is_long_enough_for_two_probes() -> None:
    web = "deploy/kubernetes/base/web.yaml"
    readiness = r"readinessProbe:(?:\n +.*)*?\n +periodSeconds: (\d+)$"
    notice = number("deploy/kubernetes/base/kustomization.yaml", r"DRAIN_NOTICE_SECONDS=(\d+)$")

    assert notice >= 2 * number(web, readiness)


def test_load_balancers_wait_longer_than_the_ping_and_hang_up_before_the_node() -> None:
    idle = number("terraform/modules/service/load_balancer.tf", r"idle_timeout += *(\d+)$")
    ping = number("chatroom/server/daphne_server.py", r"ping_interval=(\d+)")

    assert ping < idle < HTTPFactory().timeOut


def test_compose_kills_no_node_before_its_notice_and_its_drain_are_over() -> None:
    compose = "docker-compose.yml"
    notice = number(compose, r'DRAIN_NOTICE_SECONDS: "(\d+)"$')
    grace = number(compose, r"^x-node: &node(?:\n .*)*?\n  stop_grace_period: (\d+)s$")

    assert grace > notice + DRAIN_SECONDS


def test_compose_gives_caddy_two_probes_of_notice() -> None:
    notice = number("docker-compose.yml", r'DRAIN_NOTICE_SECONDS: "(\d+)"$')

    assert notice >= 2 * number("deploy/Caddyfile", r"health_interval (\d+)s$")


def test_compose_makes_postgresql_anew_for_no_other_service() -> None:
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    [postgres] = re.findall(r"^  postgres:\n((?: {4}.*\n)+)", compose, re.M)

    assert "image:" in postgres
    assert "depends_on:" not in postgres
