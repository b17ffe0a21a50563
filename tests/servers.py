"""Real servers for the tests: those named in the environment, or our own (lab/kit/servers.py).

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers that are there already.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lab.kit import servers
from lab.kit.servers import NoServerError, free_port

# What every process of the tests is told, besides where its servers are.
ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests",
    "DEBUG": "off",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "NODE_NAME": "test",
    "RATE_LIMITS": "on",
    # A test that cannot run here is then a failure instead of a green line.
    "NOTHING_MAY_BE_SKIPPED": "1",
    # Whatever the surroundings say: a hundred processes would each compile all that they import.
    "PYTHONDONTWRITEBYTECODE": "",
}

__all__ = [
    "ENVIRONMENT",
    "NoServerError",
    "Server",
    "free_port",
    "postgres",
    "private_redis",
    "redis",
]


@dataclass(frozen=True)
class Server:
    """A running server: `str()` is its name and version, as it tells them itself."""

    url: str
    version: str

    def __str__(self) -> str:
        return self.version


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Server]:
    """A PostgreSQL with an empty database. Only a durable one keeps its promises when killed."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield Server(url, servers.postgres_version(url))
    else:
        with servers.postgres(durable=durable) as server:
            yield Server(server.url, server.version)


@contextmanager
def redis() -> Iterator[Server]:
    """An empty Redis, or Valkey, that writes nothing to disk."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield Server(url, servers.redis_version(url))
    else:
        with private_redis(free_port()) as server:
            yield server


@contextmanager
def private_redis(port: int) -> Iterator[Server]:
    """An empty Redis on this port that no other test uses: it may be stopped, and started again."""
    with servers.redis_server(port) as server:
        yield Server(server.url, server.version)
