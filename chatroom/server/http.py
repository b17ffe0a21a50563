"""HTTP with limits of time and size: a request that exceeds one is refused.

Twisted's own time limit begins anew with each byte, and Daphne spools bodies of any size to disk.
Many run the chatroom without a proxy in front that would set such limits.
"""

from functools import partial
from typing import Any, ClassVar, NamedTuple
from weakref import WeakSet

from daphne.http_protocol import WebRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from twisted.web.http import HTTPChannel

from chatroom.server import static_files
from chatroom.server.http_turns import HttpTurns

# From the connection, or a request's first byte, to the end of its head; then to that of its body.
HEAD_SECONDS = 10
BODY_SECONDS = 30
# A form with the longest message, each character of it escaped, has a tenth of this.
BODY_MAX_BYTES = 1 << 20
# The address, or one header, which a browser's cookies are; then all of a head; then its headers.
LINE_MAX_BYTES = 16 << 10
HEAD_MAX_BYTES = 16 << 10
HEADERS_MAX = 500
# For so long we read on after a refusal, and ignore what comes: if we closed at once, the client
# might lose the answer together with what it has still to send.
REFUSED_SECONDS = 2
# Daphne fails over these where they are not ASCII. We serve at the root, and speak no subprotocol.
UNHEARD = (b"daphne-root-path", b"sec-websocket-protocol")


class PlainAnswer(NamedTuple):
    """A refusal in plain text, after which nothing more is read."""

    status: str
    # Put into the language of the site when it is sent: no application is loaded before that.
    text: Promise

    def encode(self) -> bytes:
        body = f"{self.text}\n".encode()
        head = (
            f"HTTP/1.1 {self.status}\r\nConnection: close\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            f"Cache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


BAD = PlainAnswer("400 Bad Request", gettext_lazy("This is no request that we can read."))
TOO_LARGE = PlainAnswer(
    "413 Content Too Large", gettext_lazy("That is too large. Nothing was sent.")
)
ADDRESS_TOO_LONG = PlainAnswer("414 URI Too Long", gettext_lazy("The address is too long."))
HEADERS_TOO_LARGE = PlainAnswer(
    "431 Request Header Fields Too Large",
    gettext_lazy("The headers are too large. Clear the cookies of this site, then try again."),
)


class ChatRequest(WebRequest):  # type: ignore[misc]
    """One request: for a static file, or for the application."""

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """As Twisted's, which reads fields of forms too: Django does, in a thread."""
        self.content.seek(0, 0)
        self.args: dict[bytes, list[bytes]] = {}
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.partition(b"?")[0]
        self.process()

    def process(self) -> Any:
        if static_files.collected().answer(self):
            return None
        channel = self.channel
        begun = super().process()
        if self.transport is None:
            # A WebSocket now: nothing else is to hold the channel in memory.
            channel.forget()
        return begun


class ChatChannel(HTTPChannel):  # type: ignore[misc]
    """One connection, before it becomes a WebSocket."""

    # All that are not WebSockets by now, and whether each is to end with its answer.
    _open: ClassVar["WeakSet[ChatChannel]"] = WeakSet()
    _closing: ClassVar[bool] = False
    # Set by the server; without it, data is read as it comes.
    turns: ClassVar[HttpTurns | None] = None

    MAX_LENGTH = LINE_MAX_BYTES
    totalHeadersSize = HEAD_MAX_BYTES
    maxHeaders = HEADERS_MAX

    persistent: bool
    requestFactory: Any
    timeOut: float | None
    _receiving = True
    # Whether its head is not whole yet, whether the line with the address has come, and whether the
    # request was refused.
    _in_head = False
    _in_headers = False
    _refused = False
    _body_bytes = 0
    # Pieces of data that wait for their turn.
    _data_waiting = 0
    # When the timeout is over, and the timer that will look.
    _ends_at: float | None = None
    _timer: Any = None

    @classmethod
    def close_idle(cls) -> None:
        """From now on each connection ends with its answer; an idle one ends at once."""
        cls._closing = True
        for channel in list(cls._open):
            is_idle = not (channel._receiving or channel._handlingRequest or channel._data_waiting)
            if is_idle and channel.transport.protocol is channel:
                channel.loseConnection()

    def connectionMade(self) -> None:
        super().connectionMade()
        # The factory has named Daphne's own by now.
        if self.requestFactory is WebRequest:
            self.requestFactory = ChatRequest
        self._open.add(self)
        self.setTimeout(HEAD_SECONDS)

    def resetTimeout(self) -> None:
        """Called with each piece of data, of which only the first of a request sets the clock."""

    def setTimeout(self, period: float | None) -> float | None:
        """As Twisted's, but without a new timer for each request, for which Twisted searches all.

        A timer that goes off too early looks again later.
        """
        before, self.timeOut = self.timeOut, period
        self._ends_at = None if period is None else self._now() + period
        if self._ends_at is not None and (
            self._timer is None or self._timer.getTime() > self._ends_at
        ):
            self._set_timer(self._ends_at)
        return before

    def _set_timer(self, ends_at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.callLater(max(0, ends_at - self._now()), self._look_at_clock)

    def _look_at_clock(self) -> None:
        self._timer = None
        if self._ends_at is not None and self._ends_at <= self._now():
            self.timeoutConnection()
        elif self._ends_at is not None:
            self._set_timer(self._ends_at)

    def _now(self) -> float:
        return float(self.factory.reactor.seconds())

    def forget(self) -> None:
        """Nothing comes any more: neither is waited for."""
        self._ends_at = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.forget()

    def dataReceived(self, data: bytes) -> None:
        if self.turns is None:
            self._read(data)
        else:
            self._data_waiting += 1
            self.turns.do(partial(self._take_data, data))

    def _take_data(self, data: bytes) -> None:
        self._data_waiting -= 1
        protocol = self.transport.protocol if self.transport else None
        if protocol is self:
            self._read(data)
        elif protocol is not None:
            # A WebSocket by now.
            protocol.dataReceived(data)

    def _read(self, data: bytes) -> None:
        if self._refused:
            return
        begins = not self._receiving and not self._handlingRequest
        if begins:
            self._receiving = self._in_head = True
        super().dataReceived(data)
        if begins and self._in_head and not self._refused:
            # The rest of the head is still to come.
            self.setTimeout(HEAD_SECONDS)

    def lineReceived(self, line: bytes) -> None:
        if line:
            is_first, self._in_headers = not self._in_headers, True
            # The size of the head is that of its headers: the address has a limit of its own.
            self._receivedHeaderSize -= len(line) if is_first else 0
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        self._refuse(HEADERS_TOO_LARGE if self._in_headers else ADDRESS_TOO_LONG)

    def _respondToBadRequestAndDisconnect(self) -> None:
        is_large = self._receivedHeaderSize > HEAD_MAX_BYTES
        is_large = is_large or self._receivedHeaderCount > HEADERS_MAX
        self._refuse(HEADERS_TOO_LARGE if is_large else BAD)

    def headerReceived(self, line: bytes) -> bool:
        if line.partition(b":")[0].lower() in UNHEARD:
            return True
        return bool(super().headerReceived(line))

    def allHeadersReceived(self) -> None:
        self._in_head = self._in_headers = False
        super().allHeadersReceived()
        self._body_bytes = 0
        if self.length is None or self.length > 0:
            self.setTimeout(BODY_SECONDS)
        if self.length is not None and self.length > BODY_MAX_BYTES:
            self._refuse(TOO_LARGE)

    def rawDataReceived(self, data: bytes) -> None:
        if not self._handlingRequest:
            self._body_bytes += len(data)
            if self._body_bytes > BODY_MAX_BYTES:
                # A chunked one, which did not say so before.
                self._refuse(TOO_LARGE)
                return
        super().rawDataReceived(data)

    def requestDone(self, request: object) -> None:
        self._receiving = False
        if self._closing:
            self.persistent = False
        # Until the next request: what the factory grants an idle connection.
        self._savedTimeOut = self.factory.timeOut
        super().requestDone(request)
        if not self.persistent:
            # An answer that the client does not take must not keep it open.
            self._abortingCall = self.callLater(self.factory.timeOut, self.forceAbortClient)

    def _refuse(self, answer: PlainAnswer) -> None:
        """Say why, and ignore the rest."""
        if self._refused or self.transport.disconnecting:
            return
        self._refused = True
        self._buffer = b""
        self.transport.write(answer.encode())
        if hasattr(self.transport, "loseWriteConnection"):
            self.transport.loseWriteConnection()
            self.setTimeout(REFUSED_SECONDS)
        else:
            self.loseConnection()
