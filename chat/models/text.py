"""What a body may hold, checked before anything is batched: one bad text must not fail others."""

import re
import unicodedata

from django.conf import settings

from ..errors import InvalidText, TooLong

# NUL breaks PostgreSQL (SQLite stores it), lone surrogates break UTF-8, the last two are no
# characters at all. Tab and newline are the only controls that mean something in a message.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# More marks than any script stacks on one letter: such text covers its neighbours.
COMBINING_MARKS_MAX = 8


def is_storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


def check_body(body: str) -> None:
    """Raise TooLong or InvalidText unless this can be a message's body."""
    if len(body) > settings.MESSAGE_MAX_LENGTH:
        raise TooLong(f"A message may have {settings.MESSAGE_MAX_LENGTH} characters.")
    if not body or body.isspace():
        raise InvalidText("A message needs some text.")
    if body.isascii():
        if _UNSTORABLE.search(body):
            raise InvalidText("The text holds a control character that cannot be stored.")
        return
    if _UNSTORABLE.search(body):
        raise InvalidText("The text holds a character that cannot be stored.")
    marks = 0
    for character in body:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > COMBINING_MARKS_MAX:
            raise InvalidText("The text stacks too many marks on one letter.")


def check_emoji(emoji: str) -> None:
    """Raise InvalidText unless this can stand as a reaction: one to a few symbols, no words."""
    if (
        emoji.isascii()
        or _UNSTORABLE.search(emoji)
        or any(
            (character.isalnum() and not character.isdigit()) or character.isspace()
            for character in emoji
        )
    ):
        raise InvalidText("A reaction is an emoji.")
