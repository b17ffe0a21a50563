"""WebSocket frames out of a stream (RFC 6455), as they are and with their text."""

TEXT = 0x1
FINAL_TEXT = 0x80 | TEXT


class Frames:
    """One direction of one socket."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """The whole frames in order: all bytes of each, and its text; no text of other frames."""
        data = self._rest + data
        found: list[tuple[bytes, bytes]] = []
        at = 0
        while (end := _end_of(data, at)) <= len(data):
            found.append((data[at:end], _text_of(data, at, end)))
            at = end
            if at == len(data):
                break
        self._rest = data[at:]
        return found


def _end_of(data: bytes, at: int) -> int:
    """Where the frame that begins at `at` ends; beyond the data if that is not known yet."""
    unknown = len(data) + 1
    if len(data) < at + 2:
        return unknown
    start, size = _start_and_size(data, at)
    return start + size if len(data) >= start else unknown


def _start_and_size(data: bytes, at: int) -> tuple[int, int]:
    """Where the payload begins, and its length."""
    size, start = data[at + 1] & 0x7F, at + 2
    extended = {126: 2, 127: 8}.get(size, 0)
    if extended:
        size = int.from_bytes(data[start : start + extended])
    return start + extended + (4 if data[at + 1] & 0x80 else 0), size


def _text_of(data: bytes, at: int, end: int) -> bytes:
    if data[at] != FINAL_TEXT:
        return b""
    start, size = _start_and_size(data, at)
    payload = data[start:end]
    if not data[at + 1] & 0x80:
        return payload
    key = (data[start - 4 : start] * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)
