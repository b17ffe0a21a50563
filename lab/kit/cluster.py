"""Nodes in processes of their own, on a PostgreSQL and a Redis that nobody else uses."""

import asyncio
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from . import servers
from .deployment import PREPARE, Deployment, Endpoint, LogLine
from .redis_proxy import Proxy

_LOG_LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) (\w+) \S+: (.*)$")


@dataclass
class Node(Endpoint):
    """A `manage.py serve` at a fixed port, with a wire of its own to Redis."""

    proxy: Proxy
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Return when it takes connections."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603, ASYNC220
                [sys.executable, "manage.py", "serve", "--port", str(self.port)],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        for _ in range(1500):
            if self.process.poll() is not None:
                break
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
        raise servers.NoServerError(f"{self.name} did not start:\n{self.log.read_text()}")

    def send(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Return when it is gone."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(how)
            try:
                await asyncio.to_thread(process.wait, 60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise

    def log_lines(self) -> Iterator[LogLine]:
        for line in self.log.read_text(errors="replace").splitlines():
            if found := _LOG_LINE.match(line):
                moment = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
                at = moment.timestamp() + int(found[2]) / 1000
                yield LogLine(at, self.name, found[3], found[4])


@dataclass
class Cluster(Deployment):
    postgres: servers.Postgres
    redis: servers.Redis
    folder: Path
    nodes: list[Node] = field(default_factory=list)

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        return self.nodes

    @property
    def database_url(self) -> str:
        return self.postgres.url


@asynccontextmanager
async def cluster(folder: Path, *, nodes: int, rooms: int, members: int) -> AsyncIterator[Cluster]:
    """So many nodes, with empty rooms and people to enter them."""
    with ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres(durable=True))
        redis = stack.enter_context(servers.redis_server())
        deployment = Cluster(postgres, redis, folder)
        deployment.nodes = await _nodes(deployment, nodes)
        try:
            deployment.read_cookies(await asyncio.to_thread(_prepare, deployment, rooms, members))
            await asyncio.gather(*(node.start() for node in deployment.nodes))
            yield deployment
        finally:
            for node in deployment.nodes:
                node.send(signal.SIGCONT)
                await node.stop(signal.SIGKILL)
                await node.proxy.stop()


async def _nodes(deployment: Cluster, count: int) -> list[Node]:
    ports = [servers.free_port() for _ in range(count)]
    common = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lab.kit.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DEBUG": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_ORIGINS": ",".join(f"http://127.0.0.1:{port}" for port in ports),
        "DATABASE_URL": deployment.postgres.url,
        "RATE_LIMITS": "off",
        "TZ": "UTC",
    }
    nodes = []
    for number, port in enumerate(ports, 1):
        proxy = Proxy(urlsplit(deployment.redis.url).port or 0)
        await proxy.start()
        name = f"node-{number}"
        environment = common | {
            "NODE_NAME": name,
            "REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0",
        }
        nodes.append(Node(name, port, proxy, environment, deployment.folder / f"{name}.log"))
    return nodes


def _prepare(deployment: Cluster, rooms: int, members: int) -> str:
    script = PREPARE.format(rooms=rooms, members=members)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", "shell", "-v0", "-c", script],
        cwd=settings.BASE_DIR,
        env=deployment.nodes[0].environment | {"REDIS_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise servers.NoServerError(done.stderr)
    return done.stdout
