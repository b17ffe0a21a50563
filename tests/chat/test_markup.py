"""Markup: what each element looks like, how much of it there may be, and how it travels."""

import re
import time
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from chat import protocol
from chat.models import Member, Room
from chat.realtime import writer
from chat.services import log, markup, reading

from .rendered import read

REL = "noopener noreferrer nofollow ugc"


def link(address: str, text: str | None = None) -> str:
    return f'<a href="{address}" rel="{REL}">{text or address}</a>'


# --- Each element -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**bold** and __bold__", "<p><strong>bold</strong> and <strong>bold</strong></p>"),
        ("*it* and _it_", "<p><em>it</em> and <em>it</em></p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("***both***", "<p><em><strong>both</strong></em></p>"),
        ("`a < **b**`", "<p><code>a &lt; **b**</code></p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("* one\n  * two", "<ul><li>one<ul><li>two</li></ul></li></ul>"),
        ("1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"),
        ("3. three\n4) four", '<ol start="3"><li>three</li></ol><ol start="4"><li>four</li></ol>'),
        ("> said\n> again", "<blockquote><p>said<br>again</p></blockquote>"),
        ("> a\n> > b", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>"),
        ("*one*\ntwo\n\nthree", "<p><em>one</em><br>two</p><p>three</p>"),
        ("*two*  spaces  \nbreak", "<p><em>two</em>  spaces<br>break</p>"),
        (r"\*not\*", "<p>*not*</p>"),
    ],
)
def test_an_element_looks_like(body: str, html: str) -> None:
    assert markup.render(body) == html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("```\na <b>\n\n  c\n```", "<pre><code>a &lt;b&gt;\n\n  c</code></pre>"),
        ("~~~\na\n~~~", "<pre><code>a</code></pre>"),
        ("```\nnever closed", "<pre><code>never closed</code></pre>"),
        ("```klingon\nreturn 1\n```", "<pre><code>return 1</code></pre>"),
        ("```\nreturn 1\n```", "<pre><code>return 1</code></pre>"),
        (
            "```python\nreturn '<b>'  # 1\n```",
            '<pre><code><span class="k">return</span> <span class="s">\'&lt;b&gt;\'</span>  '
            '<span class="c"># 1</span></code></pre>',
        ),
    ],
)
def test_code_keeps_its_lines_and_is_highlighted_where_its_language_is_named(
    body: str, html: str
) -> None:
    assert markup.render(body) == html


def test_every_language_has_its_lexer() -> None:
    for language in markup.LANGUAGES:
        code = "x = 1 # + /* 'y' */ <z>\n"

        html = markup.render(f"```{language}\n{code}```")

        assert html is not None
        assert read(html).text == code.removesuffix("\n")


def test_long_code_is_code_without_colours() -> None:
    line = "return 1\n"
    enough = line * (markup.HIGHLIGHT_MAX_LENGTH // len(line) // 2)

    short = markup.render(f"```python\n{enough}```")
    long = markup.render(f"```python\n{enough * 3}```")
    parted = markup.render(f"```python\n{enough}```\n\n" * 3)
    lines = markup.render("```java\na" + "\n" * (markup.HIGHLIGHT_MAX_LINES + 1) + "b\n```")

    assert short is not None
    assert '<span class="k">' in short
    assert long is not None
    assert "<span" not in long
    assert parted is not None
    assert '<span class="k">' not in parted.split("<pre>")[3]
    assert lines is not None
    assert "<span" not in lines


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("[text](https://a.example/)", link("https://a.example/", "text")),
        ("[**b**](https://a.example/)", link("https://a.example/", "<strong>b</strong>")),
        ("[post](mailto:ada@a.example)", link("mailto:ada@a.example", "post")),
        ("[](https://a.example/)", link("https://a.example/")),
        ("<https://a.example/>", link("https://a.example/")),
        ("https://a.example/b_c_d", link("https://a.example/b_c_d")),
        ("https://a.example/?a=1&b=2", link("https://a.example/?a=1&amp;b=2")),
        ("(http://a.example/b_(c))", f"({link('http://a.example/b_(c)')})"),
        ("see http://a.example.", f"see {link('http://a.example')}."),
        ("**http://a.example**", f"<strong>{link('http://a.example')}</strong>"),
        ("![cat](https://a.example/c.png)", link("https://a.example/c.png", "cat")),
        ("![](https://a.example/c.png)", link("https://a.example/c.png")),
        ("[![cat](https://a.example/c.png)](https://b.example)", link("https://b.example", "cat")),
        ("`https://a.example/`", "<code>https://a.example/</code>"),
    ],
)
def test_a_link_leads_out_and_vouches_for_nothing(body: str, html: str) -> None:
    assert markup.render(body) == f"<p>{html}</p>"


@pytest.mark.parametrize(
    "address",
    ["/leave/", "//evil.example/", "leave", "#m1", "?a", "ftp://a.example", "tel:1", "https:x"],
)
def test_any_other_address_stays_text(address: str) -> None:
    assert markup.render(f"*x* [text]({address})") == f"<p><em>x</em> [text]({address})</p>"


def test_a_link_that_leads_nowhere_is_its_text() -> None:
    assert markup.render("*x* [text]() []()") == "<p><em>x</em> text </p>"


@pytest.mark.parametrize("bare", ["example.com", "main.py", "ada@a.example", "ftp://a.example"])
def test_only_an_address_with_its_scheme_becomes_a_link_by_itself(bare: str) -> None:
    assert markup.render(f"*x* {bare}") == f"<p><em>x</em> {bare}</p>"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        (":tada:", "<p>🎉</p>"),
        (":+1: :heart_eyes:", "<p>👍 😍</p>"),
        ("**:tada:**", "<p><strong>🎉</strong></p>"),
        ("`:tada:`", "<p><code>:tada:</code></p>"),
        ("```\n:tada:\n```", "<pre><code>:tada:</code></pre>"),
        ("http://a.example/:tada:", f"<p>{link('http://a.example/:tada:')}</p>"),
    ],
)
def test_shortcodes_are_emoji_but_not_in_code(body: str, html: str) -> None:
    assert markup.render(body) == html


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Hello there",
        "Two\nlines\n\nand a third",
        "snake_case_name, 2 * 3 * 4, a < b > c, ~5",
        "10:30:45 - see you :nope:",
        "# no heading",
        "| no | table |\n|---|---|\n| a | b |",
        "no\n==",
        "    no indented code",
        "<b>no html</b>",
        "&lt;no entity&gt;",
        "[no]: /reference",
        "@Alice, {{ no }} template",
        ">",
        "-",
        "> ",
        "```\n```",
    ],
)
def test_plain_text_is_none(body: str) -> None:
    assert markup.render(body) is None


def test_a_glance_is_never_wrong_about_a_no() -> None:
    bodies = [
        "plain",
        "1. x",
        "- x",
        " > x",
        "a\n+ x",
        "a\n 12) x",
        "a://",
        ":a:",
        *"*_`[\\<",
        "~~",
    ]

    looked_at = [body for body in bodies if markup.looks_marked(body)]

    assert looked_at == bodies[1:]


def test_entities_and_html_are_shown_as_they_were_typed() -> None:
    html = markup.render("*x* <b>&lt;b&gt;</b> &amp;")

    assert html == "<p><em>x</em> &lt;b&gt;&amp;lt;b&amp;gt;&lt;/b&gt; &amp;amp;</p>"


# --- Bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enough", "too_much"),
    [
        ("> " * 15 + "deep", "> " * 30 + "deep"),
        ("- " * 8 + "deep", "- " * 30 + "deep"),
        ("http://a.example " * 90, "http://a.example " * 120),
        ("[" * 900 + "*x*", "[" * 1_100 + "*x*"),
        ("*x*", "`x` " * 2_500),
    ],
)
def test_too_much_stays_text(enough: str, too_much: str) -> None:
    assert markup.render(enough)
    assert markup.render(too_much) is None


PATHOLOGICAL = [
    "[", "![", "[]", "](", "[a](", "[a](<", "[[a](b)", "[*", "*", "*a ", "*a_", "*_~~", "**a *b ",
    "_ ", "a_", "~~a", "`", "` ``", "`a``b", "<", "<http://", "http:// ", "http://a.", "\\",
    "https://a/(", "(http://a", ":", ":a:", "> ", "- ", "1. ", "> - ", "- a\n  - b\n", "```\n",
    "\n", "&#", "![a](http://b ", "[a]: b\n", "*\n", "\t- ",
]  # fmt: skip


@pytest.mark.parametrize("piece", PATHOLOGICAL)
def test_hostile_repetition_takes_no_time_worth_naming(piece: str) -> None:
    body = ("*x* " + piece * 4_000)[:4_000]

    started = time.process_time()
    markup.render(body)

    # Tens of milliseconds; what is cubic or worse would take minutes.
    assert time.process_time() - started < 5


@pytest.mark.parametrize("language", sorted(markup.LANGUAGES))
def test_hostile_code_takes_no_time_worth_naming(language: str) -> None:
    pieces = ["\n", "a\n", "\n ", '\\"', "//", "a.", "((", "{", "/*", "a ", "<a ", "$(", "''", "- "]
    code = [(piece * 2_000)[: markup.HIGHLIGHT_MAX_LENGTH] for piece in pieces]

    started = time.process_time()
    for text in code:
        markup.render(f"```{language}\n{text}\n```")

    assert time.process_time() - started < len(code) / 2


# --- On the wire and on the page --------------------------------------------------------------


def wire(body: str, *, deleted: bool = False) -> protocol.Message:
    now = timezone.now()
    gone = now if deleted else None
    return reading.wire_message(uuid4(), 1, 1, 7, "Alice", body, now, "a-1", None, gone)


def test_a_message_travels_as_text_and_as_html() -> None:
    travelling = msgspec.json.decode(protocol.encode(wire("**hi**")))

    assert (travelling["body"], travelling["html"]) == ("**hi**", "<p><strong>hi</strong></p>")


def test_plain_text_and_tombstones_travel_without_html() -> None:
    assert b"html" not in protocol.encode(wire("hi"))
    assert b"html" not in protocol.encode(wire("**hi**", deleted=True))


@pytest.mark.django_db
def test_an_edited_message_has_the_html_of_its_new_text(lobby: Room, alice: Member) -> None:
    seq = log.commit_one(lobby, log.Post(alice.pk, alice.name, "a-1", "**old**")).seq

    log.commit_one(lobby, log.Edit(alice.pk, seq, "*new*"))

    [message] = reading.last_page(lobby).messages
    assert message.html == "<p><em>new</em></p>"


@pytest.mark.parametrize(
    "body", ["**bold** " * 400, "`x`" * 1_300, "[a](http://b.example) " * 90, "é*é* " * 700]
)
def test_the_writer_reckons_with_the_html(body: str) -> None:
    post = log.Post(7, "Alice", "a-1", body)

    reckoned = writer.MESSAGE_OVERHEAD_BYTES + writer._body_bytes(post)

    assert wire(body).html
    assert reckoned * 1.5 >= len(protocol.encode(wire(body)))


@pytest.mark.parametrize("filler", ["*a* ", "é", "🎉", '"', "- - - -\n", "`'`"])
def test_one_message_always_fits_a_frame(filler: str) -> None:
    body = ("*x* " + filler * 4_000)[:4_000]

    assert len(protocol.encode(wire(body))) < protocol.SERVER_FRAME_MAX - 1_024


@pytest.mark.django_db
def test_the_page_shows_the_html(lobby: Room, alice: Member, visitor: Client) -> None:
    for number, body in enumerate(["**bold** <b>", "plain <b> & text"]):
        log.commit_one(lobby, log.Post(alice.pk, alice.name, f"a-{number}", body))

    page = visitor.get("/rooms/lobby/").content.decode()

    assert "<p><strong>bold</strong> &lt;b&gt;</p>" in page
    assert "plain &lt;b&gt; &amp; text" in page
    assert "<b>" not in page
    assert "css/code" in page
    assert page.index("css/message-list") < page.index("css/code")


def test_the_stylesheet_has_every_class() -> None:
    styles = (settings.BASE_DIR / "static" / "css" / "code.css").read_text()

    assert set(markup.CLASS_OF.values()) <= set(re.findall(r"\.([a-z]+)\b", styles))
