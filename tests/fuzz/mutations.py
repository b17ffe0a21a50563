"""Sound commands, damaged in one place or three; and a reader that still makes out their ref.

The reader knows nothing of chat/protocol/refs.py: it asks Python's own JSON reader, and where that
fails, it looks for the only ref near the beginning.
"""

import json
import re
from random import Random
from typing import Any

NUMBERS = ("1e999", "-1e999", "9" * 5000, "007", "-", "1.", ".5", "NaN", "-Infinity", "0x1F", "1_0")
ESCAPES = (
    "\\ud83d", "\\udc00", "\\ude00\\ud83d", "\\x41", "\\u12", "\\u00zz", "\\", "\\'", "\\0",
    "\\U0001F600",
)  # fmt: skip
TOKENS = (
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "null",
    "true",
    "'",
    "/**/",
    "\x00",
    "\ufeff",
    "é",
    "\n",
)
NESTED = ("[" * 1500 + "]" * 1500, '{"a":' * 1200 + "0" + "}" * 1200, "[[[[", "}}", '{"ref":"no"}')
_NUMBER = re.compile(r"(?<=[:\[,])-?\d+(?=[,\]}])")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_VALUE = re.compile(r'(?<=:)(?:"(?:[^"\\]|\\.)*"|-?\d+|true|false|null)')
_REF = re.compile(r'(?<!\\)"ref"\s*:\s*"([^"\\]*)"')


def mutated(random: Random, frame: str) -> str:
    """The frame with one to three changes, each of any of these kinds."""
    ways = (
        _changed_character, _changed_character, _cut_off, _swapped, _blown_up, _blown_up, _escaped,
        _escaped, _doubled, _nested, _token, _token, _behind,
    )  # fmt: skip
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        frame = random.choice(ways)(random, frame)
    return frame


def _changed_character(random: Random, frame: str) -> str:
    """One lost, put in, or turned into its neighbour by one bit."""
    at = random.randrange(len(frame) + 1)
    kind = random.randrange(3)
    if kind == 0:
        return frame[:at] + frame[at + 1 :]
    put = chr(random.choice((random.randrange(128), random.randrange(0xD800))))
    if kind == 1 or at == len(frame):
        return frame[:at] + put + frame[at:]
    flipped = chr(ord(frame[at]) ^ 1 << random.randrange(7))
    return frame[:at] + (put if flipped > "\ud7ff" else flipped) + frame[at + 1 :]


def _cut_off(random: Random, frame: str) -> str:
    return frame[: random.randrange(len(frame) + 1)]


def _swapped(random: Random, frame: str) -> str:
    """Two strings or values change places."""
    spans = [match.span() for match in random.choice((_STRING, _VALUE)).finditer(frame)]
    if len(spans) < 2:
        return frame
    (a, b), (c, d) = sorted(random.sample(spans, 2))
    return frame[:a] + frame[c:d] + frame[b:c] + frame[a:b] + frame[d:]


def _put(random: Random, frame: str, pattern: re.Pattern[str], value: str) -> str:
    spans = [match.span() for match in pattern.finditer(frame)]
    if not spans:
        return frame
    start, end = random.choice(spans)
    return frame[:start] + value + frame[end:]


def _blown_up(random: Random, frame: str) -> str:
    return _put(random, frame, random.choice((_NUMBER, _VALUE)), random.choice(NUMBERS))


def _escaped(random: Random, frame: str) -> str:
    """A bad escape somewhere in a string."""
    strings = [match.span() for match in _STRING.finditer(frame)]
    if not strings:
        return frame
    start, end = random.choice(strings)
    at = random.randint(start + 1, end - 1)
    return frame[:at] + random.choice(ESCAPES) + frame[at:]


def _doubled(random: Random, frame: str) -> str:
    """A field twice, the second time with the value of another."""
    names = re.findall(r'"[a-z_]+"(?=:)', frame)
    values = _VALUE.findall(frame)
    if not names or not values:
        return frame
    field = f"{random.choice(names)}:{random.choice(values)}"
    return frame[:-1] + f",{field}}}" if random.random() < 0.5 else f"{{{field}," + frame[1:]


def _nested(random: Random, frame: str) -> str:
    value = random.choice(NESTED)
    if random.random() < 0.5:
        return _put(random, frame, _VALUE, value)
    return frame[:-1] + f',"future":{value}' + frame[-1:]


def _token(random: Random, frame: str) -> str:
    at = random.randrange(len(frame) + 1)
    return frame[:at] + random.choice(TOKENS) + frame[at + random.randrange(2) :]


def _behind(random: Random, frame: str) -> str:
    return frame + random.choice(("}", "]", " x", ',"ref":"no"', '{"ref":"no"}', "\x00", frame))


def readable_ref(frame: str) -> str | None:
    """The ref that any reader would make out; None if readers might differ about it."""
    try:
        value = json.loads(frame, strict=False, parse_int=float)
    except (ValueError, RecursionError):
        found = [*_REF.finditer(frame)]
        if len(found) != 1 or '"ref"' in frame[found[0].end() :] + frame[: found[0].start()]:
            return None
        before = frame[: found[0].start()]
        # Behind more brackets than that of the object, it may be the ref of something else.
        if len(re.findall(r"[\[{]", before)) != 1 or re.search(r"[\]}]", before):
            return None
        # Behind a text that does not end, it may be what the text says.
        return _if_usable(found[0][1]) if before.count('"') % 2 == 0 else None
    return _if_usable(value.get("ref")) if isinstance(value, dict) else None


def _if_usable(ref: Any) -> str | None:
    is_usable = isinstance(ref, str) and len(ref) <= 64 and not re.search("[\ud800-\udfff]", ref)
    return ref if is_usable else None
