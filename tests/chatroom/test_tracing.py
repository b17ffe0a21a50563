"""A real node under `opentelemetry-instrument`, and the collector to which it sends."""

import gzip
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from sysconfig import get_path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.clients import deployment
from tests.sockets import wait_until

INSTRUMENT = str(Path(get_path("scripts"), "opentelemetry-instrument"))
WORDS = "what Ada said to Bob"


class Collector(ThreadingHTTPServer):
    """Takes traces by OTLP over HTTP, and keeps them as they came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Received)
        self.bodies: list[bytes] = []

    def spans(self) -> list[tuple[str, str]]:
        """By whom, and what."""
        exports = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            (scope.scope.name.removeprefix("opentelemetry.instrumentation."), span.name)
            for export in exports
            for resource in export.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class _Received(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        zipped = self.headers.get("Content-Encoding") == "gzip"
        self.server.bodies.append(gzip.decompress(body) if zipped else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_node_tells_a_collector_of_requests_and_never_what_people_say() -> None:
    with collector() as sink, deployment() as place:
        endpoint = f"http://127.0.0.1:{sink.server_port}"
        with place.node(
            "traced",
            under=[INSTRUMENT],
            DJANGO_SETTINGS_MODULE="chatroom.settings",
            OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
            OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
            OTEL_METRICS_EXPORTER="none",
            OTEL_LOGS_EXPORTER="none",
        ) as node:
            room, tab = next(node.rooms), node.connect()
            tab.enter(room)
            said = tab.say(room, WORDS)
            tab.ask("message.edit", room=room, seq=said["seq"], body=f"{WORDS}, and more")
            page = urllib.request.urlopen(f"{node.origin}/rooms/{room}/").read()  # noqa: S310
            assert WORDS in page.decode()
        # What waits is sent before the process ends.
        wait_until(lambda: ("django", "GET rooms/<slug:key>/") in sink.spans())

    assert not [body for body in sink.bodies if WORDS.encode() in body]
