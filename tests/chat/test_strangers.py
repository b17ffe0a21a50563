"""What people try who wish us ill, by the front door of a real node."""

from collections.abc import Iterator

import pytest

from tests.clients import Node, deployment
from tests.sockets import wait_until

SOCKETS_PER_MEMBER = 3


@pytest.fixture(scope="module")
def served() -> Iterator[Node]:
    with (
        deployment() as place,
        place.node(SOCKETS_PER_MEMBER=str(SOCKETS_PER_MEMBER)) as node,
    ):
        yield node


# --- Many sockets -----------------------------------------------------------------------------


def test_one_member_has_so_many_sockets_and_another_as_many(served: Node) -> None:
    cookie = next(served.cookies)
    tabs = [served.connect(cookie) for _ in range(SOCKETS_PER_MEMBER)]

    one_more = served.raw_socket(signed_in=False, cookie=cookie)

    bye = one_more.event()
    assert (bye["type"], bye["code"]) == ("bye", 4029)
    assert bye["retry_ms"] >= 10_000
    assert one_more.end() == 4029
    assert {tab.ask("ping")["type"] for tab in tabs} == {"pong"}
    assert served.connect().ask("ping")["type"] == "pong"


def test_a_closed_socket_makes_room_for_another(served: Node) -> None:
    cookie = next(served.cookies)
    tabs = [served.connect(cookie) for _ in range(SOCKETS_PER_MEMBER)]

    tabs[0].close()

    def is_let_in() -> bool:
        return bool(served.raw_socket(signed_in=False, cookie=cookie).event()["type"] == "hello")

    wait_until(is_let_in)
