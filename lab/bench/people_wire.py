"""The wire between people and a node: HTTP, then the text frames of a WebSocket."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from . import clock
from .edges import Edge
from .events import EventLog
from .frames import Frames
from .proxy import HangUpError, Wire

HEAD_END = b"\r\n\r\n"
HEAD_BYTES_MAX = 32 * 1024
# Members who are only load: what they do is counted, and is no event.
LOAD_PREFIX = "measured "
# So many messages of one frame are told as events of their own.
TOLD_MAX = 5
_LANE = re.compile(rb"[?&]lane=([\w.-]+)")


class _Message(Struct):
    seq: int = 0
    client_id: str = ""


class _Me(Struct):
    name: str = ""


class _Frame(Struct):
    """Of any frame, of either side, what this wire looks at."""

    type: str = ""
    ref: str = ""
    room: str = ""
    client_id: str = ""
    seq: int = 0
    messages: list[_Message] = []
    me: _Me | None = None
    code: Any = ""


_decode = msgspec.json.Decoder(_Frame).decode


class PeopleWire(Wire):
    """Tells who sends what, which answers come, and which messages reach whom."""

    def __init__(self, edge: Edge, events: EventLog) -> None:
        super().__init__(edge, events)
        # Who is at this end; empty until it is known, and for load.
        self._lane = ""
        self._is_socket = False
        self._heads = {"up": b"", "down": b""}
        self._up = Frames()
        self._down = Frames()
        # By ref: the room and the message of each post that has no answer, and when it was sent.
        self._asked: dict[str, tuple[float, str, str]] = {}

    def up(self, data: bytes) -> Iterator[bytes]:
        data = yield from self._after_head("up", data)
        for raw, text in self._up.feed(data) if self._is_socket else [(data, b"")]:
            if not text or self._may_go_up(text):
                yield raw

    def down(self, data: bytes) -> Iterator[bytes]:
        data = yield from self._after_head("down", data)
        for raw, text in self._down.feed(data) if self._is_socket else [(data, b"")]:
            if not text or self._may_go_down(text):
                yield raw

    def _after_head(self, way: str, data: bytes) -> Any:
        """Carry the request or the answer to it; returns what follows it."""
        if self._heads[way] == HEAD_END:
            return data
        head = self._heads[way] + data
        end = head.find(HEAD_END)
        if end < 0 and len(head) < HEAD_BYTES_MAX:
            self._heads[way] = head
            return b""
        self._heads[way] = HEAD_END
        end = end + len(HEAD_END) if end >= 0 else len(head)
        if way == "up":
            self._is_socket = b"upgrade: websocket" in head[:end].lower()
            found = _LANE.search(head[:end].partition(b"\r\n")[0])
            self._lane = found[1].decode() if found and self._is_socket else ""
        elif not head.startswith(b"HTTP/1.1 101"):
            self._is_socket = False
        yield head[:end]
        return head[end:]

    # --- What people say ----------------------------------------------------------------------

    def _may_go_up(self, text: bytes) -> bool:
        self.edge.count()
        frame = _decoded(text)
        if frame.type != "message.send":
            return True
        now = clock.now()
        self._asked[frame.ref] = (now, frame.room, frame.client_id)
        self._tell("send", f"{frame.room}: says something", frame, self._lane, self.edge.target)
        return True

    # --- What they are told -------------------------------------------------------------------

    def _may_go_down(self, text: bytes) -> bool:
        self.edge.count()
        if text.startswith((b'{"type":"room.changes"', b'{"type":"room.entered"')):
            return self._log(_decoded(text))
        if text.startswith(b'{"type":"message.accepted"') or b'"command.rejected"' in text[:40]:
            self._answer(_decoded(text))
        elif text.startswith(b'{"type":"hello"') and not self._lane:
            me = _decoded(text).me
            self._lane = me.name if me and not me.name.startswith(LOAD_PREFIX) else ""
        return True

    def _answer(self, frame: _Frame) -> None:
        sent_at, room, message = self._asked.pop(frame.ref, (0.0, "", ""))
        if not sent_at:
            return
        frame = _Frame(frame.type, room=room, client_id=message, seq=frame.seq, code=frame.code)
        if frame.type == "command.rejected":
            self._tell("reply", f"refused: {frame.code}", frame, self.edge.target, self._lane)
            return
        self.edge.answered(clock.now() - sent_at)
        if self.edge.cuts_after_commit.take():
            self.edge.dropped += 1
            text = f"{room} {frame.seq} is committed; its answer is lost"
            self._tell("reply", text, frame, self.edge.target, self._lane, lost=True)
            raise HangUpError
        text = f"{room} {frame.seq} is committed"
        self._tell("reply", text, frame, self.edge.target, self._lane)

    def _log(self, frame: _Frame) -> bool:
        is_lost = frame.type == "room.changes" and self.edge.loses()
        self.edge.dropped += is_lost
        if frame.type == "room.changes":
            for message in frame.messages[:TOLD_MAX]:
                told = _Frame(room=frame.room, client_id=message.client_id, seq=message.seq)
                text = f"{frame.room} {message.seq}" + (", lost on the way" if is_lost else "")
                self._tell("delivered", text, told, self.edge.target, self._lane, lost=is_lost)
        return not is_lost

    def _tell(
        self, kind: str, text: str, frame: _Frame, lane: str, to: str, *, lost: bool = False
    ) -> None:
        if not self._lane:
            return
        now = clock.now()
        self.events.add(
            lane,
            kind,
            text,
            at=now,
            message=frame.client_id,
            room=frame.room,
            seq=frame.seq,
            to=to,
            arrived=0.0 if lost else now + self.edge.delay_ms / 1000,
            lost=lost,
        )


def _decoded(text: bytes) -> _Frame:
    """What cannot be read is nothing that this wire looks at."""
    try:
        return _decode(text)
    except msgspec.MsgspecError:
        return _Frame()
