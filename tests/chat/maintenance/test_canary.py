"""The canary is heard through the door of a real node, or says why it was not."""

from collections.abc import Iterator

import pytest

from lab.kit.node import ManageError
from tests.clients import Node, deployment


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with deployment() as place, place.node("sung-to") as node:
        yield node


def test_it_is_heard(node: Node) -> None:
    told = node.manage("canary", node.origin, "--room", next(node.rooms))

    assert "entered in" in told
    assert "delivered in" in told


def test_its_own_room_is_opened_once(node: Node) -> None:
    for _ in range(2):
        assert "delivered in" in node.manage("canary", node.origin)


def test_it_knocks_where_it_is_told_to(node: Node) -> None:
    assert "delivered in" in node.manage("canary", node.origin, "--door", "localhost")
    with pytest.raises(ManageError, match="The socket failed"):
        node.manage("canary", node.origin, "--door", "127.0.0.2")


@pytest.mark.parametrize(
    ("site", "room", "why"),
    [
        ("http://127.0.0.1:1", "room-0", "The socket failed"),
        (None, "nowhere", "There is no room “nowhere”"),
    ],
)
def test_it_says_why_it_was_not(node: Node, site: str | None, room: str, why: str) -> None:
    with pytest.raises(ManageError, match=why):
        node.manage("canary", site or node.origin, "--room", room)
