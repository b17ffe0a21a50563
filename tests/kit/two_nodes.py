"""Two nodes over one database that modules share; each test has guests and rooms of its own."""

from collections.abc import Iterator

import pytest

from tests import clients
from tests.clients import Deployment, Node


@pytest.fixture(scope="session")
def place() -> Iterator[Deployment]:
    with clients.deployment() as place:
        yield place


@pytest.fixture(scope="session")
def north(place: Deployment) -> Iterator[Node]:
    with place.node("north") as node:
        yield node


@pytest.fixture(scope="session")
def south(place: Deployment, north: Node) -> Iterator[Node]:
    """Another node where nodes can hear each other; else the same one."""
    if not place.environment["REDIS_URL"]:
        yield north
        return
    with place.node("south") as node:
        yield node
