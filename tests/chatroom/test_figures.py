"""deploy/figures.py, which tells CloudWatch how many connections a node has."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("figures", DEPLOY / "figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def page() -> Iterator[list[str]]:
    """What a node says at /metrics: the lines of this list."""
    lines: list[str] = []

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write("\n".join(lines).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a test is no server."""

    with HTTPServer(("127.0.0.1", 0), Metrics) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        lines.append(f"# http://127.0.0.1:{server.server_port}/metrics")
        yield lines
        server.shutdown()


def address(page: list[str]) -> str:
    return page[0].removeprefix("# ")


def test_the_gauge_is_read_and_no_other_that_begins_like_it(
    figures: ModuleType, page: list[str]
) -> None:
    page += ["# TYPE chatroom_connections gauge", "chatroom_connections_total 99"]
    page += ["chatroom_connections 41.0"]

    assert figures.read(address(page)) == 41


def test_the_gauge_is_added_up_over_its_labels(figures: ModuleType, page: list[str]) -> None:
    page += ['chatroom_connections{of="guest"} 40', 'chatroom_connections{of="owner"} 2']

    assert figures.read(address(page)) == 42


def test_a_page_without_the_gauge_is_no_zero(figures: ModuleType, page: list[str]) -> None:
    with pytest.raises(LookupError, match="chatroom_connections"):
        figures.read(address(page))


def test_a_line_is_a_metric_to_cloudwatch(figures: ModuleType) -> None:
    line = json.loads(figures.line("chatroom", 41))

    [metric] = line["_aws"]["CloudWatchMetrics"]
    assert metric["Dimensions"] == [["Deployment"]]
    assert [line[of["Name"]] for of in metric["Metrics"]] == [41]
    assert line["Deployment"] == "chatroom"
