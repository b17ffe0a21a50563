"""Highlighted code: Pygments' classes, within bounds that keep hostile code quick."""

from collections.abc import Iterator
from html import escape

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

# Code is highlighted up to here, all blocks of a message together: lexers take quadratic time on
# what their authors did not think of.
HIGHLIGHT_MAX_LENGTH = 1_200
HIGHLIGHT_MAX_LINES = 100

# Only lexers that were found to stay quick on hostile text within these bounds.
LANGUAGES = frozenset(
    "bash c c# c++ console cpp cs csharp css dart diff docker dockerfile go golang html ini java"
    " javascript js json jsx kotlin lua nginx perl php postgresql powershell ps1 py pycon python"
    " python3 r rb rs ruby rust scala sh shell sql swift toml ts tsx typescript xml yaml"
    " yml".split()
)

# Pygments' own short names, but fewer: a name or a bracket needs no colour and no <span>.
CLASS_OF: dict[_TokenType, str] = {
    Comment: "c",
    Generic.Deleted: "gd",
    Generic.Heading: "gh",
    Generic.Inserted: "gi",
    Generic.Prompt: "gp",
    Generic.Subheading: "gh",
    Keyword: "k",
    Name.Attribute: "na",
    Name.Builtin: "nb",
    Name.Class: "nc",
    Name.Decorator: "nb",
    Name.Function: "nf",
    Name.Tag: "nt",
    Number: "m",
    Operator.Word: "k",
    String: "s",
}


class Highlighter:
    """For one message: its blocks share what may be highlighted."""

    def __init__(self) -> None:
        self._length = 0
        self._lines = 0

    def html(self, code: str, language: str) -> str:
        """The code as HTML, coloured if its language is known and there is not too much of it."""
        self._length += len(code)
        self._lines += code.count("\n")
        if (
            language not in LANGUAGES
            or self._length > HIGHLIGHT_MAX_LENGTH
            or self._lines > HIGHLIGHT_MAX_LINES
        ):
            return escape(code)
        # A lexer for each text: some keep notes in themselves, and texts come from several threads.
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        pieces = list(lexer.get_tokens(code))
        if "".join(text for _, text in pieces) != code:
            return escape(code)  # A few lexers drop what they cannot place.
        return "".join(
            f'<span class="{name}">{escape(text)}</span>' if name else escape(text)
            for name, text in _runs((_class_of(kind), text) for kind, text in pieces)
        )


def _class_of(kind: _TokenType | None) -> str:
    while kind is not None and kind not in CLASS_OF:
        kind = kind.parent
    return CLASS_OF[kind] if kind else ""


def _runs(pieces: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Neighbours of one class as one piece."""
    name, text = "", ""
    for next_name, next_text in pieces:
        if next_name == name:
            text += next_text
        else:
            yield name, text
            name, text = next_name, next_text
    yield name, text
