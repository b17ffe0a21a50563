"""Markup: what each element looks like, how much of it there may be, and how it travels."""

import re
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from chat import protocol
from chat.accounts.models import Member
from chat.messages import commit, highlighting, history, markup, wire_messages
from chat.realtime import writer
from chat.rooms.models import Room

from .rendered import read

REL = "noopener noreferrer nofollow ugc"


def p(html: str) -> str:
    return f'<p dir="auto">{html}</p>'


def pre(html: str) -> str:
    return f'<pre dir="ltr"><code>{html}</code></pre>'


def link(address: str, text: str | None = None) -> str:
    return f'<a href="{address}" rel="{REL}">{text or address}</a>'


# --- Each element -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**bold** and __very bold__", p("<strong>bold</strong> and <strong>very bold</strong>")),
        ("*it* and _it_", p("<em>it</em> and <em>it</em>")),
        ("~~gone~~", p("<s>gone</s>")),
        ("***both***", p("<em><strong>both</strong></em>")),
        ("**one *and two***", p("<strong>one <em>and two</em></strong>")),
        ("`a < **b**`", p("<code>a &lt; **b**</code>")),
        ("`` a`b ``", p("<code>a`b</code>")),
        ("- one\n- two", '<ul dir="auto"><li>one</li><li>two</li></ul>'),
        (
            "* one\n  * two",
            '<ul dir="auto"><li>one<ul><li>two</li></ul></li></ul>',
        ),
        ("1. one\n2. two", '<ol dir="auto"><li>one</li><li>two</li></ol>'),
        (
            "> said\n> again",
            '<blockquote dir="auto"><p>said<br>again</p></blockquote>',
        ),
        (
            "> a\n> > b",
            '<blockquote dir="auto"><p>a</p><blockquote><p>b</p></blockquote></blockquote>',
        ),
        ("*one*\ntwo\n\nthree", p("<em>one</em><br>two") + p("three")),
        ("*two*  spaces  \n  break", p("<em>two</em>  spaces<br>  break")),
        (r"\*not\*", p("*not*")),
        (r"\**neither\** *this*", p("**neither** <em>this</em>")),
    ],
)
def test_an_element_looks_like(body: str, html: str) -> None:
    assert markup.render(body) == html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("```\na <b>\n\n  c\n```", pre("a &lt;b&gt;\n\n  c")),
        ("~~~\na\n~~~", pre("a")),
        ("```\nnever closed", pre("never closed")),
        ("```klingon\nreturn 1\n```", pre("return 1")),
        ("```\nreturn 1\n```", pre("return 1")),
        (
            "```python\nreturn '<b>'  # 1\n```",
            pre(
                '<span class="k">return</span> <span class="s">\'&lt;b&gt;\'</span>  '
                '<span class="c"># 1</span>'
            ),
        ),
    ],
)
def test_code_keeps_its_lines_and_is_highlighted_where_its_language_is_named(
    body: str, html: str
) -> None:
    assert markup.render(body) == html


def test_every_language_has_its_lexer() -> None:
    for language in highlighting.LANGUAGES:
        code = "x = 1 # + /* 'y' */ <z>\n"

        html = markup.render(f"```{language}\n{code}```")

        assert html is not None
        assert read(html).text == code.removesuffix("\n")


def test_long_code_is_code_without_colours() -> None:
    line = "return 1\n"
    enough = line * (highlighting.HIGHLIGHT_MAX_LENGTH // len(line) // 2)

    short = markup.render(f"```python\n{enough}```")
    long = markup.render(f"```python\n{enough * 3}```")
    parted = markup.render(f"```python\n{enough}```\n\n" * 3)
    lines = markup.render("```java\na" + "\n" * (highlighting.HIGHLIGHT_MAX_LINES + 1) + "b\n```")

    assert short is not None
    assert '<span class="k">' in short
    assert long is not None
    assert "<span" not in long
    assert parted is not None
    assert '<span class="k">' not in parted.split("<pre")[3]
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
    assert markup.render(body) == p(html)


@pytest.mark.parametrize(
    "address",
    ["/leave/", "//evil.example/", "leave", "#m1", "?a", "ftp://a.example", "tel:1", "https:x"],
)
def test_any_other_address_stays_text(address: str) -> None:
    assert markup.render(f"*x* [text]({address})") == p(f"<em>x</em> [text]({address})")


def test_what_leads_nowhere_stays_as_it_was_typed() -> None:
    assert markup.render("*x* calls[0]() []()") == p("<em>x</em> calls[0]() []()")


def test_a_link_that_nobody_could_see_shows_where_it_leads() -> None:
    assert markup.render("[\u200b](https://a.example/)") == p(link("https://a.example/"))


@pytest.mark.parametrize("bare", ["example.com", "main.py", "ada@a.example", "ftp://a.example"])
def test_only_an_address_with_its_scheme_becomes_a_link_by_itself(bare: str) -> None:
    assert markup.render(f"*x* {bare}") == p(f"<em>x</em> {bare}")


@pytest.mark.parametrize(
    ("body", "html"),
    [
        (":tada:", p("🎉")),
        (":+1: :heart_eyes:", p("👍 😍")),
        ("(:tada::tada:)!", p("(🎉🎉)!")),
        ("好:tada:", p("好🎉")),
        ("**:tada:**", p("<strong>🎉</strong>")),
        ("`:tada:`", p("<code>:tada:</code>")),
        ("```\n:tada:\n```", pre(":tada:")),
        ("http://a.example/:tada:/", p(link("http://a.example/:tada:/"))),
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
        "- one item is no list",
        "> 5",
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
        "a\n* x",
        "a\n 12) x",
        "a://",
        ":a:",
        "](",
        "<mailto:",
    ]

    looked_at = [body for body in (*bodies, *"*_`", "~~") if markup.looks_marked(body)]

    assert looked_at == [*bodies[1:], *"*_`", "~~"]


def test_entities_and_html_are_shown_as_they_were_typed() -> None:
    html = markup.render("*x* <b>&lt;b&gt;</b> &amp;")

    assert html == p("<em>x</em> &lt;b&gt;&amp;lt;b&amp;gt;&lt;/b&gt; &amp;amp;")


# --- Bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enough", "too_much"),
    [
        ("> " * 15 + "deep", "> " * 30 + "deep"),
        ("- one\n- two\n" + "  - " * 7 + "deep", "- one\n- two\n" + "  - " * 30 + "deep"),
        ("http://a.example " * 40, "http://a.example " * 60),
        ("[" * 900 + "*x*", "[" * 1_100 + "*x*"),
        ("- item\n" * 90, "- item\n" * 110),
        ("*x*\n" * 400, "*x*\n" * 600),
        ("*x* " * 450, "*x* " * 550),
        ("*x*", "`x` " * 2_500),
    ],
)
def test_too_much_stays_text(enough: str, too_much: str) -> None:
    assert markup.render(enough)
    assert markup.render(too_much) is None


# --- On the wire and on the page --------------------------------------------------------------


def wire(body: str, *, deleted: bool = False) -> protocol.WireMessage:
    now = timezone.now()
    gone = now if deleted else None
    return wire_messages.wire_message(uuid4(), 1, 1, 7, "Alice", body, now, "a-1", None, gone)


def test_a_message_travels_as_text_and_as_html() -> None:
    travelling = msgspec.json.decode(protocol.encode(wire("**hi**")))

    assert (travelling["body"], travelling["html"]) == ("**hi**", p("<strong>hi</strong>"))


def test_plain_text_and_tombstones_travel_without_html() -> None:
    assert b"html" not in protocol.encode(wire("hi"))
    assert b"html" not in protocol.encode(wire("**hi**", deleted=True))


@pytest.mark.django_db
def test_an_edited_message_has_the_html_of_its_new_text(lobby: Room, alice: Member) -> None:
    seq = commit.commit_operation(lobby, commit.Post(alice.pk, "a-1", "**old**")).seq

    commit.commit_operation(lobby, commit.Edit(alice.pk, seq, "*new*"))

    [message] = history.last_page(lobby).messages
    assert message.html == p("<em>new</em>")


@pytest.mark.parametrize(
    "body", ["**bold** " * 240, "`x` " * 480, "[a](http://b.example) " * 45, "*é* " * 480]
)
def test_the_writer_reckons_with_the_html(body: str) -> None:
    post = commit.Post(7, "a-1", body)

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
        commit.commit_operation(lobby, commit.Post(alice.pk, f"a-{number}", body))

    page = visitor.get("/rooms/lobby/").content.decode()

    assert p("<strong>bold</strong> &lt;b&gt;") in page
    assert "plain &lt;b&gt; &amp; text" in page
    assert "<b>" not in page
    assert "css/code" in page
    assert page.index("css/message-body") < page.index("css/code")


def test_the_stylesheet_has_every_class() -> None:
    styles = (settings.BASE_DIR / "static" / "css" / "code.css").read_text()

    assert set(re.findall(r"\.([a-z]+)\b", styles)) >= highlighting.CLASSES
