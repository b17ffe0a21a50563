"""Finds the `ref` of a client's frame, also in one that is no sound JSON.

A refusal without its ref leaves the client waiting for an answer that has come. Strict readers give
up on half a surrogate pair, a number out of range, deep nesting or a missing bracket; the ref can
still be read there.
"""

import json
import re
from typing import Any

import msgspec

REF_MAX_LENGTH = 64
# Of several refs, so many of the last are tried.
REFS_TRIED = 8


class _Referenced(msgspec.Struct):
    ref: Any = None


_strict = msgspec.json.Decoder(_Referenced)

# Possessive throughout, and each string is matched where it starts, ended or not: no character is
# looked at twice, whatever the frame.
_INSIDE = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
_REF = r'"(?:r|\\u0072)(?:e|\\u0065)(?:f|\\u0066)"\s*+:\s*+'
_TOKEN = re.compile(
    rf"""(?P<brackets> [\[\]{{}}]++ )
    | (?P<ref> {_REF} (?: "(?P<value>{_INSIDE})" )? )
    | (?: [^"\[\]{{}}]++ | (?!{_REF}) "{_INSIDE}(?: " | \\?\Z ) )++
    """,
    re.DOTALL | re.VERBOSE,
)
_STRING = re.compile(rf'"{_INSIDE}(?:"|\\?\Z)', re.DOTALL)
# Outside of strings they are a sign of quotes that do not match.
_WORD = re.compile(r"(?!(?:true|false|null|NaN|Infinity)\b)\b[^\W\d_]{2}")
# For frames whose quotes or brackets do not match. In a text, the quotes would be escaped.
_ANYWHERE = re.compile(rf'(?<!\\){_REF}"({_INSIDE})"', re.DOTALL)
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF_A_PAIR = re.compile(rf"{_HIGH}(?!{_LOW})|(?<!{_HIGH}){_LOW}")


def has_half_a_pair(frame: str | bytes) -> bool:
    """Whether an escape stands for half of a character; to say so to people."""
    text = frame if isinstance(frame, str) else frame.decode(errors="replace")
    return _HALF_A_PAIR.search(text) is not None


def is_json_object(frame: str) -> bool:
    try:
        _strict.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def find_ref(frame: str) -> str | None:
    """The `ref` of the frame's object; the last one if there are several, as for JSON.parse.

    A ref that no answer could bear does not count: it is no string, longer than 64 characters, half
    a surrogate pair or a bad escape. Texts and nested values that hold a `"ref"` are passed over;
    only where quotes or brackets do not match, the last ref anywhere is taken. The time is linear
    in the frame's length.
    """
    try:
        ref = _strict.decode(frame).ref
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        ref = None
    if _is_usable(ref):
        return str(ref)
    refs, is_whole = _refs_of_object(frame)
    if not refs and (not is_whole or _WORD.search(_STRING.sub("", frame))):
        refs = _ANYWHERE.findall(frame)
    return next((ref for ref in map(_text, refs[: -REFS_TRIED - 1 : -1]) if _is_usable(ref)), None)


def _refs_of_object(frame: str) -> tuple[list[str], bool]:
    """The strings named `ref` in the outermost object, and whether brackets match."""
    refs: list[str] = []
    depth = 0
    for token in _TOKEN.finditer(frame):
        if brackets := token["brackets"]:
            for place, bracket in enumerate(brackets, token.start()):
                depth += 1 if bracket in "[{" else -1
                if depth <= 0:
                    return refs, depth == 0 and not frame[place + 1 :].strip()
        elif depth == 1 and token["value"] is not None:
            refs.append(token["value"])
    return refs, False


def _text(written: str) -> str | None:
    """What the inside of a JSON string means; None if it holds an escape that JSON has not."""
    if "\\" not in written:
        return written
    try:
        return str(json.loads(f'"{written}"', strict=False))
    except ValueError:
        return None


def _is_usable(ref: object) -> bool:
    if not isinstance(ref, str) or len(ref) > REF_MAX_LENGTH:
        return False
    # Half a surrogate pair has no UTF-8.
    return not any("\ud800" <= character <= "\udfff" for character in ref)
