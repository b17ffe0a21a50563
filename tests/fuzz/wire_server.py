"""Our WebSocket protocol and Daphne's plain one, in this process, on a transport made of lists."""

from types import SimpleNamespace
from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from chat import protocol
from chat.realtime.rate_limits import Policy
from chatroom.server.websocket import ChatProtocol, DaphneSocket

HANDSHAKE = (
    b"GET /ws/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)

Event = tuple[str, Any]


class Transport:
    """Remembers what a protocol does to it."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.ended = False
        # Twisted's: its socket takes everything at once, so that its buffer stays empty.
        self.socket = self
        self.connected = True
        self._tempDataBuffer: list[bytes] = []
        self.dataBuffer = b""

    def send(self, data: bytes) -> int:
        self.write(data)
        return len(data)

    def write(self, data: bytes) -> None:
        self.events.append(("write", data))

    def abortConnection(self) -> None:
        self.ended = True
        self.events.append(("abort", None))

    def loseConnection(self) -> None:
        self.ended = True
        self.events.append(("hang up", None))

    def getPeer(self) -> None:
        """Nobody."""

    getHost = registerProducer = unregisterProducer = lambda *_, **__: None


class Wire:
    """One open socket of this protocol; `events` is all that bytes fed to it led to."""

    def __init__(self, kind: type[WebSocketProtocol]) -> None:
        self.events: list[Event] = []
        self._transport = Transport(self.events)
        self.socket = kind()
        self.socket.factory = _factory(self, kind)
        self.socket._raw_query_string = b""
        self.socket.makeConnection(self._transport)
        self.socket.dataReceived(HANDSHAKE)
        self.socket.serverAccept()
        self.events.clear()

    @property
    def is_cut_off(self) -> bool:
        return ("abort", None) in self.events

    def feed(self, pieces: list[bytes]) -> list[Event]:
        for piece in pieces:
            if self._transport.ended:
                break
            self.socket.dataReceived(piece)
        return self.events

    # --- What Daphne's server and its queue are to the protocol -------------------------------

    def create_application(self, socket: Any, scope: object) -> "Wire":
        if isinstance(socket, ChatProtocol):
            socket.chat = DaphneSocket(socket)
            socket.chat.on_text = lambda text: self.events.append(("text", text))
        return self

    def qsize(self) -> int:
        return 0

    def put_nowait(self, message: dict[str, Any]) -> None:
        if message.get("text") is not None:
            self.events.append(("text", message["text"]))
        elif message.get("bytes") is not None:
            self.events.append(("bytes", message["bytes"]))


class Fast(ChatProtocol):
    """Ours, with budgets that no test uses up: they go by the clock."""

    PINGS = OTHER_FRAMES = Policy("frames", per_second=1e6, burst=1_000_000)


class Plain(WebSocketProtocol):  # type: ignore[misc]
    """Daphne's own, every byte through autobahn."""


def _factory(wire: Wire, kind: type[WebSocketProtocol]) -> WebSocketFactory:
    server = SimpleNamespace(
        root_path="",
        proxy_forwarded_address_header=None,
        protocol_connected=lambda socket: None,
        protocol_disconnected=lambda socket: None,
        log_action=lambda *_: None,
        create_application=wire.create_application,
    )
    factory = WebSocketFactory(server)
    # No clock runs here.
    factory.setProtocolOptions(
        openHandshakeTimeout=0,
        closeHandshakeTimeout=0,
        maxMessagePayloadSize=protocol.SERVER_FRAME_MAX,
        maxFramePayloadSize=protocol.SERVER_FRAME_MAX,
    )
    for option in ChatProtocol.OPTIONS:
        value = getattr(factory, option)
        setattr(kind, option, staticmethod(value) if callable(value) else value)
    return factory
