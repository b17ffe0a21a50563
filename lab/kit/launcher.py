"""Starts deployments on this machine: nodes with their own PostgreSQL, Redis and proxies."""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from . import servers
from .deployment import PREPARE, Deployment, Endpoint, cookies_in
from .node import Node, manage
from .redis_proxy import RedisProxy


@dataclass
class LocalDeployment(Deployment):
    """One database, one Redis, and any number of nodes. With SQLite there is no Redis."""

    folder: Path
    # What every node is told, besides its name and origin.
    environment: dict[str, str]
    _postgres: servers.Postgres | None = None
    _redis: servers.Redis | None = None
    nodes: list[Node] = field(default_factory=list)
    proxies: list[RedisProxy] = field(default_factory=list)

    @property
    def postgres(self) -> servers.Postgres:
        if self._postgres is None:
            raise servers.NoServerError("This deployment has no PostgreSQL of its own.")
        return self._postgres

    @property
    def redis(self) -> servers.Redis:
        if self._redis is None:
            raise servers.NoServerError("This deployment has no Redis of its own.")
        return self._redis

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        return self.nodes

    @property
    def database_url(self) -> str:
        return self.environment["DATABASE_URL"]

    def node(self, name: str = "node-1", *options: str, **environment: str) -> Node:
        """Not started yet: `with` starts it, and stops it in the end."""
        node = Node.at_free_port(name, self.folder, self.environment, environment, *options)
        self.nodes.append(node)
        return node

    def shell(self, script: str) -> str:
        """Run this in a process with Django on that database; what it prints."""
        return manage(self.environment | {"REDIS_URL": ""}, "shell", "-v0", "-c", script)


@contextmanager
def launch(
    folder: Path,
    *,
    members: int,
    rooms: int = 1,
    durable: bool = True,
    sqlite: bool = False,
    within: Path | None = None,
    **environment: str,
) -> Iterator[LocalDeployment]:
    """Servers with `room-0`, `room-1` … and the cookies of members, without nodes yet.

    Only a durable PostgreSQL keeps its promises when it is killed. Their folders are temporary, and
    lie in the folder `within` if one is given.
    """
    with ExitStack() as stack:
        postgres = redis = None
        if not sqlite:
            postgres = stack.enter_context(servers.postgres(durable=durable, within=within))
            redis = stack.enter_context(servers.redis_server(within=within))
        defaults = {
            "DJANGO_SETTINGS_MODULE": "chatroom.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DEBUG": "off",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": postgres.url if postgres else f"sqlite:///{folder}/chatroom.sqlite3",
            "REDIS_URL": redis.url if redis else "",
            "RATE_LIMITS": "off",
            # The times in the nodes' logs are read as such.
            "TZ": "UTC",
        }
        deployment = LocalDeployment(folder, os.environ | defaults | environment, postgres, redis)
        prepare = PREPARE.format(rooms=rooms, members=members, prefix="measured")
        deployment.cookies = cookies_in(deployment.shell(prepare))
        yield deployment


@asynccontextmanager
async def cluster(
    folder: Path, *, nodes: int, rooms: int, members: int
) -> AsyncIterator[LocalDeployment]:
    """Running nodes of which each reaches Redis through a proxy of its own."""
    with launch(
        folder, rooms=rooms, members=members, DJANGO_SETTINGS_MODULE="lab.kit.settings"
    ) as deployment:
        redis_port = urlsplit(deployment.redis.url).port or 0
        for number in range(1, nodes + 1):
            proxy = RedisProxy(redis_port)
            await proxy.start()
            deployment.proxies.append(proxy)
            deployment.node(f"node-{number}", REDIS_URL=f"redis://127.0.0.1:{proxy.port}/0")
        try:
            await asyncio.gather(*(asyncio.to_thread(n.start) for n in deployment.nodes))
            yield deployment
        finally:
            for node in deployment.nodes:
                node.send(signal.SIGCONT)
                await asyncio.to_thread(node.stop, signal.SIGKILL)
            for proxy in deployment.proxies:
                await proxy.stop()
