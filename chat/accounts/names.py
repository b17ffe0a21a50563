"""Display names: which ones are allowed. Confusable names: confusable_names.py."""

import re
import unicodedata
from itertools import groupby

import idna.core
from confusable_homoglyphs import categories
from django.conf import settings
from django.utils.translation import gettext

from ..emoji import joiners_in
from ..errors import NameRefused
from .confusable_names import JOINERS, canonical_name, is_mark, without_marks

__all__ = [
    "CANONICAL_MAX_LENGTH",
    "canonical_name",
    "clean_name",
    "is_reserved",
    "longest_run_of_marks",
    "title_in",
]

# A canonical name must fit its column, and some characters expand to a whole phrase.
CANONICAL_MAX_LENGTH = 128

# No script needs more marks on one letter; with more, a name covers the lines around it.
COMBINING_MARKS_MAX = 3

RESERVED_NAMES = (
    "admin administrator all anonymous bot channel chatroom deleted everyone guest here "
    "info me mod moderator moderators nobody official operator owner root security server "
    "service staff superuser support sysadmin system team webmaster you"
).split()

# Reserved names that may not even be a part of a name, because they claim a role: `Ada (admin)`.
TITLES = (
    "admin administrator chatroom mod moderator moderators official operator owner staff superuser"
    " sysadmin webmaster"
).split()
_WORD = re.compile(r"[^\W_]+")
# Text between brackets, stars and the like reads as a label: `[bot] Ada`.
_LABEL = re.compile(r"[^\w\s'’,.!?-]([\w\s.-]+)(?=[^\w\s'’,.!?-])")

# Sets of scripts that one language uses together (UTS #39, section 5.2). Any subset is allowed.
WRITTEN_TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "HANGUL"},
    {"LATIN", "HAN", "BOPOMOFO"},
)

# Control, format (all the bidirectional ones are), surrogate, private and unassigned characters.
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}

# Invisible characters of other categories: the other default-ignorable ones, and the blank Braille
# pattern.
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
    """The name as it will be shown. NameRefused says what is wrong with it."""
    # Phones add this variation selector to some emoji. It only asks for colour.
    name = " ".join(unicodedata.normalize("NFKC", raw.replace("\ufe0f", "")).split())
    if not name:
        raise NameRefused(gettext("Type a name."))
    if len(name) > settings.NAME_MAX_LENGTH:
        raise NameRefused(
            gettext("Shorten the name to {limit} characters.").format(
                limit=settings.NAME_MAX_LENGTH
            )
        )
    if has_hidden(name):
        raise NameRefused(gettext("Leave out the invisible characters."))
    if not any(character.isalnum() for character in name):
        raise NameRefused(gettext("Use at least one letter or digit."))
    if not is_one_script(name):
        raise NameRefused(gettext("Write the name in one alphabet."))
    if longest_run_of_marks(name) > COMBINING_MARKS_MAX or is_mark(name[0]):
        raise NameRefused(gettext("Put fewer accents on one letter."))
    if len(canonical_name(name)) > CANONICAL_MAX_LENGTH:
        raise NameRefused(gettext("Choose a shorter name."))
    if is_reserved(name):
        raise NameRefused(gettext("“{name}” is reserved. Choose another name.").format(name=name))
    if title := title_in(name):
        raise NameRefused(
            gettext("Leave out “{title}”: it says who someone is here.").format(title=title)
        )
    return name


def is_reserved(name: str) -> bool:
    """Whether this looks like a reserved name, apart from decorations and accents: `[ad-mín]`."""
    return canonical_name("".join(filter(str.isalnum, without_marks(name)))) in _reserved


def title_in(name: str) -> str | None:
    """The part of a name that looks like a title, if there is one."""
    bare = without_marks(name)
    words = [word for word in _WORD.findall(bare) if canonical_name(word) in _titles]
    labels = [label.strip() for label in _LABEL.findall(bare) if is_reserved(label)]
    return next(iter(words + labels), None)


def has_hidden(name: str) -> bool:
    """Whether it holds an invisible character, except joiners that a script or an emoji needs."""
    in_emoji = joiners_in(name)
    return any(
        is_hidden(character) and not (character in JOINERS and (at in in_emoji or _joins(name, at)))
        for at, character in enumerate(name)
    )


def _joins(name: str, at: int) -> bool:
    """Whether this joiner changes the letters around it (RFC 5892, appendices A.1 and A.2)."""
    try:
        return idna.core.valid_contextj(name, at)
    except ValueError:
        return False


def is_hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN_CATEGORIES or character in BLANKS


def is_one_script(name: str) -> bool:
    scripts = {categories.alias(character) for character in name} - {"COMMON", "INHERITED"}
    return len(scripts) <= 1 or any(scripts <= together for together in WRITTEN_TOGETHER)


def longest_run_of_marks(name: str) -> int:
    return max((len(list(run)) for mark, run in groupby(name, is_mark) if mark), default=0)


_reserved = frozenset(map(canonical_name, RESERVED_NAMES))
_titles = frozenset(map(canonical_name, TITLES))
