"""What a node may answer, whatever it is told: frames of the wire contract, one to each command."""

import inspect
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Union, get_args

import msgspec

from chat import protocol

EVENTS: Any = Union[  # noqa: UP007 - made of a list
    tuple(
        struct
        for _, struct in inspect.getmembers(protocol, inspect.isclass)
        if issubclass(struct, msgspec.Struct)
        and struct is not msgspec.Struct
        and struct.__struct_config__.tag is not None
        and struct not in get_args(protocol.Command)
    )
]
# No other close is an answer to nonsense.
FAREWELLS = {protocol.CLOSE_PROTOCOL}
# Commands without a reply.
SILENT = protocol.StartTyping | protocol.MarkRead
SHOWN_MAX = 5

_events: msgspec.json.Decoder[Any] = msgspec.json.Decoder(EVENTS)
_message = msgspec.json.Decoder(protocol.WireMessage)


def spoken(frame: bytes) -> Any:
    """The event or reply that this frame is; ValueError if it is none of the contract's.

    Unknown fields, fields out of order and messages of another shape do not come back as they were.
    """
    event = _events.decode(frame)
    if protocol.encode(event) != frame:
        raise ValueError("It has fields that the contract does not know.")
    for message in getattr(event, "messages", ()):
        if protocol.encode(_message.decode(message)) != bytes(message):
            raise ValueError("A message has fields that the contract does not know.")
    return event


@dataclass
class Judge:
    """Counts what was said to a node and what it answered, and keeps what it must not do."""

    frames: int = 0
    # In how many of them a lenient reader makes out a ref.
    refs: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def find(self, what: str, how: str) -> None:
        self.findings[what] += 1
        examples = self.examples.setdefault(what, [])
        if len(examples) < SHOWN_MAX:
            examples.append(how)

    def hear(self, frame: bytes, whence: object) -> Any:
        """The event in this frame, or None, and a finding."""
        try:
            event = spoken(frame)
        except (msgspec.DecodeError, ValueError) as error:
            self.find("no frame of the contract", f"{whence}: {error} {frame[:300]!r}")
            return None
        name = getattr(event, "code", None) or type(event).__struct_config__.tag
        self.answers[str(name)] += 1
        if name == "unavailable":
            self.find("an unexpected failure", f"{whence}: {event}")
        return event

    def __str__(self) -> str:
        lines = [
            f"{what}: {count}\n  " + "\n  ".join(self.examples[what])
            for what, count in self.findings.most_common()
        ]
        return "\n".join(lines) or "nothing found"
