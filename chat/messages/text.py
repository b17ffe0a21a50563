"""Checks of texts. They run before operations are batched, so that a bad text fails alone."""

import re
import unicodedata

from django.conf import settings
from django.utils.translation import gettext

from ..emoji import is_emoji
from ..errors import InvalidText, TooLong

# NUL breaks PostgreSQL (SQLite stores it), lone surrogates break UTF-8, and the last two are no
# characters. Tab and newline are the only controls with a meaning in a message.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# What a form leaves out of pasted text: also the controls of Latin-1, and every code point that
# Unicode keeps free of characters. static/js/helpers/text.js has the same rules.
_SEQUENCE_OF_A_TERMINAL = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_LEFT_OUT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
# Invisible characters: Unicode's default-ignorable ones (zero-width ones, joiners, direction marks,
# variation selectors, tags, Hangul fillers …), and those drawn as a blank although they are no
# space: interlinear marks, the placeholder of an object, the empty Braille cell, the null note.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U00016fe4"
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_VISIBLE = re.compile(rf"[^\s{INVISIBLE}]")

# No script stacks more marks on one letter. With more, a text covers the lines around it.
COMBINING_MARKS_MAX = 8


def clean_text(text: str) -> str:
    """Typed or pasted text with one kind of line end, without what cannot be stored."""
    text = _SEQUENCE_OF_A_TERMINAL.sub("", text)
    return _LEFT_OUT.sub("", _LINE_END.sub("\n", text))


def _unstorable_in(text: str) -> str:
    """The first character of the text that cannot be stored, in words; empty if there is none."""
    found = _UNSTORABLE.search(text)
    if found is None:
        return ""
    code = ord(found[0])
    if code == 0:
        kind = "NUL"
    elif 0xD800 <= code <= 0xDFFF:
        kind = gettext("half of a surrogate pair")
    elif code >= 0xFFFE:
        kind = gettext("a code point that is no character")
    else:
        kind = gettext("a control character")
    return f"{kind} (U+{code:04X})"


def check_reason(reason: str) -> None:
    if character := _unstorable_in(reason):
        text = gettext("The reason holds {character}, which cannot be stored.")
        raise InvalidText(text.format(character=character))


def clean_line(text: str, most: int) -> str:
    """The text on one line. TooLong beyond `most` characters; InvalidText if it is unstorable."""
    line = " ".join(text.split())
    if len(line) > most:
        raise TooLong(gettext("This may have {limit} characters.").format(limit=most))
    if character := _unstorable_in(line):
        words = gettext("The text holds {character}, which cannot be stored.")
        raise InvalidText(words.format(character=character))
    return line


def is_visible(text: str) -> bool:
    """Whether any character of it can be seen."""
    return _VISIBLE.search(text) is not None


def check_body(body: str) -> None:
    """TooLong or InvalidText unless this can be the text of a message.

    Sockets, forms and imports all use this check.
    """
    if len(body) > settings.MESSAGE_MAX_LENGTH:
        raise TooLong(
            gettext("A message may have {limit} characters.").format(
                limit=settings.MESSAGE_MAX_LENGTH
            )
        )
    if not body or body.isspace():
        raise InvalidText(gettext("A message needs some text."))
    if character := _unstorable_in(body):
        text = gettext("The text holds {character}, which cannot be stored.")
        raise InvalidText(text.format(character=character))
    if body.isascii():
        return
    if not is_visible(body):
        raise InvalidText(gettext("The text holds nothing that can be seen."))
    marks = 0
    for character in body:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > COMBINING_MARKS_MAX:
            raise InvalidText(gettext("The text stacks too many marks on one letter."))


def check_emoji(emoji: str) -> None:
    """InvalidText unless this can be a reaction: one or a few emoji, and nothing else."""
    if not is_emoji(emoji):
        raise InvalidText(gettext("A reaction is an emoji."))
