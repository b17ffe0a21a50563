"""Markup: a small Markdown as HTML that is safe to show, or None where the text says it all.

Nothing but nh3's output leaves this module, so whoever shows it need not sanitise it again.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

import nh3
from emoji import emojize
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import link as link_rule
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

# Rendered texts that are kept. Few are longer than 1 KB.
CACHE_SIZE = 2_000
# What is deeper, has more links or would fill a frame by itself stays text: it is no talk, and
# parsing it would keep others waiting.
MAX_NESTING = 20
LINKS_MAX = 100
BRACKETS_MAX = 1_000
HTML_MAX_BYTES = 32 * 1024
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

TAGS = frozenset("a blockquote br code em li ol p pre s span strong ul".split())
LINK_REL = "noopener noreferrer nofollow ugc"

_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s/]", re.IGNORECASE)

# What begins a block of a text, and what a colon may stand in.
_BLOCK = re.compile(r"^ {0,3}(?:>|[-+]\s|\d{1,9}[.)]\s)", re.MULTILINE)
_COLON = re.compile(r":(?://|[a-z0-9_+-]+:)", re.IGNORECASE)

_TEXTUAL = {"paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak"}

_shortcodes_as_emoji = partial(emojize, language="alias")


def render(body: str) -> str | None:
    """The text as safe HTML; None if it is plain, or too much, and best shown as it is."""
    return _rendered(body) if looks_marked(body) else None


def looks_marked(body: str) -> bool:
    """Whether `render` has to look closer: far cheaper, and never wrong about a no."""
    # The hot path. To look for a word in a text takes some 30 ns, and an expression for all of them
    # a microsecond or three.
    return (
        "*" in body
        or "_" in body
        or "`" in body
        or "[" in body
        or "<" in body
        or "\\" in body
        or "~~" in body
        or (":" in body and _COLON.search(body) is not None)
        or (_BLOCK.search if "\n" in body else _BLOCK.match)(body) is not None
    )


@lru_cache(CACHE_SIZE)
def _rendered(body: str) -> str | None:
    if body.count("://") > LINKS_MAX or body.count("[") > BRACKETS_MAX:
        return None
    tokens = _markdown.parse(body)
    if _too_deep(tokens) or _invisible(tokens) or _plain(body, tokens):
        return None
    html = _sanitizer.clean(_markdown.renderer.render(tokens, _markdown.options, {}))
    return html if len(html.encode()) <= HTML_MAX_BYTES else None


def _too_deep(tokens: Sequence[Token]) -> bool:
    """Markdown-it leaves out what is nested deeper than this."""
    return any(token.level >= MAX_NESTING - 1 for token in tokens)


def _invisible(tokens: Sequence[Token]) -> bool:
    """Nothing to see but a frame, as of a lonely ">"."""
    return not any(token.content.strip() for token in _leaves(tokens))


def _plain(body: str, tokens: Sequence[Token]) -> bool:
    """After a closer look: as in snake_case, the marks marked nothing."""
    if any(token.type not in _TEXTUAL for token in (*tokens, *_leaves(tokens))):
        return False
    shown = "".join(token.content for token in _leaves(tokens))
    return "".join(shown.split()) == "".join(body.split())


def _leaves(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from [token] if token.children is None else token.children


# --- Parsing ----------------------------------------------------------------------------------


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Anything else, relative addresses too, stays the text that it was."""
        return _ADDRESS.match(url) is not None


def _image_as_link(state: StateInline, silent: bool) -> bool:
    """`![what](where)` is a link to the picture: no page loads what a stranger chose."""
    if not state.src.startswith("![", state.pos):
        return False
    state.pos += 1
    if link_rule(state, silent):
        return True
    state.pos -= 1
    return False


def _finish(state: StateCore) -> None:
    """Emoji for shortcodes, a text for every link, and no line ends between blocks."""
    for block in state.tokens:
        block.block = False
        if block.children:
            block.children = list(_finished(block.children))


def _finished(children: Sequence[Token]) -> Iterator[Token]:
    link: Token | None = None
    empty = False
    for token in _outer_links(children):
        if token.type == "link_open":
            link, empty = token, True
        elif token.type == "link_close":
            if link and empty:
                yield Token("text", "", 0, content=str(link.attrs["href"]))
            link = None
        else:
            empty = empty and not token.content.strip()
            if token.type == "text" and not (link and link.info == "auto"):
                token.content = _shortcodes_as_emoji(token.content)
        yield token


def _outer_links(children: Sequence[Token]) -> Iterator[Token]:
    """Without the links that lead nowhere, and the pictures in links: they would be links too."""
    open_links: list[bool] = []
    for token in children:
        if token.type == "link_open":
            open_links.append(bool(token.attrs["href"]) and True not in open_links)
            if open_links[-1]:
                yield token
        elif token.type != "link_close" or open_links.pop():
            yield token


# --- Rendering --------------------------------------------------------------------------------


def _break(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    return "<br>"


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    code = tokens[place].content.removesuffix("\n")
    language = tokens[place].info.strip().split(" ")[0].lower()
    return f"<pre><code>{_highlighted(code, language, env)}</code></pre>"


def _highlighted(code: str, language: str, env: EnvType) -> str:
    length = env["highlighted"] = env.get("highlighted", 0) + len(code)
    lines = env["lines"] = env.get("lines", 0) + code.count("\n")
    if language not in LANGUAGES or length > HIGHLIGHT_MAX_LENGTH or lines > HIGHLIGHT_MAX_LINES:
        return escapeHtml(code)
    # A lexer for each text: some keep notes in themselves, and texts come from several threads.
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    pieces = list(lexer.get_tokens(code))
    if "".join(text for _, text in pieces) != code:
        return escapeHtml(code)  # A few lexers drop what they cannot place.
    return "".join(
        f'<span class="{name}">{escapeHtml(text)}</span>' if name else escapeHtml(text)
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


# --- The tools, set up once -------------------------------------------------------------------


def _make_markdown() -> _Markdown:
    """From nothing, what is named: no HTML, headings, images, tables, entities or references."""
    markdown = _Markdown("zero", {"linkify": True, "maxNesting": MAX_NESTING})
    markdown.enable("fence blockquote list newline escape backticks strikethrough".split())
    markdown.enable("emphasis link autolink linkify".split())
    markdown.inline.ruler.before("link", "image_as_link", _image_as_link)
    markdown.core.ruler.push("finish", _finish)
    markdown.add_render_rule("softbreak", _break)
    markdown.add_render_rule("hardbreak", _break)
    markdown.add_render_rule("fence", _fence)
    # Only what names its scheme becomes a link by itself: "main.py" is not a site in Paraguay.
    linkify: Any = markdown.linkify
    linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("ftp:", "//", "mailto:"):
        linkify.add(scheme, None)
    return markdown


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    return value if name != "href" or _ADDRESS.match(value) else None


_markdown = _make_markdown()
_sanitizer = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(),
    # By default every element may bear a title and a lang.
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    allowed_classes={"span": set(CLASS_OF.values())},
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto"},
    link_rel=LINK_REL,
)
