"""Commands that a client might send: sound ones, and ones with a field spoilt.

They are made from the types of the wire contract, so that a new command is tried without a word
here. All chance comes from the `Random` that is handed in, so that a seed repeats it.
"""

import json
import uuid
from collections.abc import Callable
from random import Random
from typing import Any, get_args

import msgspec
from msgspec import inspect

from chat import protocol
from chat.errors import ChatError

from .mutations import mutated

FIELDS: dict[str, tuple[inspect.Field, ...]] = {
    command.__struct_config__.tag: inspect.type_info(command).fields  # type: ignore[attr-defined]
    for command in get_args(protocol.Command)
}
TAGS = list(FIELDS)
# The rarer a command is among people, the rarer here: a log of a million bans tries nothing.
_OFTEN = {"message.send": 6, "message.edit": 4, "ping": 3}
WEIGHTS = [_OFTEN.get(tag, 1) for tag in TAGS]

BODIES = (
    "hello", "**bold** `code` :smile:", "> quoted\n\n- a\n- b", "```python\nprint(1)\n```",
    "https://example.com/?a=1&b=2", "<script>alert(1)</script>", "[x](javascript:alert(1))",
    "\u202eright to left", "e" + "\u0301" * 40, "👩‍👩‍👧‍👦", "\ufeffmark", "x" * 4000, "*" * 500,
    "[" * 300, "&lt;", "\u2028", "{{ 7*7 }}", "`" * 99, "> " * 60, "1. " * 90,
)  # fmt: skip
# As they stand in a frame, in place of a field's value.
SPOILT = (
    "null", "true", "0", "-1", "1.5", "1e999", "-0", "NaN", "Infinity", "9007199254740992",
    "18446744073709551616", "9" * 5000, "1" * 310 + ".0", '""', '"x"', '"\\u0000"', '"\\ud800"',
    '"\\udc00\\ud800"', '"\\uFFFE"', '"\\x41"', '"\u202e"', '"\\u0001"', '"  "', '"\n"', "[]",
    "{}", '{"epoch":[]}', "[" * 8000, "[" * 400 + "]" * 400, '{"a":' * 900 + "1" + "}" * 900,
    '"' + "y" * 65 + '"', '"' + "z" * 4001 + '"', '"' + "é" * 4000 + '"', '"../../etc/passwd"',
    '"\' OR 1=1 --"', '"%s%n"', "nil", "'x'", "undefined", '"\\"', "0x10", "+1", "1_000",
    '"00000000-0000-0000-0000-000000000000"', '"1e400"', "-9223372036854775809", "[null]",
)  # fmt: skip
NO_FRAMES = (
    " ", "null", "[]", '"x"', "1", "{}", "{", "}", '{"type":null}', '{"type":"ping"}{}',
    '{"type":"ping","ref":"1"} x', "\ufeff{}", '{"type":"no.such","ref":"1"}', '{"ref":"1"}',
    "[" * 15_000, '{"a":' * 3000, "\\u0000", "\x00", "NaN", '{"type":"hello","ref":"1"}',
    '{"type":"ping","ref":"1","type":"room.enter"}', "x" * 17_000,
)  # fmt: skip


def command_in(text: str) -> protocol.Command | None:
    """The command that this frame is, if it is one."""
    try:
        return protocol.decode_command(text)
    except ChatError:
        return None


class Author:
    """One hostile client: what it says next, and what it has been told so far."""

    def __init__(
        self, random: Random, room: str, pit: str, name: str, *, only_mutates: bool = False
    ) -> None:
        self.random = random
        # Says nothing but sound commands that were damaged (mutations.py).
        self.only_mutates = only_mutates
        # Messages of one's own by room; the seed decides by a share which one is meant.
        self.mine: dict[str, list[int]] = {}
        self._room = room
        # Only in this room is a `client_id` used twice: elsewhere each has one text and one place.
        self._pit = pit
        self._name = name
        self._numbers = 0
        self._last: dict[str, str] = {}

    def frame(self) -> str:
        """The next frame, sound as often as not."""
        while self._says_twice(text := self._frame()):
            pass
        return text

    def _says_twice(self, text: str) -> bool:
        """Whether a spoilt `client_id` may have been used before, where the neighbours are."""
        command = command_in(text)
        return (
            isinstance(command, protocol.SendMessage)
            and command.room == self._room
            and command.client_id != self._client_id
        )

    def _frame(self) -> str:
        if self.only_mutates:
            # Chance of its own: what the node answered must not shift what comes next.
            return mutated(Random(self.random.random()), _object(self._command()))
        kind = self.random.random()
        if kind < 0.03:
            return str(self._one(NO_FRAMES))
        if kind < 0.06 and self._last:
            return self._again()
        command = self._command()
        if kind < 0.5:
            return _object(command)
        if kind < 0.56:
            return self._mangled(_object(command))
        return self._spoil(command)

    @property
    def _client_id(self) -> str:
        return f"{self._name}-{self._numbers}"

    # --- Sound --------------------------------------------------------------------------------

    def _command(self) -> dict[str, str]:
        """The fields of a sound command, each as it stands in a frame."""
        [tag] = self.random.choices(TAGS, WEIGHTS)
        self._numbers += 1
        room = self._one((self._room, self._pit, self._pit, "nowhere"))
        command = {"type": _text(tag)}
        for field in FIELDS[tag]:
            if field.required or self.random.random() < 0.5:
                value = self._value(field.encode_name, field.type, room)
                command[field.encode_name] = json.dumps(value, ensure_ascii=False)
        if tag == "message.send" and room == self._pit:
            self._last = dict(command)
        return command

    def _value(self, name: str, kind: inspect.Type, room: str) -> Any:
        match name:
            case "ref":
                return f"{self._numbers}"
            case "room":
                return room
            case "client_id":
                return self._client_id
            case "body":
                return self._one(BODIES)
            case "seq" | "reply_to" | "before":
                mine = self.mine.get(room, [])
                return self._one(mine) if mine and self._chance(0.7) else self._one((0, 1, 2, 7))
            case "emoji":
                return self._one(("👍", "🎉", "x", "👩‍👩‍👧‍👦"))
            case "member" | "seconds" | "slow_s":
                return self._one((0, 1, 2, 60, 2**31 - 1))
            case "id":
                return str(uuid.UUID(int=self.random.getrandbits(128)))
        return self._of(kind, room)

    def _of(self, kind: inspect.Type, room: str) -> Any:
        match kind:
            case inspect.BoolType():
                return self._chance(0.5)
            case inspect.IntType(ge=least, le=most):
                return self._one((least or 0, most or 1000, 5))
            case inspect.StrType(max_length=most):
                return "r" * self._one((0, 1, most or 10))
            case inspect.LiteralType(values=values):
                return self._one(values)
            case inspect.ListType(item_type=item):
                return [self._of(item, room)]
            case inspect.UnionType(types=kinds):
                return self._of(self._one(kinds), room)
            case inspect.StructType(fields=fields):
                return {
                    field.encode_name: self._value(field.encode_name, field.type, room)
                    for field in fields
                }
        return None

    # --- Spoilt -------------------------------------------------------------------------------

    def _spoil(self, command: dict[str, str]) -> str:
        """The same command with one field wrong."""
        name = self._one(list(command))
        ways: list[Callable[[dict[str, str], str], str]] = [
            self._replaced, self._replaced, self._replaced, self._missing, self._doubled,
            self._extra, self._misnamed,
        ]  # fmt: skip
        way: Callable[[dict[str, str], str], str] = self._one(ways)
        return way(command, name)

    def _replaced(self, command: dict[str, str], name: str) -> str:
        return _object(command | {name: self._one(SPOILT)})

    def _missing(self, command: dict[str, str], name: str) -> str:
        return _object({key: value for key, value in command.items() if key != name})

    def _doubled(self, command: dict[str, str], name: str) -> str:
        again = f"{_text(name)}:{self._one(SPOILT)}"
        parts = _parts(command)
        return "{" + ",".join([*parts, again] if self._chance(0.5) else [again, *parts]) + "}"

    def _extra(self, command: dict[str, str], name: str) -> str:
        return _object(command | {f"{name}_": self._one(SPOILT), "__proto__": "{}"})

    def _misnamed(self, command: dict[str, str], name: str) -> str:
        parts = _parts(command | {name: self._one(SPOILT)})
        return "{" + ",".join(part.replace(name, name.upper(), 1) for part in parts) + "}"

    def _mangled(self, text: str) -> str:
        """Cut off, or with a character lost, doubled or put in."""
        at = self._below(len(text))
        cut = self._one((1 << 20, 0, 1))
        return text[:at] + (self._one('"{}[],:\\\x00é') + text[at + cut :] if cut < 2 else "")

    def _again(self) -> str:
        """What was said in the pit, once more; with the same text or another."""
        return _object(self._last | {"body": _text(self._one((*BODIES, "hello")))})

    def _one(self, choices: Any) -> Any:
        return choices[self._below(len(choices))]

    def _below(self, end: int) -> int:
        # One draw whatever `end` is: what the node answered must not shift what comes next.
        return int(self.random.random() * end)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share


def _text(value: str) -> str:
    return msgspec.json.encode(value).decode()


def _parts(command: dict[str, str]) -> list[str]:
    return [f"{_text(name)}:{value}" for name, value in command.items()]


def _object(command: dict[str, str]) -> str:
    return "{" + ",".join(_parts(command)) + "}"
