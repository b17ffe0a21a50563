"""The texts of labs: paragraphs with `code`, **stress**, [links](https://…) and links to code.

A link to code names a symbol and its file, [`RoomWriter.submit`](chat/realtime/writer.py). The line
is found when the text is shown, so it is right after the code has moved.
"""

import re
from collections.abc import Iterator
from html import escape

from msgspec import Struct

from ..kit.code_lines import line_of

_CODE_LINK = re.compile(r"\[`(?P<symbol>[\w.]+)`\]\((?P<path>(?!https?:)[\w./-]+)\)")
_INLINE = re.compile(
    _CODE_LINK.pattern
    + r"|\[(?P<text>[^\]]+)\]\((?P<url>https://[^)\s]+)\)|`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*"
)


class CodeLink(Struct, frozen=True):
    """`line` is 0 where the symbol is not found."""

    symbol: str
    path: str
    line: int


def code_links(text: str) -> Iterator[CodeLink]:
    """Every link to code in the text, in order."""
    for match in _CODE_LINK.finditer(text):
        yield CodeLink(match["symbol"], match["path"], line_of(match["symbol"], match["path"]) or 0)


def html(text: str) -> str:
    """The text as HTML. Links to code lead to /code/PATH#L12, which the lab's page serves."""
    paragraphs = (" ".join(block.split()) for block in text.strip().split("\n\n"))
    return "\n".join(f"<p>{_inline(paragraph)}</p>" for paragraph in paragraphs)


def plain(text: str) -> str:
    """The text for a terminal: links to code as `symbol (path:line)`."""

    def shown(match: re.Match[str]) -> str:
        line = line_of(match["symbol"], match["path"]) or 0
        return f"{match['symbol']} ({match['path']}:{line})"

    return _CODE_LINK.sub(shown, text.strip())


def _inline(text: str) -> str:
    parts, at = [], 0
    for match in _INLINE.finditer(text):
        parts += [escape(text[at : match.start()]), _element(match)]
        at = match.end()
    return "".join([*parts, escape(text[at:])])


def _element(match: re.Match[str]) -> str:
    if match["symbol"]:
        line = line_of(match["symbol"], match["path"]) or 1
        href = f"/code/{match['path']}#L{line}"
        return f'<a class="code-link" href="{escape(href)}"><code>{match["symbol"]}</code></a>'
    if match["url"]:
        return f'<a href="{escape(match["url"])}" rel="noreferrer">{escape(match["text"])}</a>'
    if match["code"]:
        return f"<code>{escape(match['code'])}</code>"
    return f"<strong>{escape(match['bold'])}</strong>"
