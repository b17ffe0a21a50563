"""Encoding and decoding. Decoding is validation; unknown fields are ignored."""

import msgspec
from django.utils.translation import gettext

from ..errors import BadCommand, BadFrame, ChatError
from .commands import Command
from .limits import CLIENT_FRAME_MAX
from .refs import has_half_a_pair
from .replies import CommandRejected

_encoder = msgspec.json.Encoder()


_command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


encode = _encoder.encode


def decode_command(frame: str | bytes) -> Command:
    """The command in a client's frame. BadFrame: not JSON; BadCommand: JSON, but no command."""
    if is_too_large(frame):
        raise BadFrame(gettext("A frame may have {count} bytes.").format(count=CLIENT_FRAME_MAX))
    try:
        return _command_decoder.decode(frame)
    except msgspec.ValidationError as error:
        # What is wrong is told in the words of the decoder: for those who write a client.
        told = gettext("This is no command that we know: {reason}").format(reason=error)
        raise BadCommand(told) from None
    # A RecursionError: 200,000 opening brackets are one, and no reason to end the connection.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if has_half_a_pair(frame):
            told = gettext("The frame holds half of a surrogate pair, which is no character.")
        else:
            told = gettext("This frame is no JSON: {reason}").format(reason=error)
        raise BadFrame(told) from None


def is_too_large(frame: str | bytes) -> bool:
    if isinstance(frame, str) and len(frame) <= CLIENT_FRAME_MAX and not frame.isascii():
        # Most characters of the world have two or three bytes.
        frame = frame.encode("utf-8", "surrogatepass")
    return len(frame) > CLIENT_FRAME_MAX


def rejection(error: ChatError, ref: str | None) -> CommandRejected:
    return CommandRejected(ref=ref, code=error.code, detail=error.detail, retry_ms=error.retry_ms)
