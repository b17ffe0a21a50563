"""Display names: what one may look like, and which of them look alike."""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

from confusable_homoglyphs import categories, confusables
from django.conf import settings

from ..errors import NameRefused

# A canonical name must fit its column, and some characters stand for a whole phrase.
CANONICAL_MAX_LENGTH = 128

# No script needs more on one base, and with more a name covers the lines around it.
COMBINING_MARKS_MAX = 3

RESERVED_NAMES = (
    "admin administrator all anonymous bot channel chatroom deleted everyone guest here "
    "info me mod moderator moderators nobody official operator owner root security server "
    "service staff superuser support sysadmin system team webmaster you"
).split()

# Each of these sets, and any part of it, is how one language is written (UTS #39, section 5.2).
WRITTEN_TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "HANGUL"},
    {"LATIN", "HAN", "BOPOMOFO"},
)

# Control, format (all the bidirectional ones are), surrogate, private and unassigned characters.
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}

# Invisible although of another category: the other default-ignorable characters, and the blank
# Braille pattern.
BLANKS = frozenset(
    map(
        chr,
        (
            0x034F,
            *range(0x115F, 0x1161),
            *range(0x17B4, 0x17B6),
            *range(0x180B, 0x1810),
            0x2800,
            0x3164,
            *range(0xFE00, 0xFE10),
            0xFFA0,
            *range(0xE0100, 0xE01F0),
        ),
    )
)


def clean_name(raw: str) -> str:
    """The name as it will be shown, or NameRefused with what to do about it."""
    # Phones put this after some emoji; it asks for colour and says nothing else.
    name = " ".join(unicodedata.normalize("NFKC", raw.replace("\ufe0f", "")).split())
    if not name:
        raise NameRefused("Type a name.")
    if len(name) > settings.NAME_MAX_LENGTH:
        raise NameRefused(f"Shorten the name to {settings.NAME_MAX_LENGTH} characters.")
    if any(is_hidden(character) for character in name):
        raise NameRefused("Leave out the invisible characters.")
    if not any(character.isalnum() for character in name):
        raise NameRefused("Use at least one letter or digit.")
    if not is_one_script(name):
        raise NameRefused("Write the name in one alphabet.")
    if longest_run_of_marks(name) > COMBINING_MARKS_MAX or is_mark(name[0]):
        raise NameRefused("Put fewer accents on one letter.")
    if len(canonical_name(name)) > CANONICAL_MAX_LENGTH:
        raise NameRefused("Choose a shorter name.")
    if is_reserved(name):
        raise NameRefused(f"“{name}” is reserved. Choose another name.")
    return name


def canonical_name(name: str) -> str:
    """Equal for names that a reader could take for each other; canonical names are their own."""
    folded = _fold(name)
    return name if folded == name else canonical_name(folded)


def is_reserved(name: str) -> bool:
    """Whether this passes for a name of the house, decorations aside: `[ad-min]`."""
    return canonical_name("".join(filter(str.isalnum, name))) in _reserved


def is_hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN_CATEGORIES or character in BLANKS


def is_one_script(name: str) -> bool:
    scripts = {categories.alias(character) for character in name} - {"COMMON", "INHERITED"}
    return len(scripts) <= 1 or any(scripts <= together for together in WRITTEN_TOGETHER)


def longest_run_of_marks(name: str) -> int:
    return max((len(list(run)) for mark, run in groupby(name, is_mark) if mark), default=0)


def is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"}


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    decomposed = unicodedata.normalize("NFD", plain)
    return unicodedata.normalize(
        "NFKC", "".join(_prototypes.get(character, character) for character in decomposed)
    ).casefold()


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
_reserved = frozenset(map(canonical_name, RESERVED_NAMES))
