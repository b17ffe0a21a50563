"""Markup: a small Markdown as safe HTML, or None if the text is to be shown as it was typed.

Only nh3's output leaves this module, so it need not be sanitised again. No text makes `render`
fail or take long: a text that cannot be rendered, or would take too much work, is shown as it was
typed (docs/adr/0020).
"""

import logging
import re
from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..metrics import RENDER_FAILURES
from .block_rules import set_up
from .highlighting import CLASSES, Highlighter
from .inline_markup import render_inline
from .links import ALLOWED_ADDRESS, LINK_REL
from .text import is_visible

logger = logging.getLogger(__name__)

# The number of rendered texts in the cache. Few are longer than 1 KB.
CACHE_SIZE = 2_000
# A text with more of any of these is shown as it was typed. The limits bound the work that one
# text can cause, because everyone waits while it is parsed.
NESTING_MAX = 20
LINKS_MAX = 50
MARKS_MAX = 1_000
ITEMS_MAX = 100
LINES_MAX = 500
HTML_MAX_BYTES = 32 * 1024

TAGS = frozenset("a blockquote br code em li ol p pre s span strong ul".split())

# The beginning of a block; and what a colon can be part of, an address or a shortcode.
_BLOCK = re.compile(r"^ {0,3}(?:>|[-*]\s|\d{1,9}[.)]\s)", re.MULTILINE)
_COLON = re.compile(r":(?://|[a-z0-9_+-]+:)", re.IGNORECASE)
# The lines that cost the block parser the most.
_ITEM = re.compile(r"^[ \t]*(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])", re.MULTILINE)


def render(body: str) -> str | None:
    """The text as safe HTML; None if it is plain or over a limit, and shown as it was typed."""
    return _rendered(body) if looks_marked(body) else None


def looks_marked(body: str) -> bool:
    """Whether the text may hold markup. A no is certain, and far cheaper than rendering."""
    # On the hot path: searching for a few words is far cheaper than one regular expression.
    return (
        "*" in body
        or "_" in body
        or "`" in body
        or "](" in body
        or "<mailto:" in body
        or "~~" in body
        or (":" in body and _COLON.search(body) is not None)
        or (_BLOCK.search if "\n" in body else _BLOCK.match)(body) is not None
    )


def clear_cache() -> None:
    """Forget all rendered texts. For benchmarks."""
    _rendered.cache_clear()


@lru_cache(CACHE_SIZE)
def _rendered(body: str) -> str | None:
    if _is_too_much(body):
        return None
    try:
        return _html_of(body)
    except _AsTyped:
        return None
    except Exception as error:
        # Without the text: messages do not belong in a log.
        RENDER_FAILURES.inc()
        logger.error("A text of %d characters cannot be rendered: %r", len(body), type(error))
        return None


def _is_too_much(body: str) -> bool:
    marks = sum(map(body.count, "*_~`[<:"))
    return (
        marks > MARKS_MAX
        or body.count("://") > LINKS_MAX
        or body.count("\n") > LINES_MAX
        or (body.count("\n") > ITEMS_MAX and len(_ITEM.findall(body)) > ITEMS_MAX)
    )


class _AsTyped(Exception):
    """The text is to be shown as it was typed: it is plain, or markup would change its meaning."""


def _html_of(body: str) -> str:
    tokens = _markdown.parse(body)
    if any(token.level >= NESTING_MAX - 1 for token in tokens):
        raise _AsTyped  # The parser leaves out what is nested deeper.
    if not any(is_visible(token.content) for token in tokens):
        raise _AsTyped  # An empty frame, as of a single ">".
    unsafe = _Renderer().html(tokens)
    html: str = _sanitizer.clean(unsafe)
    if len(html.encode()) > HTML_MAX_BYTES:
        raise _AsTyped
    return html


class _Renderer:
    """Renders the blocks of one text as unsanitised HTML. _AsTyped if there is no markup."""

    def __init__(self) -> None:
        self._is_marked = False
        self._highlighter = Highlighter()
        # For each open list: whether its items carry numbers of their own.
        self._numbered: list[bool] = []

    def html(self, tokens: Sequence[Token]) -> str:
        html = "".join(self._piece(tokens, place) for place in range(len(tokens)))
        if not self._is_marked:
            raise _AsTyped
        return html

    def _piece(self, tokens: Sequence[Token], place: int) -> str:
        token = tokens[place]
        match token.type:
            case "inline":
                html, is_marked = render_inline(token.content)
                self._is_marked |= is_marked
                return html
            case "paragraph_open":
                return "" if token.hidden else f"<p{_direction(token)}>"
            case "paragraph_close":
                return "" if token.hidden else "</p>"
            case "list_item_open":
                return f'<li value="{int(token.info)}">' if self._numbered[-1] else "<li>"
            case "list_item_close":
                return "</li>"
            case "bullet_list_close" | "ordered_list_close":
                self._numbered.pop()
                return f"</{token.tag}>"
            case "blockquote_close":
                return "</blockquote>"
        self._is_marked = True
        match token.type:
            case "bullet_list_open":
                self._numbered.append(False)
                return f"<ul{_direction(token)}>"
            case "ordered_list_open":
                return self._ordered_list(tokens, place)
            case "blockquote_open":
                return f"<blockquote{_direction(token)}>"
            case "fence":
                code, language = token.content.removesuffix("\n"), token.info.strip().lower()
                html = self._highlighter.html(code, language)
                return f'<pre dir="ltr"><code>{html}</code></pre>'
        raise _AsTyped

    def _ordered_list(self, tokens: Sequence[Token], place: int) -> str:
        """Numbers stay as typed: consecutive ones by a start, others on each item."""
        numbers = _numbers_of(tokens, place)
        start = int(numbers[0])
        if any(str(int(number)) != number for number in numbers):
            raise _AsTyped  # 007 is a name, not a number.
        goes_on = list(map(int, numbers)) == list(range(start, start + len(numbers)))
        self._numbered.append(not goes_on)
        attributes = f' start="{start}"' if goes_on and start != 1 else ""
        if tokens[place].markup == ")":
            attributes += ' class="parens"'
        return f"<ol{attributes}{_direction(tokens[place])}>"


def _direction(token: Token) -> str:
    """An outermost block takes its direction from its text.

    Inner blocks have no `dir`: a browser ignores elements with one when it determines the
    direction of the outer block. The style sheet sets the direction of their lines.
    """
    return "" if token.level else ' dir="auto"'


def _numbers_of(tokens: Sequence[Token], place: int) -> list[str]:
    """The numbers of the list that opens here, without those of inner lists."""
    numbers = []
    level = tokens[place].level
    for token in tokens[place + 1 :]:
        if token.level == level and token.type == "ordered_list_close":
            break
        if token.level == level + 1 and token.type == "list_item_open":
            numbers.append(token.info)
    return numbers


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    return value if name != "href" or ALLOWED_ADDRESS.match(value) else None


_markdown = set_up(MarkdownIt("zero", {"maxNesting": NESTING_MAX}))
_sanitizer = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(),
    # By default every element may have a title and a lang.
    attributes={
        "*": set(),
        "a": {"href"},
        "ol": {"start", "dir"},
        "li": {"value"},
        **{tag: {"dir"} for tag in ("blockquote", "p", "pre", "ul")},
    },
    allowed_classes={"span": set(CLASSES), "ol": {"parens"}},
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto"},
    link_rel=LINK_REL,
)
