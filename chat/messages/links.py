"""Addresses in a text: where one begins and ends, as people type them next to other words.

The page has the same rules for messages that are not sent yet (static/js/helpers/links.js); both
are tested with the cases of tests/js/addresses.json.
"""

import re
import unicodedata
from html import escape

from markdown_it.common.normalize_url import normalizeLink

LINK_REL = "noopener noreferrer nofollow ugc"

# A link may lead to the web or to mail only.
ALLOWED_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s/]", re.IGNORECASE)

# Punctuation of Chinese, Japanese, Arabic … is no part of an address. The exceptions occur in
# titles of Wikipedia: the apostrophe, and the dots between names.
_PART_OF_WORDS = "\u2019\u00b7\u30fb\uff65\u2027"
_PUNCTUATION = "".join(
    character
    for character in map(chr, range(0x80, 0x10000))
    if unicodedata.category(character) in {"Po", "Pi", "Pf", "Ps", "Pe"}
    and character not in _PART_OF_WORDS
)
# Full-width brackets, strokes and tildes. Unicode counts them as symbols.
_SYMBOLS = "\uff1c\uff1e\uff5c\uff5e\u301c"
_RUN = re.compile(
    rf"https?://(?=[^\W_]|\[)[^\s<>\"`\\|{re.escape(_PUNCTUATION)}{_SYMBOLS}]*", re.IGNORECASE
)
_BRACKET = re.compile(r"[()\[\]{}]")
_OPENING = {")": "(", "]": "[", "}": "{"}
# At the end of an address these and all dashes belong to the sentence.
_OF_THE_SENTENCE = ".,;:!?'*~([{\u2019\u2013\u2014\u30fb\uff65"


def address_end(text: str, start: int) -> int | None:
    """The end of the address that begins at `start`; None if it is none, or inside a word."""
    run = _RUN.match(text, start)
    if run is None or (start and text[start - 1].isascii() and text[start - 1].isalnum()):
        return None
    end = _first_unbalanced(text, start, run.end())
    strange = _OF_THE_SENTENCE + ("_" if start and text[start - 1] == "_" else "")
    address = text[start:end].rstrip(strange)
    return start + len(address) if ALLOWED_ADDRESS.match(address) else None


def link(address: str, html: str) -> str:
    """This HTML as a link to the address."""
    return f'<a href="{escape(_encoded(address))}">{html}</a>'


def _first_unbalanced(text: str, start: int, end: int) -> int:
    """The position of a bracket that closes one opened before the address; `end` without one."""
    is_open = {"(": 0, "[": 0, "{": 0}
    for found in _BRACKET.finditer(text, start, end):
        bracket = found[0]
        if bracket in is_open:
            is_open[bracket] += 1
        elif is_open[_OPENING[bracket]]:
            is_open[_OPENING[bracket]] -= 1
        else:
            return found.start()
    return end


def _encoded(address: str) -> str:
    """Percent-encoded and in Punycode where it is not ASCII."""
    return address if address.isascii() else normalizeLink(address)
