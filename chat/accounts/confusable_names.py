"""Confusable names: the names that a reader could take for each other have one canonical name.

The rules are Unicode's data and a few additions (docs/adr/0019).
"""

# ruff: noqa: RUF001 (this file is about characters that can be taken for others)

import re
import unicodedata
from collections.abc import Iterable, Iterator

from confusable_homoglyphs import categories, confusables

# Joiners change at most how their neighbours are drawn, so names that differ by one look alike.
JOINERS = "\u200c\u200d"
_WITHOUT_JOINERS = dict.fromkeys(map(ord, JOINERS))

# Letters that look like two others: `w` like `vv`, `d` like `cl`. (`rn` is in the data.)
_AS_TWO = {"w": "vv", "d": "cl"}
# Cherokee letters that generators of "fancy" text use for Latin ones, besides those in the data.
_CHEROKEE = {
    "Ꮧ": "a", "Ᏸ": "b", "Ꮄ": "d", "Ꮛ": "e", "Ꭶ": "f", "Ꮆ": "g", "Ꮹ": "g", "Ꮖ": "i", "Ꮰ": "j",
    "Ꮭ": "l", "Ꮑ": "n", "Ꭷ": "o", "Ꭾ": "p", "Ꭴ": "q", "Ꮦ": "t", "Ꮼ": "u", "Ꮙ": "v", "Ⲁ": "a",
}  # fmt: skip
# Letters in a frame and small capitals. No Unicode normal form replaces them by plain letters.
_DRAWN = re.compile(
    "(?:LATIN LETTER SMALL CAPITAL|REGIONAL INDICATOR SYMBOL LETTER"
    "|(?:CROSSED )?NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER) ([A-Z])"
)
_DRAWN_RANGES = (
    range(0x0250, 0x02B0),
    range(0x1D00, 0x1D80),
    range(0xA720, 0xA800),
    range(0x1F150, 0x1F18B),
    range(0x1F1E6, 0x1F200),
)


def canonical_name(name: str) -> str:
    """Equal for names that a reader could take for each other. Idempotent."""
    folded = _fold(name)
    return name if folded == name else canonical_name(folded)


def is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"}


def without_marks(text: str) -> str:
    """The text without accents, joiners and frames: what it looks like at a glance."""
    letters = "".join(_drawn.get(character, character) for character in text)
    decomposed = unicodedata.normalize("NFKD", letters.translate(_WITHOUT_JOINERS))
    return "".join(character for character in decomposed if not is_mark(character))


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name.translate(_WITHOUT_JOINERS)).casefold()
    decomposed = unicodedata.normalize("NFD", plain)
    replaced = "".join(_prototypes.get(character, character) for character in decomposed)
    composed = unicodedata.normalize("NFKC", replaced).casefold()
    return " ".join("".join(c for c in composed if not _is_loose(c)).split())


def _is_loose(character: str) -> bool:
    """Whether this mark belongs to no script and was not composed with its base letter.

    `José` is another name than `Jose`; `Jose` with a line under its last letter is not.
    """
    return is_mark(character) and categories.alias(character) in {"INHERITED", "COMMON"}


# --- The data ---------------------------------------------------------------------------------


def _prototype_pairs(related: Iterable[tuple[str, set[str]]]) -> Iterator[tuple[str, str]]:
    """Each character with the prototype it looks like, from a relation without direction.

    In Unicode's data a character has one prototype, and a prototype has many characters. So the
    side with one partner is the character; in an isolated pair the character comes first.
    """
    prototypes = set()
    for character, partners in related:
        if len(character) == 1 and len(partners) == 1 and character not in prototypes:
            [prototype] = partners
            prototypes.add(prototype)
            yield character, prototype


def _unmarked(text: str) -> str:
    """The text without the left-to-right marks that the data puts around some characters."""
    return text.replace("\u200e", "")


def _drawn_letters() -> Iterator[tuple[str, str]]:
    for codes in _DRAWN_RANGES:
        for character in map(chr, codes):
            if found := _DRAWN.fullmatch(unicodedata.name(character, "")):
                yield character, found[1].casefold()


_prototypes = dict(
    _prototype_pairs(
        (_unmarked(text), {_unmarked(partner["c"]) for partner in partners})
        for text, partners in confusables.confusables_data.items()
    )
)
# Case is folded first, so a small letter has to count as what its capital looks like: Cyrillic
# capitals can write `TOM`, and `AIice` looks like `Alice`. The price: in Unicode's data `I` looks
# like `l`, so `Bill` and `Biil` are one name.
_prototypes |= {
    capital.casefold(): prototype.casefold()
    for capital, prototype in _prototypes.items()
    if prototype.isascii() and capital.isupper()
}
_prototypes |= {character.casefold(): letter for character, letter in _CHEROKEE.items()}
_drawn = dict(_drawn_letters())
_prototypes |= _drawn
_prototypes |= _AS_TWO
