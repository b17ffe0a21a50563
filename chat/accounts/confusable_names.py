"""Which names a reader could take for each other: Unicode's data, and what it leaves out.

Which data, and what no data can tell: docs/adr/0019.
"""

# ruff: noqa: RUF001 (characters that can be taken for others are what this file is about)

import re
import unicodedata
from collections.abc import Iterable, Iterator

from confusable_homoglyphs import categories, confusables

# Joiners change how their neighbours are drawn, if at all: names that differ by one look alike.
JOINERS = "\u200c\u200d"
_WITHOUT_JOINERS = dict.fromkeys(map(ord, JOINERS))

# Two letters that pass for one: `VV` and `cl`. (`rn` is in the data.)
_AS_TWO = {"w": "vv", "d": "cl"}
# Cherokee letters that generators of "fancy" text put for Latin ones, besides those in the data.
_CHEROKEE = {
    "Ꮧ": "a", "Ᏸ": "b", "Ꮄ": "d", "Ꮛ": "e", "Ꭶ": "f", "Ꮆ": "g", "Ꮹ": "g", "Ꮖ": "i", "Ꮰ": "j",
    "Ꮭ": "l", "Ꮑ": "n", "Ꭷ": "o", "Ꭾ": "p", "Ꭴ": "q", "Ꮦ": "t", "Ꮼ": "u", "Ꮙ": "v", "Ⲁ": "a",
}  # fmt: skip
# Letters in a frame, and capitals as tall as small letters, which no normal form undoes.
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
    """Equal for names that a reader could take for each other; canonical names are their own."""
    folded = _fold(name)
    return name if folded == name else canonical_name(folded)


def is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"}


def without_marks(text: str) -> str:
    """The text without accents, joiners and frames: not the same word, but so at a glance."""
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
    """Whether this mark belongs to no script and has not become one letter with its base.

    `José` is another name than `Jose`; with a line under its last letter it is the same.
    """
    return is_mark(character) and categories.alias(character) in {"INHERITED", "COMMON"}


# --- The data ---------------------------------------------------------------------------------


def _prototype_pairs(related: Iterable[tuple[str, set[str]]]) -> Iterator[tuple[str, str]]:
    """Each character with the prototype it looks like, out of a relation that lost its direction.

    Unicode gives a character one prototype and a prototype many characters, so one partner marks
    the character; in a pair on its own the character comes first.
    """
    prototypes = set()
    for character, partners in related:
        if len(character) == 1 and len(partners) == 1 and character not in prototypes:
            [prototype] = partners
            prototypes.add(prototype)
            yield character, prototype


def _unmarked(text: str) -> str:
    """Without the left-to-right marks that the data has around right-to-left characters."""
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
# Case is folded first, so a small letter goes by what its capital looks like, where that is plain:
# Cyrillic capitals can write `TOM`, and `AIice` passes for `Alice`. The price: Unicode has `I` look
# like `l`, so that `Bill` and `Biil` cannot be here together.
_prototypes |= {
    capital.casefold(): prototype.casefold()
    for capital, prototype in _prototypes.items()
    if prototype.isascii() and capital.isupper()
}
_prototypes |= {character.casefold(): letter for character, letter in _CHEROKEE.items()}
_drawn = dict(_drawn_letters())
_prototypes |= _drawn
_prototypes |= _AS_TWO
