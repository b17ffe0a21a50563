"""Bytes that a WebSocket client might send: sound frames, and every way to get one wrong.

All chance comes from the `Random` that is handed in, so that a seed (or hypothesis) repeats it.
"""

import json
from random import Random

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CHARACTERS = 'ab {}[]":,0é語😀\u202e\u0301\0\ufeff'
# Around each of the three forms of a frame's length, and the size that a message may have.
SIZES = (0, 1, 5, 125, 126, 127, 128, 300, 16_384, 65_535, 65_536, 65_537)
NO_TEXT = (b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf")


def stream(random: Random, payloads: int = 6) -> bytes:
    """What one client sends; sound as often as not, and broken at one place or several."""
    mischief = random.choice((0.0, 0.0, 0.1, 0.5))
    return b"".join(message(random, mischief) for _ in range(random.randint(1, payloads)))


def message(random: Random, mischief: float) -> bytes:
    """A message, whole or in fragments, perhaps with control frames between them."""
    opcode = random.choice((TEXT, TEXT, TEXT, TEXT, BINARY, PING, PONG))
    payload = text(random) if opcode in (TEXT, PING, PONG) else random.randbytes(20)
    if opcode in (PING, PONG):
        return frame(random, payload[:125], opcode, mischief)
    parts = []
    while random.random() < 0.2:
        at = random.randint(0, len(payload))
        parts.append(frame(random, payload[:at], opcode, mischief, fin=False))
        opcode, payload = 0, payload[at:]
        if random.random() < 0.3:
            parts.append(frame(random, b"still here?", PING, mischief))
    return b"".join([*parts, frame(random, payload, opcode, mischief)])


def text(random: Random) -> bytes:
    kind = random.randrange(8)
    if kind == 0:
        return b"x" * random.choice(SIZES)
    if kind == 1:
        return random.choice(NO_TEXT) + "".join(random.choices(CHARACTERS, k=3)).encode()
    if kind == 2:
        return json.dumps({"type": "ping", "ref": str(random.random())}).encode()
    return "".join(random.choices(CHARACTERS, k=random.randint(0, 90))).encode()


def frame(
    random: Random, payload: bytes, opcode: int, mischief: float = 0.0, *, fin: bool = True
) -> bytes:
    """A masked frame, with each of its fields spoilt now and then."""

    def spoilt() -> bool:
        return random.random() < mischief / 4

    first = (0x80 if fin else 0) | opcode
    if spoilt():
        first = random.randrange(256)
    size = len(payload)
    form = 0 if size < 126 else 2 if size < 1 << 16 else 8
    if spoilt():
        size = random.choice((*SIZES, 1 << 30, 1 << 63))
    if spoilt() or size >= 1 << (8 * form if form else 7):
        form = 8
    length = bytes([0x80 | (size if form == 0 else 126 if form == 2 else 127) & 0x7F])
    if form:
        length += (size % (1 << 64)).to_bytes(8)[8 - form :]
    if spoilt():
        return bytes([first, length[0] & 0x7F]) + length[1:] + payload
    mask = random.choice((bytes(4), random.randbytes(4)))
    whole = bytes([first]) + length + mask + masked(mask, payload)
    return whole[: random.randint(0, len(whole))] if spoilt() else whole


def masked(mask: bytes, payload: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)


def cut(random: Random, data: bytes) -> list[bytes]:
    """The same bytes as a network might hand them over: all at once, or in pieces of any size."""
    longest = random.choice((1 << 17, 1 << 17, 2000, 40, 3))
    # What would come in ten thousand pieces says no more than what comes in some.
    longest = max(longest, len(data) // 400)
    pieces = []
    while data:
        size = random.randint(1, longest)
        pieces.append(data[:size])
        data = data[size:]
    return pieces
