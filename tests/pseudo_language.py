"""A language that nobody speaks: English with accents, 40 % longer, in brackets.

On a page in it, whatever has plain letters did not come from the catalogue, and whatever is cut off
would be cut off in German. `write` makes it of all texts there are.
"""

import re
from pathlib import Path

from tests import catalogue
from tests.catalogue import Text

CODE = "xa"
_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ACCENTED = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŦÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþɋŕšŧûṽŵẋýž"
_ACCENTS = str.maketrans(_PLAIN, _ACCENTED)
# What stands for a value, is markup, or is the name of a character.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>|&\w+;)")
_LONGER = 0.4


def write(folder: Path) -> None:
    """Both files of the language, as a site would have them in a folder of `LOCALE_PATHS`."""
    server = catalogue.of_python() | catalogue.of_templates()
    catalogue.write_mo(folder / CODE / "LC_MESSAGES" / "django.mo", _translated(server))
    catalogue.write_page(folder / CODE / "page.json", _translated(catalogue.of_modules()))


def pseudo(text: str) -> str:
    parts = _KEPT.split(text)
    accented = "".join(
        part if at % 2 else part.translate(_ACCENTS) for at, part in enumerate(parts)
    )
    letters = sum(len(part) for part in parts[::2])
    return f"⟦{accented}{'·' * round(letters * _LONGER)}⟧"


def _translated(texts: set[Text]) -> dict[Text, tuple[str, ...]]:
    return {
        text: tuple(pseudo(form) for form in (text.singular, text.plural) if form) for text in texts
    }
