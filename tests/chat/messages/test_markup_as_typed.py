"""Markup: text means what was typed. A chat is not a document."""

import json
import re
from html import unescape

import pytest
from django.conf import settings

from chat.messages import markup
from chat.messages.links import address_end

from .rendered import read

pytestmark = pytest.mark.once

ADDRESSES: list[tuple[str, list[str]]] = json.loads(
    (settings.BASE_DIR / "tests" / "js" / "addresses.json").read_text()
)


def shown(body: str) -> str:
    """What a reader sees of it, line ends aside."""
    html = markup.render(body)
    return body if html is None else unescape(re.sub(r"<[^>]+>", "", html.replace("<br>", "\n")))


@pytest.mark.parametrize("context", ["{}", "a {} b", "*x* {}", "{}\n**x**", "({})", "see: {}."])
@pytest.mark.parametrize(
    "typed",
    [
        # Colons that make no emoji.
        "00:1b:44:11:3a:b7", "a[1:2]", "x[:100:]", "x[::100:v:]", "http://host:80/", "10:30:15",
        "std::v::m::x", "ldap:cn:m:100", "2001:db8::100:1", "registry:5000/a:100:b", "::1:100:",
        "C:100:", "a:b:c", ":nope:", ":100:20:", "volumes:/a:ro:", "urn:isbn:100:1",
        # Backslashes, and what they come before.
        "C:\\Users\\name", "C:\\*.*", "\\\\host\\_share\\*x", "\\d+\\.\\d*\\_", "\\alpha_1 \\* x",
        "a\\_b\\_c", "\\[x\\]", "\\(o_o)/", "\\o/ \\*o/",
        # Underscores and asterisks of names, paths, faces and sums.
        "__main__", "__init__", "__dict__.__class__", "def __call__(self): __x__", "snake_case_too",
        "_private_name_", "/a/_b/_c", "@_under_score_", "a_b@c_d.example", "___", "_ _",
        "(*_*)", "m(_ _)m", "*_*", "(^_^*)", "(*\u00b4ω`*)", "_(:3」∠)_", "ヽ(*⌒▽⌒*)ﾉ", "(*ﾟ▽ﾟ*)",
        "2*3*4", "2 * 3 * 4", "x**2 + y**2", "f(*args, **kwargs)", "*.py, *.js", "src/**/*.ts",
        "**/build/**", "int *p, **q;", "f***", "/* comment */", "*/5 * * * *", "-*- coding -*-",
        "SELECT * FROM a", "a*b*c", "5* and 4*", "~/x ~5", "~~~", "wow~~ ~~",
        # Marks of code within words.
        "don`t and can`t", "5` x 6`", "``", "`",
        # Brackets that lead nowhere.
        "calls[0](x)", "[ ] todo", "f[i]()", "[a][b]", "<3 <- a<b>c", "#include <stdio.h>",
    ],
)  # fmt: skip
def test_what_marks_nothing_stays(typed: str, context: str) -> None:
    body = context.replace("{}", typed)

    assert shown(body) == context.replace("**x**", "x").replace("*x*", "x").replace("{}", typed)


@pytest.mark.parametrize(
    "typed",
    ["- 5 degrees", "+ 1", "+ a\n+ b", "* note", ">_<", ">:(", ">>> print(1)", ">5", "> 5 %",
     "7.", "1)", "2024. A good year", "1. only", "007. Bond\n008. Bill", "1. a\n002. b", "- -",
     "* * *", "-\n-", "= x", "```hello world", "~~~ wave ~~~", "~~~", "| a | b |", "3. x\n4) y"],
)  # fmt: skip
def test_a_line_that_begins_like_a_block_is_none_by_itself(typed: str) -> None:
    assert markup.render(typed) is None
    assert shown(f"*x* y\n{typed}") == f"x y\n{typed}"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("3. yes\n7. no", '<ol dir="auto"><li value="3">yes</li><li value="7">no</li></ol>'),
        ("5. a\n6. b\n7. c", '<ol start="5" dir="auto"><li>a</li><li>b</li><li>c</li></ol>'),
        ("0. a\n1. b", '<ol start="0" dir="auto"><li>a</li><li>b</li></ol>'),
        ("1. a\n1. b", '<ol dir="auto"><li value="1">a</li><li value="1">b</li></ol>'),
        ("1) a\n2) b", '<ol class="parens" dir="auto"><li>a</li><li>b</li></ol>'),
        (
            "2. a\n   1) b\n4. c",
            '<ol dir="auto"><li value="2">a<ol class="parens"><li>b</li></ol></li>'
            '<li value="4">c</li></ol>',
        ),
        (
            "30. Kislev\n1. Tevet",
            '<ol dir="auto"><li value="30">Kislev</li><li value="1">Tevet</li></ol>',
        ),
    ],
)
def test_an_item_keeps_its_number(body: str, html: str) -> None:
    assert markup.render(body) == html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**重点**内容", "<strong>重点</strong>内容"),
        ("这是**「重点」**。", "这是<strong>「重点」</strong>。"),
        ("**한국어**는 *말*이다", "<strong>한국어</strong>는 <em>말</em>이다"),
        ("(*really*), “**so**”", "(<em>really</em>), “<strong>so</strong>”"),
        ("*Hi!* _“quoted”_ **$5**", "<em>Hi!</em> <em>“quoted”</em> <strong>$5</strong>"),
        ("**🎉 party 🎉**", "<strong>🎉 party 🎉</strong>"),
        ("**`code` and _more_**", "<strong><code>code</code> and <em>more</em></strong>"),
        ("_so_, *it*'s ~~gone~~.", "<em>so</em>, <em>it</em>&#x27;s <s>gone</s>."),
        ("__two words__", "<strong>two words</strong>"),
        (r"\*args\* is _it_", "*args* is <em>it</em>"),
    ],
)
def test_emphasis_counts_at_the_edges_of_words(body: str, html: str) -> None:
    assert markup.render(body) == f'<p dir="auto">{html.replace("&#x27;", chr(39))}</p>'


@pytest.mark.parametrize(("text", "addresses"), ADDRESSES)
def test_an_address_ends_where_the_sentence_goes_on(text: str, addresses: list[str]) -> None:
    found: list[str] = []
    at = 0
    for start in re.finditer("https?://", text, re.IGNORECASE):
        end = address_end(text, start.start()) if start.start() >= at else None
        if end is not None:
            found.append(text[start.start() : end])
            at = end

    assert found == addresses
    if "`" not in text:
        html = markup.render(text) or ""
        assert re.findall(r"<a [^>]+>([^<]+)</a>", html) == list(map(_escaped, addresses))


def test_an_address_in_other_scripts_is_encoded_and_shown_as_it_was_typed() -> None:
    html = markup.render("https://例え.jp/維基?q=é#ü")

    assert html is not None
    seen = read(html)
    assert seen.text == "https://例え.jp/維基?q=é#ü"
    [href] = [attributes["href"] for tag, attributes in seen.tags if tag == "a"]
    assert href == "https://xn--r8jz45g.jp/%E7%B6%AD%E5%9F%BA?q=%C3%A9#%C3%BC"


def _escaped(address: str) -> str:
    return address.replace("&", "&amp;")
