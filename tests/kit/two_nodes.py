"""Two nodes over one database that modules share; each test has guests and rooms of its own.

A module that counts the rooms in everyone's list starts two of its own with the same functions.
"""

from collections.abc import Iterator

import pytest

from tests import clients
from tests.clients import Deployment, Node


def start_place() -> Iterator[Deployment]:
    with clients.deployment() as place:
        yield place


def start_north(place: Deployment) -> Iterator[Node]:
    with place.node("north") as node:
        yield node


def start_south(place: Deployment, north: Node) -> Iterator[Node]:
    """Another node where nodes can hear each other; else the same one."""
    if not place.environment["REDIS_URL"]:
        yield north
        return
    with place.node("south") as node:
        yield node


place = pytest.fixture(scope="session")(start_place)
north = pytest.fixture(scope="session")(start_north)
south = pytest.fixture(scope="session")(start_south)
