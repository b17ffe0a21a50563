"""Encoding and decoding. Decoding is validation; unknown fields are ignored."""

import msgspec

from ..errors import BadCommand, BadFrame, ChatError
from .commands import Command
from .limits import CLIENT_FRAME_MAX, HALF_A_PAIR
from .refs import has_half_a_pair
from .replies import CommandRejected

_encoder = msgspec.json.Encoder()


_command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


encode = _encoder.encode


def decode_command(frame: str | bytes) -> Command:
    """The command in a client's frame. BadFrame: not JSON; BadCommand: JSON, but no command."""
    if is_too_large(frame):
        raise BadFrame(f"A frame may have {CLIENT_FRAME_MAX} bytes.")
    try:
        return _command_decoder.decode(frame)
    except msgspec.ValidationError as error:
        raise BadCommand(str(error)) from None
    # A RecursionError: 200,000 opening brackets are one, and no reason to end the connection.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        detail = HALF_A_PAIR if has_half_a_pair(frame) else str(error)
        raise BadFrame(detail) from None


def is_too_large(frame: str | bytes) -> bool:
    if isinstance(frame, str) and len(frame) <= CLIENT_FRAME_MAX and not frame.isascii():
        # Most characters of the world have two or three bytes.
        frame = frame.encode("utf-8", "surrogatepass")
    return len(frame) > CLIENT_FRAME_MAX


def rejection(error: ChatError, ref: str | None) -> CommandRejected:
    return CommandRejected(ref=ref, code=error.code, detail=error.detail, retry_ms=error.retry_ms)
