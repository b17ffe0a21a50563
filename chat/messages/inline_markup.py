"""Marks within a paragraph: emphasis, code, links, shortcodes.

A chat is not a document. A mark counts where people mean it, at the edges of words; a path, a
kaomoji, `__init__.py` and `2*3*4` stay as they were typed (docs/adr/0020). One pass from left to
right, and no work is done twice: a text takes time in proportion to its length, whatever it holds.
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

# What each mark makes of the text between two of it.
_ELEMENTS = {
    "*": ("<em>", "</em>"),
    "_": ("<em>", "</em>"),
    "**": ("<strong>", "</strong>"),
    "__": ("<strong>", "</strong>"),
    "***": ("<em><strong>", "</strong></em>"),
    "~~": ("<s>", "</s>"),
}
# A single one is too common to count over lines: pointers in C, notes below a text.
_OF_ONE_LINE = ("*", "_")

# Scripts that put no spaces between words, their punctuation included: any place may be an edge.
_UNSPACED = (
    r"\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef\U00020000-\U0003ffff"
)
_OPENERS = r"(\[{\"'“‘«„‚‹「『（【《〈"  # noqa: RUF001
_BEFORE_WORD = re.compile(rf"[\s{_OPENERS}|>–—{_UNSPACED}{PICTOGRAPHIC}]")
# A word begins, perhaps after other marks, a bracket and a sign: no face of a kaomoji does.
_WORD = re.compile(
    rf"[*_~`{_OPENERS}]{{0,8}}(?:[@#$€£¥+<-]|:(?=[\w+-]{{1,64}}:))?"
    rf"(?:(?![\uff9e\uff9f\u30fc\uff70])[^\W_]|[{PICTOGRAPHIC}])"
)
_AFTER_WORD = re.compile(
    rf"[*_~\\]{{0,8}}(?:\Z|[\s.,;:!?)\]\[}}\"'”’»›…|<–—\-{_UNSPACED}{PICTOGRAPHIC}])"  # noqa: RUF001
)
_NO_END = re.compile(rf"[\s{_OPENERS}]")
# __init__, _some_name_: names of programs, and no emphasis.
_IDENTIFIER = {"__": re.compile(r"[A-Za-z0-9_]+"), "_": re.compile(r"[A-Za-z0-9]*_[A-Za-z0-9_]*")}
_IDENTIFIER_MAX = 64

_BEFORE_SHORTCODE = re.compile(rf"[\s(\"'“‘«.,;!?*_~{_UNSPACED}{PICTOGRAPHIC}\ufe0f]")  # noqa: RUF001
_AFTER_SHORTCODE = re.compile(rf"[\s)\"'”’».,;!?…*_~<{_UNSPACED}{PICTOGRAPHIC}]")

# `(address)` or `(<address> "title")`. Possessive: what does not fit is not tried in parts.
_DESTINATION = re.compile(
    r"\(\s*+(?:<(?P<angled>[^\s<>]++)>|(?P<bare>[^\s()<>]++(?:\([^\s()<>]*+\)[^\s()<>]*+)*+))"
    r"(?:\s++(?:\"[^\"\n]*+\"|'[^'\n]*+'))?+\s*+\)"
)
_SQUARE = re.compile(r"[\[\]]")


def render_inline(text: str) -> tuple[str, bool]:
    """The text as HTML, and whether any of it is shown otherwise than it was typed."""
    return _Inline(text).html()


class _Inline:
    """One text on its way to HTML: pieces in order, of which marks may change later."""

    def __init__(self, text: str, *, may_link: bool = True) -> None:
        self._text = text
        self._may_link = may_link
        self._pieces: list[str] = []
        self._is_marked = False
        # By mark: the places among the pieces where one was opened, and where it ends in the text.
        self._open: dict[str, list[tuple[int, int, bool]]] = {mark: [] for mark in _ELEMENTS}
        # Where the last mark ended, and what stood before it and its neighbours.
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
        # Two backslashes begin the name of a share, say; and neither escapes.
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
            # Amid a word: this is code, or arithmetic, and so is what was opened before.
            self._open[mark].clear()
        return end

    def _close(self, mark: str, place: int, start: int, escaped: bool) -> bool:
        """Make an element of what the last mark of this kind opened, if one did."""
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
            # A backslash kept this from being emphasis, so it is not shown.
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
        """Between two runs of as many backticks. A single one counts at the edge of a word."""
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
        """`[what](where)`; a picture is a link to it: no page loads what a stranger chose."""
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
            # A picture in a link is its name; a link in a link stays what was typed.
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
        """A link; within the text of another one only what it says."""
        if self._may_link:
            self._add(link(address, html))
        else:
            self._pieces.append(html)
        return end

    # --- The rest -----------------------------------------------------------------------------

    def _shortcodes(self, start: int, end: int) -> int:
        """`:tada:` where a word could stand, and only what is known by that name."""
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
    """Where each square bracket is closed."""
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
