# ruff: noqa: E501, RUF001 - tables of strange characters
"""Bodies that nobody would type: by a grammar of everything that rendering looks at."""

from collections.abc import Callable
from random import Random

MESSAGE_MAX = 4_000

MARKS = [*"*_~`[]()<>!:\\\"'&#-+.|/{}^=@$%?,;", "**", "***", "__", "~~", "```", "~~~", "](", "![",
         "\\*", "\\_", "://", "http://", "https://a", "mailto:", "<http://", "[a](http://b", "\n",
         "\n\n", "\n> ", "\n- ", "\n1. ", "\n2) ", "\n  - ", "\n\t", "```python\n", "\n```\n", "\\\\",
         ":a:", ":tada:", ":+1:", "::", "]: ", "<b>", "&lt;", "&#", "<!--", "]]>", "\u00a0"]  # fmt: skip
WORDS = ["a", "word", "snake_case", "2*3", "C:\\x", "x[1:2]", "main.py", "10:30:15", "維基", "重点",
         "です。", "（", "）", "、", "「", "」", "，", "שלום", "مرحبا", "،", "؟", "한국어", "é", "ﾟ", "ツ",
         "देश।", "🎉", "👍🏽", "🏳️\u200d🌈", "e\u0301", "\u0301", "\u200b", "\u200d", "\u202e", "\u2066",
         "\ufe0f", "\u2800", "\u3164", "\ufeff", "\U000e0041", "\u2028", "\x85", "\x1c", "\ufffd", "ß",
         "İ", "ŉ", "\U0010ffff", "١", "𝟙", "²"]  # fmt: skip
ADDRESSES = ["http://a.example/b_(c)", "https://例え.jp/維基?q=é", "http://[::1]:80/", "https://a/[x]{y}",
             "HTTP://A.B", "https://xn--a.example", "https://%zz/%", "http://a:b@c:99999/", "http://.",
             "https://a.example/x。y", "http://p://", "https://ａ．ｂ/", "mailto:a@b.example"]  # fmt: skip
CODE = [
    "return",
    "'",
    '"',
    "//",
    "/*",
    "#",
    "--",
    "<!--",
    "'''",
    '"""',
    "\\",
    "${",
    "<a ",
    "0x1",
    "a.",
]
LANGUAGES = ["python", "scala", "js", "rust", "sql", "html", "diff", "yaml", "php", "nope", ""]


def body(seed: int, number: int) -> str:
    """The same two numbers give the same body."""
    random = Random(f"{seed} {number}")
    shape = random.choice(SHAPES)
    length = random.choice([12, 25, 60, 150, 400, 1_500, MESSAGE_MAX])
    return shape(random, length)[:length]


def _soup(random: Random, length: int) -> str:
    """Anything beside anything."""
    pieces, size = [], 0
    while size < length:
        piece = random.choice(random.choice((MARKS, MARKS, WORDS, ADDRESSES)))
        pieces.append(piece)
        size += len(piece)
    return "".join(pieces)


def _repeated(random: Random, length: int) -> str:
    """A few pieces, again and again: what costs more than its length shows here."""
    few = "".join(random.choice((*MARKS, *WORDS, *ADDRESSES)) for _ in range(random.randint(1, 4)))
    start = random.choice(["", "*x* ", "*x*\n", _soup(random, 8)])
    end = random.choice(["", ")", "]", "*", "`", "\n", "](http://a)"])
    return (start + few * length)[: length - len(end)] + end


def _talk(random: Random, length: int) -> str:
    """Nearly what people say."""
    lines: list[str] = []
    while sum(map(len, lines)) < length:
        start = random.choice(["", "", "> ", "- ", "1. ", "7) ", "  * ", "> > ", "```", "\t"])
        lines.append(start + " ".join(_phrase(random) for _ in range(random.randint(0, 9))))
    return "\n".join(lines)


def _phrase(random: Random) -> str:
    word = random.choice((*WORDS, *ADDRESSES, "plain", "text", "@ann", ":tada:"))
    match random.randint(0, 7):
        case 0:
            mark = random.choice(["*", "**", "_", "__", "~~", "`", "``", "***", "\\*"])
            return f"{mark}{word}{random.choice([mark, mark, ''])}"
        case 1:
            return f"[{word}]({random.choice(ADDRESSES)})"
        case 2:
            return f"({word}){random.choice(MARKS)}"
    return word


def _nested(random: Random, length: int) -> str:
    """Deep, and closed again or not."""
    pairs = [("[", "](http://a)"), ("*", "*"), ("**", "**"), ("(", ")"), ("![", "](b)"), ("> ", "\n"),
             ("- ", "\n"), ("_", "_"), ("~~", "~~"), ("`", "`"), ("<", ">"), ("\\*", "\\*")]  # fmt: skip
    chosen = [random.choice(pairs) for _ in range(length // 4)]
    opened = "".join(f"{start}{random.choice('ab é')}" for start, _ in chosen)
    return opened + "".join(end for _, end in reversed(chosen[: random.randint(0, len(chosen))]))


def _code(random: Random, length: int) -> str:
    few = [random.choice((*CODE, *MARKS)) for _ in range(random.randint(1, 5))]
    code = "".join(random.choice(few) for _ in range(length))
    return f"```{random.choice(LANGUAGES)}\n{code[: length - 20]}\n```"


SHAPES: list[Callable[[Random, int], str]] = [_soup, _repeated, _repeated, _talk, _nested, _code]
