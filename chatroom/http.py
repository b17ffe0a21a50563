"""HTTP as we take it: a request comes in time and is of a size, or its connection ends.

Twisted's own time limit begins anew with each byte, and Daphne spools bodies of any size to disk.
Many run the chatroom without a proxy in front that would know better.
"""

from typing import ClassVar
from weakref import WeakSet

from twisted.web.http import HTTPChannel

# From the connection, or a request's first byte, to the end of its head; then to that of its body.
HEAD_SECONDS = 10
BODY_SECONDS = 30
# A form with the longest message, each character of it escaped, has a tenth of this.
BODY_MAX_BYTES = 1 << 20
# Daphne fails over these where they are not ASCII. We serve at the root, and speak no subprotocol.
UNHEARD = (b"daphne-root-path", b"sec-websocket-protocol")

TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class ChatChannel(HTTPChannel):  # type: ignore[misc]
    """One connection, before it becomes a WebSocket."""

    # All that are not WebSockets by now, and whether each is to end with its answer.
    _open: ClassVar["WeakSet[ChatChannel]"] = WeakSet()
    _closing: ClassVar[bool] = False

    persistent: bool
    _receiving = True
    _body_bytes = 0

    @classmethod
    def close_idle(cls) -> None:
        """From now on each connection ends with its answer; those that ask nothing, at once."""
        cls._closing = True
        for channel in list(cls._open):
            is_idle = not channel._receiving and not channel._handlingRequest
            if is_idle and channel.transport.protocol is channel:
                channel.loseConnection()

    def connectionMade(self) -> None:
        super().connectionMade()
        self._open.add(self)
        self.setTimeout(HEAD_SECONDS)

    def resetTimeout(self) -> None:
        """Called with each piece of data: only the first of a request sets the clock."""
        if not self._receiving and not self._handlingRequest:
            self._receiving = True
            self.setTimeout(HEAD_SECONDS)

    def headerReceived(self, line: bytes) -> bool:
        if line.partition(b":")[0].lower() in UNHEARD:
            return True
        return bool(super().headerReceived(line))

    def allHeadersReceived(self) -> None:
        super().allHeadersReceived()
        self._body_bytes = 0
        if self.length is None or self.length > 0:
            self.setTimeout(BODY_SECONDS)
        if self.length is not None and self.length > BODY_MAX_BYTES:
            self._refuse_body()

    def rawDataReceived(self, data: bytes) -> None:
        if not self._handlingRequest:
            self._body_bytes += len(data)
            if self._body_bytes > BODY_MAX_BYTES:
                # A chunked one, which did not say so before.
                self._refuse_body()
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
            # Nor may an answer that is not taken keep it.
            self._abortingCall = self.callLater(self.factory.timeOut, self.forceAbortClient)

    def _refuse_body(self) -> None:
        if not self.transport.disconnecting:
            self.transport.write(TOO_LARGE)
            self.loseConnection()
