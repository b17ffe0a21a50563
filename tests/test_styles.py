"""The style sheets: laid out by the direction of the text, short, and each of them used."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
SHEETS = sorted(
    [*(ROOT / "static/css").glob("*.css"), *(ROOT / "lab/web/static/lab/css").glob("*.css")]
)
LAB_PAGES = (ROOT / "lab/web/templates").rglob("*.html")
LONGEST = 300

COMMENT = re.compile(r"/\*.*?\*/", re.S)
# What names a side of the screen. A page that is mirrored would keep it where it was.
PHYSICAL = re.compile(
    r"(?<![\w-])(?:"
    r"(?:margin|padding|border)-(?:left|right|top|bottom)[\w-]*"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
    r"|(?:left|right|top|bottom)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r")"
)
FOUR_SIDES = re.compile(
    r"(?<![\w-])(?:margin|padding|inset|border-(?:width|color|style))\s*:([^;{}]+);"
)


def values(declared: str) -> list[str]:
    """The values of a shorthand; what is within parentheses is one."""
    return re.findall(r"[^\s()]*\((?:[^()]|\([^()]*\))*\)|[^\s()]+", declared)


def faults(css: str) -> list[str]:
    plain = COMMENT.sub("", css)
    sides = [
        found[0]
        for found in FOUR_SIDES.finditer(plain)
        if len(values(found[1])) == 4 and values(found[1])[1] != values(found[1])[3]
    ]
    return [found[0] for found in PHYSICAL.finditer(plain)] + sides


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_is_short_and_names_no_side_of_the_screen(sheet: Path) -> None:
    css = sheet.read_text()

    assert faults(css) == []
    assert len(css.splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "css",
    [
        "a { margin-left: 1px; }",
        "a { inset: 0 auto 0 0; }",
        "a { padding: 0 calc(1px + (2px)) 0 3px; }",
        "a { border-top-left-radius: 0; }",
        "a { text-align: right; }",
        "a {\n  left: 0;\n}",
    ],
)
def test_a_side_of_the_screen_is_found(css: str) -> None:
    assert len(faults(css)) == 1


def test_every_sheet_is_used() -> None:
    sources = [*SHEETS, *(ROOT / "templates").rglob("*.html"), *LAB_PAGES]
    texts = "\n".join(source.read_text() for source in sources)

    unused = [
        sheet.name
        for sheet in SHEETS
        if f'"./{sheet.name}"' not in texts and f"css/{sheet.name}" not in texts
    ]

    assert unused == []
