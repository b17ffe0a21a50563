"""Highlighting of code: comments, strings, numbers and keywords, in one pass.

Pygments is not safe with the texts of strangers: some make its expressions run for minutes
(docs/adr/0020). The expressions here never backtrack, so the time is linear in the length.
"""

import re
from functools import cache
from html import escape

# All blocks of a message together are coloured up to here. Colours make HTML several times longer.
HIGHLIGHT_MAX_LENGTH = 1_200
HIGHLIGHT_MAX_LINES = 100

# Classes of css/code.css: comment, string, number, keyword, tag; in a diff: what went, came, where.
CLASSES = frozenset("c s m k nt gd gi gh".split())

_NUMBER = r"(?P<m>(?<![\w$])\d[\w.]*+)"
_WORD = r"(?P<k>[A-Za-z_$][\w$]*+)"
_DOUBLE = r'"(?:[^"\\\n]|\\.)*+"?+'
_SINGLE = r"'(?:[^'\\\n]|\\.)*+'?+"
_TEMPLATE = r"`(?:[^`\\]|\\[\s\S])*+`?+"
_LONG = r'"""[\s\S]*?(?:"""|\Z)|' r"'''[\s\S]*?(?:'''|\Z)"
_SLASHES = r"//[^\n]*+|/\*[\s\S]*?(?:\*/|\Z)"
_HASH = r"(?<![^\s;])#[^\n]*+"
_DASHES = r"--[^\n]*+"


def _rules(comments: str, strings: str) -> str:
    return rf"(?P<c>{comments})|(?P<s>{strings})|{_NUMBER}|{_WORD}"


_CURLY = _rules(_SLASHES, rf"{_DOUBLE}|{_SINGLE}|{_TEMPLATE}")
_LIFETIMES = _rules(_SLASHES, rf"{_DOUBLE}|'(?:[^'\\\n]|\\[^\n]{{1,8}})'")
_PYTHON = _rules(_HASH, rf"{_LONG}|{_DOUBLE}|{_SINGLE}")
_SCRIPT = _rules(_HASH, rf"{_DOUBLE}|{_SINGLE}|{_TEMPLATE}")
_PHP = _rules(rf"{_SLASHES}|{_HASH}", rf"{_DOUBLE}|{_SINGLE}")
_LUA = _rules(_DASHES, rf"{_DOUBLE}|{_SINGLE}")
_SQL = _rules(rf"{_DASHES}|/\*[\s\S]*?(?:\*/|\Z)", rf"'[^']*+'?+|{_DOUBLE}")
_CSS = _rules(r"/\*[\s\S]*?(?:\*/|\Z)", rf"{_DOUBLE}|{_SINGLE}")
_DATA = _rules(r"(?<!\S)[#;][^\n]*+", rf"{_DOUBLE}|{_SINGLE}")
_TAGS = rf"(?P<c><!--[\s\S]*?(?:-->|\Z))|(?P<nt></?[A-Za-z][\w:-]*+|/?>)|(?P<s>{_DOUBLE}|{_SINGLE})"
_DIFF = r"(?P<gh>^(?:@@|diff |index |---|\+\+\+)[^\n]*+)|(?P<gi>^\+[^\n]*+)|(?P<gd>^-[^\n]*+)"

# Keywords of a family of languages. A keyword of one is seldom a plain word in another.
_WORDS_OF_CURLY = """
abstract as async await base bool boolean break byte case catch chan char class const constexpr
continue data default defer delegate delete do double else enum export extends extension extern
fallthrough false final finally float for foreach fn fun func function get go guard if impl
implements import in inline instanceof int interface internal is keyof lateinit let lock long loop
match mod move mut namespace new nil noexcept nullptr null number object of operator out override
package params private protected protocol pub public range readonly record ref register return sbyte
sealed select self set short signed sizeof static string struct super switch template this throw
throws trait true try type typedef typename typeof uint undefined union unsafe unsigned use using
val var virtual void volatile when where while with yield
"""
_WORDS_OF_PYTHON = """
False None True and as assert async await break case class continue def del elif else except finally
for from global if import in is lambda match nonlocal not or pass raise return self try while with
yield
"""
_WORDS_OF_SCRIPT = """
alias and begin break BEGIN case class continue def defined do done echo elif else elsif end END
ensure esac exit export false fi for foreach from function if in last library local module my next
nil not NULL or our param print process repeat require rescue return self set source sub super then
trap true TRUE FALSE undef unless until use when while yield ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE
FROM RUN USER VOLUME WORKDIR listen location proxy_pass root server server_name upstream
"""
_WORDS_OF_SQL = """
add all alter and any as asc begin between by case cast check column commit constraint create cross
database default delete desc distinct drop else end except exists explain false foreign from full
function grant group having if in index inner insert intersect into is join key left like limit not
null offset on or order outer over partition primary references returning right rollback select set
table then transaction true truncate union unique update using values view when where with
"""
_WORDS_OF_LUA = """
and break do else elseif end false for function goto if in local nil not or repeat return then true
until while
"""
_WORDS_OF_DATA = "true false null yes no on off True False"
_WORDS_OF_CSS = "important media import from to and not only supports keyframes layer container"

_FAMILIES: list[tuple[str, str, str]] = [
    ("c c# c++ cpp cs csharp dart go golang java javascript js jsx kotlin scala swift ts tsx"
     " typescript", _CURLY, _WORDS_OF_CURLY),
    ("rs rust", _LIFETIMES, _WORDS_OF_CURLY),
    ("php", _PHP, _WORDS_OF_CURLY + "echo elseif endif foreach require"),
    ("py pycon python python3", _PYTHON, _WORDS_OF_PYTHON),
    ("bash console docker dockerfile nginx perl powershell ps1 r rb ruby sh shell", _SCRIPT,
     _WORDS_OF_SCRIPT),
    ("postgresql sql", _SQL, _WORDS_OF_SQL + _WORDS_OF_SQL.upper()),
    ("lua", _LUA, _WORDS_OF_LUA),
    ("css", _CSS, _WORDS_OF_CSS),
    ("ini json toml yaml yml", _DATA, _WORDS_OF_DATA),
    ("html xml", _TAGS, ""),
    ("diff", _DIFF, ""),
]  # fmt: skip
_FAMILY_OF = {
    language: (rules, words)
    for languages, rules, words in _FAMILIES
    for language in languages.split()
}
LANGUAGES = frozenset(_FAMILY_OF)


class Highlighter:
    """Highlights the blocks of one message, which share the limits."""

    def __init__(self) -> None:
        self._length = 0
        self._lines = 0

    def html(self, code: str, language: str) -> str:
        """The code as HTML, coloured if its language is known and the limits are not reached."""
        self._length += len(code)
        self._lines += code.count("\n")
        if (
            language not in LANGUAGES
            or self._length > HIGHLIGHT_MAX_LENGTH
            or self._lines > HIGHLIGHT_MAX_LINES
        ):
            return escape(code)
        rules, words = _FAMILY_OF[language]
        return _coloured(code, _compiled(rules), _set_of(words))


def _coloured(code: str, rules: re.Pattern[str], words: frozenset[str]) -> str:
    pieces, at = [], 0
    for found in rules.finditer(code):
        name = found.lastgroup or ""
        if name == "k" and found[0] not in words:
            continue
        pieces.append(escape(code[at : found.start()]))
        pieces.append(f'<span class="{name}">{escape(found[0])}</span>')
        at = found.end()
    pieces.append(escape(code[at:]))
    return "".join(pieces)


@cache
def _compiled(rules: str) -> re.Pattern[str]:
    return re.compile(rules, re.MULTILINE)


@cache
def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())
