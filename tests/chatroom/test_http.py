"""A request comes in time and is of a size, or its connection ends; on a clock that we turn."""

from collections.abc import Iterator

import pytest
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.http import HTTPFactory, Request

from chatroom.server.http import BODY_MAX_BYTES, BODY_SECONDS, HEAD_SECONDS, ChatChannel

pytestmark = pytest.mark.once

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /join/ HTTP/1.1\r\nHost: localhost\r\n"
IDLE_SECONDS = 60


class Answer(Request):  # type: ignore[misc]
    def process(self) -> None:
        self.write(b"heard " + self.content.read())
        self.content.close()
        self.finish()


class Visitor:
    """A connection, and who sends what over it when they like."""

    def __init__(self) -> None:
        self.clock = Clock()
        factory = HTTPFactory(timeout=IDLE_SECONDS, reactor=self.clock)
        factory.protocol = ChatChannel
        self.channel = factory.buildProtocol(None)
        self.channel.requestFactory = Answer
        self.transport = StringTransport()
        self.channel.makeConnection(self.transport)

    def send(self, data: bytes) -> None:
        if not self.transport.disconnecting:
            self.channel.dataReceived(data)

    def drip(self, data: bytes, seconds: float) -> float:
        """Send this over and over, a byte a second; when that was ended, or at most so long."""
        for second in range(int(seconds)):
            if self.transport.disconnecting:
                return second
            self.send(data[second % len(data)].to_bytes())
            self.clock.advance(1)
        return seconds

    @property
    def answers(self) -> int:
        return int(self.transport.value().count(b"heard"))


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    visitor = Visitor()
    yield visitor
    visitor.channel.connectionLost(Failure(ConnectionDone()))


def test_a_head_that_drips_in_is_not_waited_for(visitor: Visitor) -> None:
    visitor.send(b"GET / HTTP/1.1\r\n")

    assert visitor.drip(b"X-A: b\r\n", 100) == HEAD_SECONDS


def test_nor_is_one_that_never_begins(visitor: Visitor) -> None:
    visitor.clock.advance(HEAD_SECONDS)

    assert visitor.transport.disconnecting


def test_nor_is_a_second_one(visitor: Visitor) -> None:
    visitor.send(GET)
    visitor.clock.advance(30)
    assert visitor.answers == 1

    assert visitor.drip(b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 20, 100) == HEAD_SECONDS


def test_nor_is_a_body_that_drips_in(visitor: Visitor) -> None:
    visitor.send(POST + b"Content-Length: 1000\r\n\r\n")

    assert visitor.drip(b"a", 100) == BODY_SECONDS
    assert visitor.answers == 0


def test_a_body_may_come_in_pieces(visitor: Visitor) -> None:
    visitor.send(POST + b"Content-Length: 20\r\n\r\n")

    visitor.drip(b"a", 20)

    assert visitor.transport.value().endswith(b"heard " + b"a" * 20 + b"\r\n0\r\n\r\n")


def test_between_requests_a_connection_may_rest(visitor: Visitor) -> None:
    for _ in range(3):
        visitor.send(GET)
        visitor.clock.advance(IDLE_SECONDS - 1)
    assert visitor.answers == 3
    assert not visitor.transport.disconnecting

    visitor.clock.advance(1)

    assert visitor.transport.disconnecting


def test_requests_may_come_together(visitor: Visitor) -> None:
    visitor.send(GET * 3 + GET[:10])
    assert visitor.answers == 3

    visitor.send(GET[10:])

    assert visitor.answers == 4
    assert visitor.drip(GET[:10], 100) == HEAD_SECONDS


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: %d\r\n\r\n" % (BODY_MAX_BYTES + 1),
        b"Content-Length: 99999999999999999999\r\n\r\nab",
        b"Transfer-Encoding: chunked\r\n\r\n" + b"100\r\n%b\r\n" % (b"a" * 256) * 5000,
    ],
    ids=["said before", "absurd", "in chunks"],
)
def test_a_body_that_is_too_large_is_refused(visitor: Visitor, body: bytes) -> None:
    sent = POST + body
    for start in range(0, len(sent), 50_000):
        visitor.send(sent[start : start + 50_000])

    assert visitor.transport.value().startswith(b"HTTP/1.1 413 ")
    assert visitor.transport.disconnecting
    assert visitor.answers == 0


def test_a_body_of_the_largest_size_is_taken(visitor: Visitor) -> None:
    visitor.send(POST + b"Content-Length: %d\r\n\r\n" % BODY_MAX_BYTES + b"a" * BODY_MAX_BYTES)

    assert visitor.answers == 1


def test_who_does_not_take_the_last_answer_is_hung_up_on(visitor: Visitor) -> None:
    visitor.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert visitor.answers == 1

    visitor.clock.advance(IDLE_SECONDS)

    assert visitor.transport.disconnected


@pytest.mark.parametrize("header", [b"Daphne-Root-Path", b"SEC-WebSocket-Protocol"])
def test_headers_that_daphne_fails_over_are_not_heard(visitor: Visitor, header: bytes) -> None:
    visitor.send(GET.replace(b"\r\n\r\n", b"\r\n" + header + b": \xff\r\n\r\n"))

    assert visitor.answers == 1


LONG = b"a" * 20_000
REFUSED = {
    "a long address": (b"GET /" + LONG + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "an address without an end": (b"GET /" + LONG * 10, 414),
    "a long query": (b"GET /?next=" + LONG + b" HTTP/1.1\r\n\r\n", 414),
    "a long cookie": (b"GET / HTTP/1.1\r\nCookie: a=" + LONG + b"\r\n\r\n", 431),
    "a cookie without an end": (b"GET / HTTP/1.1\r\nCookie: a=" + LONG * 10, 431),
    "many cookies": (b"GET / HTTP/1.1\r\n" + b"Cookie: b=%b\r\n" % (b"c" * 4000) * 5, 431),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 600 + b"\r\n", 431),
    "a header that goes on": (b"GET / HTTP/1.1\r\nA: b\r\n" + b" c%b\r\n" % LONG[:900] * 30, 431),
    "a header without a name": (b"GET / HTTP/1.1\r\nnothing\r\n\r\n", 400),
    "a line that is no request": (b"\x16\x03\x01\x02\r\n\r\n", 400),
}


@pytest.mark.parametrize("how", REFUSED)
@pytest.mark.parametrize("piece", [1000, 1 << 20])
def test_a_head_that_is_too_large_is_told_so(visitor: Visitor, how: str, piece: int) -> None:
    sent, status = REFUSED[how]
    for start in range(0, len(sent), piece):
        visitor.send(sent[start : start + piece])

    head, _, body = visitor.transport.value().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Length: %d" % len(body) in head
    assert body.endswith(b".\n")
    assert visitor.transport.value().count(b"HTTP/1.1") == 1
    assert visitor.transport.disconnecting
    assert visitor.answers == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /%b HTTP/1.1\r\nCookie: %b\r\n\r\n" % (LONG[:16_000], LONG[:16_000]),
        b"GET / HTTP/1.1\r\n" + b"Cookie: %b\r\n" % LONG[:3000] * 5 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n",
    ],
)
def test_a_head_of_the_largest_size_is_taken_again_and_again(visitor: Visitor, sent: bytes) -> None:
    for _ in range(3):
        visitor.send(sent)

    assert visitor.answers == 3
