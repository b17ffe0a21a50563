"""Markup inside a paragraph: emphasis, code, links, shortcodes.

A mark counts only at the edge of a word, because a path, a kaomoji, `__init__.py` and `2*3*4` have
to stay as they were typed (docs/adr/0020). One pass from left to right does all work once, so the
time is linear in the length of any text.
"""

import re
from collections.abc import Iterator
from functools import cache
from html import escape

from emoji import EMOJI_DATA, STATUS

from ..emoji import PICTOGRAPHIC
from .links import ALLOWED_ADDRESS, address_end, link
from .text import is_visible

_TOKEN = re.compile(
    r"(?P<mark>\\?(?:\*+|_+|~+))"
    r"|(?P<code>`+)"
    r"|(?P<bracket>!?\[)"
    r"|(?P<angle><(?:https?://|mailto:)[^\s<>]+>)"
    r"|(?P<address>https?://)"
    r"|(?P<shortcodes>(?::[a-z0-9_+-]{1,64}:)+)"
    r"|(?P<line>\n)",
    re.IGNORECASE,
)

# The element that two of these marks make of the text between them.
_ELEMENTS = {
    "*": ("<em>", "</em>"),
    "_": ("<em>", "</em>"),
    "**": ("<strong>", "</strong>"),
    "__": ("<strong>", "</strong>"),
    "***": ("<em><strong>", "</strong></em>"),
    "~~": ("<s>", "</s>"),
}
# A single one does not reach over lines: it is too common, as in pointers of C and in footnotes.
_OF_ONE_LINE = ("*", "_")

# Scripts without spaces between words, with their punctuation: a word may begin anywhere in them.
_UNSPACED = (
    r"\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef\U00020000-\U0003ffff"
)
_OPENERS = r"(\[{\"'“‘«„‚‹「『（【《〈"  # noqa: RUF001
_BEFORE_WORD = re.compile(rf"[\s{_OPENERS}|>–—{_UNSPACED}{PICTOGRAPHIC}]")
# The beginning of a word, perhaps after marks, a bracket and a sign. No kaomoji begins like this.
_WORD = re.compile(
    rf"[*_~`{_OPENERS}]{{0,8}}(?:[@#$€£¥+<-]|:(?=[\w+-]{{1,64}}:))?"
    rf"(?:(?![\uff9e\uff9f\u30fc\uff70])[^\W_]|[{PICTOGRAPHIC}])"
)
_AFTER_WORD = re.compile(
    rf"[*_~\\]{{0,8}}(?:\Z|[\s.,;:!?)\]\[}}\"'”’»›…|<–—\-{_UNSPACED}{PICTOGRAPHIC}])"  # noqa: RUF001
)
_NO_END = re.compile(rf"[\s{_OPENERS}]")
# Identifiers of programs, such as __init__ and _some_name_, are no emphasis.
_IDENTIFIER = {"__": re.compile(r"[A-Za-z0-9_]+"), "_": re.compile(r"[A-Za-z0-9]*_[A-Za-z0-9_]*")}
_IDENTIFIER_MAX = 64

_BEFORE_SHORTCODE = re.compile(rf"[\s(\"'“‘«.,;!?*_~{_UNSPACED}{PICTOGRAPHIC}\ufe0f]")  # noqa: RUF001
_AFTER_SHORTCODE = re.compile(rf"[\s)\"'”’».,;!?…*_~<{_UNSPACED}{PICTOGRAPHIC}]")

# `(address)` or `(<address> "title")`. Possessive, so that it never backtracks.
_DESTINATION = re.compile(
    r"\(\s*+(?:<(?P<angled>[^\s<>]++)>|(?P<bare>[^\s()<>]++(?:\([^\s()<>]*+\)[^\s()<>]*+)*+))"
    r"(?:\s++(?:\"[^\"\n]*+\"|'[^'\n]*+'))?+\s*+\)"
)
_SQUARE = re.compile(r"[\[\]]")


def render_inline(text: str) -> tuple[str, bool]:
    """The text as HTML, and whether it holds any markup."""
    return _Inline(text).html()


class _Inline:
    """Renders one text. Its pieces are in order; the piece of a mark may be replaced later."""

    def __init__(self, text: str, *, may_link: bool = True) -> None:
        self._text = text
        self._may_link = may_link
        self._pieces: list[str] = []
        self._is_marked = False
        # By mark, each opened one: its index among the pieces, its end in the text, and whether it
        # was escaped.
        self._open: dict[str, list[tuple[int, int, bool]]] = {mark: [] for mark in _ELEMENTS}
        # Where the last mark ended, and the character before it and the marks next to it.
        self._mark_end = -1
        self._before_marks = ""
        self._unclosed_code: set[int] = set()
        self._closing_brackets: dict[int, int] | None = None

    def html(self) -> tuple[str, bool]:
        text, at = self._text, 0
        while found := _TOKEN.search(text, at):
            start = found.start()
            if start > at:
                self._pieces.append(escape(text[at:start]))
            match found.lastgroup:
                case "mark":
                    at = self._mark(start, found.end())
                case "code":
                    at = self._code(start, found.end())
                case "bracket":
                    at = self._bracket(start, found.end())
                case "angle":
                    address = text[start + 1 : found.end() - 1]
                    at = self._link(found.end(), address, escape(address))
                case "address":
                    at = self._address(start, found.end())
                case "shortcodes":
                    at = self._shortcodes(start, found.end())
                case _:
                    at = self._line(found.end())
        self._pieces.append(escape(text[at:]))
        return "".join(self._pieces), self._is_marked

    def _add(self, html: str) -> None:
        self._pieces.append(html)
        self._is_marked = True

    # --- Emphasis -----------------------------------------------------------------------------

    def _mark(self, start: int, end: int) -> int:
        text = self._text
        backslash = text[start] == "\\"
        # Of two backslashes neither escapes: they begin the name of a network share.
        escaped = backslash and text[start - 1 : start] != "\\"
        mark = text[start + backslash : end]
        before = self._before_marks if self._mark_end == start else text[start - 1 : start]
        self._mark_end, self._before_marks = end, before
        if backslash and not escaped:
            before = "\\"
        place = len(self._pieces)
        self._pieces.append(escape(text[start:end]))
        if mark not in _ELEMENTS:
            return end
        inside = text[start - 1 : start]
        follows = bool(inside) and not _NO_END.match(inside)
        ends_word = follows and _AFTER_WORD.match(text, end) is not None
        if ends_word and self._close(mark, place, start, escaped):
            return end
        if not before or _BEFORE_WORD.match(before):
            if _WORD.match(text, end):
                self._open[mark].append((place, end, escaped))
        elif follows and not ends_word:
            # Inside a word a mark means code or arithmetic, and so did the one opened before.
            self._open[mark].clear()
        return end

    def _close(self, mark: str, place: int, start: int, escaped: bool) -> bool:
        """Make an element from the last opened mark of this kind to here. False without one."""
        if mark == "***" and not self._open[mark] and self._open["*"] and self._open["**"]:
            inner, outer = (
                ("*", "**") if self._open["*"][-1] > self._open["**"][-1] else ("**", "*")
            )
            self._close(inner, place, start, escaped)
            closing = self._pieces[place]
            self._close(outer, place, start, escaped)
            self._pieces[place] = closing + self._pieces[place]
            return True
        if not self._open[mark]:
            return False
        opened, begins, was_escaped = self._open[mark].pop()
        for others in self._open.values():
            while others and others[-1][0] > opened:
                others.pop()
        if escaped or was_escaped:
            # The backslash prevented emphasis, so it is not shown.
            self._pieces[opened] = self._pieces[place] = mark
            self._is_marked = True
        elif not self._is_identifier(mark, begins, start):
            self._pieces[opened], self._pieces[place] = _ELEMENTS[mark]
            self._is_marked = True
        return True

    def _is_identifier(self, mark: str, start: int, end: int) -> bool:
        identifier = _IDENTIFIER.get(mark)
        if identifier is None or end - start > _IDENTIFIER_MAX:
            return False
        return identifier.fullmatch(self._text, start, end) is not None

    def _line(self, end: int) -> int:
        if self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip(" ")
        self._pieces.append("<br>")
        for mark in _OF_ONE_LINE:
            self._open[mark].clear()
        return end

    # --- Code ---------------------------------------------------------------------------------

    def _code(self, start: int, end: int) -> int:
        """Code between two runs of equally many backticks; a single one only at a word's edge."""
        text, count = self._text, end - start
        before = text[start - 1 : start]
        inside_word = count == 1 and before and not _BEFORE_CODE.match(before)
        if count in self._unclosed_code or inside_word or before == "\\":
            return self._as_typed(start, end)
        closing = re.compile(rf"(?<!`)`{{{count}}}(?!`)").search(text, end)
        if closing is None:
            self._unclosed_code.add(count)
            return self._as_typed(start, end)
        code = text[end : closing.start()]
        if not code.strip() or (count == 1 and "\n" in code):
            return self._as_typed(start, end)
        if code[0] == code[-1] == " ":
            code = code[1:-1]
        self._add(f"<code>{escape(code)}</code>")
        return closing.end()

    # --- Links --------------------------------------------------------------------------------

    def _bracket(self, start: int, end: int) -> int:
        """`[label](address)`. A picture becomes a link: no page loads what a stranger chose."""
        text = self._text
        closing = self._closing_bracket(end - 1)
        found = _DESTINATION.match(text, closing + 1) if closing else None
        if closing is None or found is None or text[start - 1 : start] == "\\":
            return self._as_typed(start, end)
        address = found["angled"] or found["bare"]
        if not ALLOWED_ADDRESS.match(address):
            return self._as_typed(start, end)
        label = text[end:closing]
        if not is_visible(label):
            label = address
        if not self._may_link:
            # Inside a link, a picture is replaced by its label, and a link stays as it was typed.
            is_picture = text[start] == "!"
            self._pieces.append(escape(label if is_picture else text[start : found.end()]))
            return found.end()
        html, _ = _Inline(label, may_link=False).html()
        return self._link(found.end(), address, html)

    def _closing_bracket(self, opening: int) -> int | None:
        if self._closing_brackets is None:
            self._closing_brackets = dict(_pairs(self._text)) if "](" in self._text else {}
        return self._closing_brackets.get(opening)

    def _address(self, start: int, end: int) -> int:
        whole = address_end(self._text, start)
        if whole is None:
            return self._as_typed(start, end)
        address = self._text[start:whole]
        return self._link(whole, address, escape(address))

    def _link(self, end: int, address: str, html: str) -> int:
        """A link; inside the text of another link only its text."""
        if self._may_link:
            self._add(link(address, html))
        else:
            self._pieces.append(html)
        return end

    # --- The rest -----------------------------------------------------------------------------

    def _shortcodes(self, start: int, end: int) -> int:
        """`:tada:` at the edge of a word, if all names in it are known."""
        text = self._text
        before, after = text[start - 1 : start], text[end : end + 1]
        names = text[start + 1 : end - 1].split("::")
        known = [_emoji_named().get(name) for name in names]
        emoji = [one for one in known if one is not None]
        if (
            len(emoji) < len(known)
            or (before and not _BEFORE_SHORTCODE.match(before))
            or (after and not _AFTER_SHORTCODE.match(after))
        ):
            return self._as_typed(start, end)
        self._add("".join(emoji))
        return end

    def _as_typed(self, start: int, end: int) -> int:
        self._pieces.append(escape(self._text[start:end]))
        return end


_BEFORE_CODE = re.compile(rf"[^\w\\]|[{_UNSPACED}]")


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """The positions of matching square brackets."""
    opened: list[int] = []
    for found in _SQUARE.finditer(text):
        if found[0] == "[":
            opened.append(found.start())
        elif opened:
            yield opened.pop(), found.start()


@cache
def _emoji_named() -> dict[str, str]:
    return {
        name.strip(":"): character
        for character, data in EMOJI_DATA.items()
        if data["status"] == STATUS["fully_qualified"]
        for name in [str(data["en"]), *data.get("alias", ())]
    }
