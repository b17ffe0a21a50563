"""Rules, dashboard and documentation know the metrics of a real node, and all of them."""

import json
import re
from pathlib import Path

from chat.management.commands.canary import ProbeMetrics
from tests import servers
from tests.clients import deployment
from tests.metrics import Metrics

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deploy" / "monitoring"
NAME = re.compile(r"\b(?:chatroom|process)_[a-z_]+\b")


def test_the_rules_the_dashboard_and_the_documentation_know_the_metrics() -> None:
    port = servers.free_port()
    with deployment() as place, place.node("told-of", METRICS_PORT=str(port)):
        metrics = Metrics(port)
        exported = metrics.names() | {"chatroom_canary_up", *_of_the_canary()}
        families = {f.name for f in metrics.families()}
    ours = {name for name in families if name.startswith("chatroom")}
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    queries = " ".join(t["expr"] for panel in dashboard["panels"] for t in panel["targets"])
    documented = (ROOT / "docs" / "operate" / "monitoring.md").read_text()
    [decided] = [file.read_text() for file in ROOT.glob("docs/adr/0014-*.md")]
    promised = set(re.findall(r"`((?:chatroom|process)_[a-z_]+)`", decided + documented))

    assert set(NAME.findall(queries)) - exported == set()
    assert promised - exported - families == set()
    assert set(NAME.findall((FOLDER / "rules.yml").read_text())) - exported == set()
    assert {name for name in ours if f"`{name}`" not in documented} == set()


def test_every_alert_says_what_to_do() -> None:
    alerts = re.findall(r"alert: (\w+)", (FOLDER / "rules.yml").read_text())
    documented = (ROOT / "docs" / "operate" / "monitoring.md").read_text()

    assert len(alerts) == len(set(alerts)) > 5
    assert [alert for alert in alerts if f"`{alert}`" not in documented] == []


def test_prometheus_asks_where_compose_lets_the_nodes_and_the_canary_answer() -> None:
    compose = (FOLDER / "compose.yml").read_text()
    [port] = re.findall(r'METRICS_PORT: "(\d+)"', compose)
    [canarys] = re.findall(r"--port=(\d+)", compose)
    nodes = re.findall(r"^  (web-\d+):", (ROOT / "docker-compose.yml").read_text(), re.M)

    asked = re.findall(r'"([\w-]+:\d+)"', (FOLDER / "prometheus.yml").read_text())

    everyone = {f"{node}:{port}" for node in nodes} | {f"canary:{canarys}"}
    assert set(asked) == everyone | {"alertmanager:9093"}


def _of_the_canary() -> set[str]:
    named = set()
    for family in ProbeMetrics().registry.collect():
        named |= {f"{family.name}{part}" for part in ("", "_total", "_bucket", "_sum", "_count")}
    return named
