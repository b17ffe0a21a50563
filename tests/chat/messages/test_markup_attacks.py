"""Markup: whatever is said, nothing but our own elements ever comes out."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from chat.messages import markup

from .rendered import Reading, read

pytestmark = pytest.mark.once

TAGS = set("a blockquote br code em li ol p pre s span strong ul".split())
CLASSES = set("c gd gh gi k m nt s".split())
REL = "noopener noreferrer nofollow ugc"

SCHEMES = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
    "java\nscript:alert(1)", "\x01javascript:alert(1)", "javascript&#58;alert(1)",
    "javascript&colon;alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript&#x3A;alert(1)",
    "java&Tab;script:alert(1)", "java&NewLine;script:alert(1)", "javascript%3Aalert(1)",
    "%6Aavascript:alert(1)", "javascript://https://a.example/%0Aalert(1)", "\\javascript:alert(1)",
    "javascript\\:alert(1)", "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>", "DATA:text/html,x", "vbscript:msgbox(1)",
    "VbScRiPt:msgbox(1)", "file:///etc/passwd", "blob:https://a.example/x", "about:blank",
    "view-source:https://a.example/", "filesystem:https://a.example/x", "jar:https://a.example!/x",
    "//evil.example/", "\\\\evil.example\\x", "/\\evil.example", "https:evil", "http:/evil",
    "feed:javascript:alert(1)", "\u2028javascript:alert(1)", "\ufeffjavascript:alert(1)",
    "\uff4aavascript:alert(1)", "jav\u0000ascript:alert(1)", "java\u00adscript:alert(1)",
]  # fmt: skip

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<script>alert(1)//",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror='alert(1)'>",
    "<img src=`x`onerror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert&#40;1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src onerror=x&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<p id='</p><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<title><img title='</title><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<select><template><img src=x onerror=alert(1)></template></select>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)><embed src=javascript:alert(1)>",
    "<body onload=alert(1)><html onclick=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<input autofocus onfocus=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a target=_blank href=https://evil.example>x</a>",
    "<base href=//evil.example/><meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<link rel=stylesheet href=//evil.example/x.css><style>*{display:none}</style>",
    "<p style='position:fixed;inset:0' class=button id=boot>x</p>",
    "<form action=//evil.example/><input name=x><button>x</button></form>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "</p></div></li></ol><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"]}</script><script>alert(1)</script>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "\u2028<script>alert(1)</script>\u2029",
    "\u202e>tpircs/<)1(trela>tpircs<",
    "<\u0000script>alert(1)</script>",
    "{{ request.user }} {% debug %} {{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "{{constructor.constructor('alert(1)')()}}",
    "__proto__ constructor __defineGetter__",
    '[x](https://a.example/"onmouseover=alert(1))',
    '[x](<https://a.example/"onmouseover=alert(1) >)',
    "[x](https://a.example/ \"'onmouseenter=x()'\")",
    "[x](https://a.example/'><img src=x onerror=alert(1)>)",
    "[<img src=x onerror=alert(1)>](https://a.example/)",
    "[x](https://a.example/)<script>alert(1)</script>",
    '![x](https://a.example/"onerror=alert(1))',
    '![x"onerror=alert(1)](https://a.example/)',
    "![<script>alert(1)</script>](javascript:alert(1))",
    '[a](javascript:alert(1) "[b](https://a.example)")',
    "[[a](javascript:alert(1))](https://a.example)",
    "[![a](javascript:alert(1))](javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x] [x][x]",
    "[x]: <javascript:alert(1)> 'title'\n[x][]",
    "**<img src=x onerror=alert(1)>**",
    "*<svg/onload=alert(1)>*",
    "`<script>alert(1)</script>`",
    "`` `<img src=x onerror=alert(1)>` ``",
    'https://a.example/"onmouseover="alert(1)',
    "https://a.example/<script>alert(1)</script>",
    "https://a.example/'onmouseover='alert(1)",
    "https://javascript:alert(1)@a.example/",
    "http://[::1]/<script>alert(1)</script>",
    '<https://a.example/"onmouseover=alert(1)>',
    "<javascript:alert(1)>",
    "<JAVASCRIPT:alert(document.domain)>",
    "<data:text/html,alert(1)>",
    "**a<b onclick=alert(1)**>x",
    "~~</s><script>alert(1)</script>~~",
    ":tada:<script>alert(1)</script>:tada:",
    "@<script>alert(1)</script>",
    "a\\<script>alert(1)\\</script>",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "```python\n'''</span></code></pre><img src=x onerror=alert(1)>'''\n```",
    '```"onmouseover=alert(1)\nonmouseover alert 1\n```',
    *(f"[click]({address})" for address in SCHEMES),
    *(f"![click]({address})" for address in SCHEMES),
    *(f"[click](<{address}>)" for address in SCHEMES),
    *(f"<{address}>" for address in SCHEMES),
]

PLACES = [
    "{}",
    "*x* {}",
    "{} *x*",
    "> {}",
    "- {}\n- x",
    "**{}**",
    "*x*\n{}",
    "[{}](https://b.example)",
]


def assert_harmless(html: str) -> Reading:
    """Only known elements, only known attributes, only addresses on the web or of mail."""
    seen = read(html)
    assert seen.others == []
    for tag, attributes in seen.tags:
        assert tag in TAGS
        if tag == "a":
            assert set(attributes) - {"href"} == {"rel"}
            assert attributes["rel"] == REL
            href = attributes.get("href", "https:") or ""
            assert urlsplit(href).scheme in {"http", "https", "mailto"}
        elif tag == "span":
            assert set(attributes) == {"class"}
            assert attributes["class"] in CLASSES
        elif tag == "ol":
            assert re.fullmatch(r"\d{1,9}", attributes.get("start") or "1")
            assert attributes.get("class") in {None, "parens"}
            assert set(attributes) <= {"start", "class", "dir"}
            assert attributes.get("dir", "auto") == "auto"
        elif tag == "li":
            assert re.fullmatch(r"\d{1,9}", attributes.get("value") or "1")
            assert set(attributes) <= {"value"}
        elif tag in {"p", "ul", "blockquote"}:
            assert attributes in ({}, {"dir": "auto"})
        elif tag == "pre":
            assert attributes in ({}, {"dir": "ltr"})
        else:
            assert attributes == {}
    # Every "<" opens or closes one of them, whatever a parser thinks of the rest.
    assert all(re.match(r"/?[a-z]+[ >]", rest) for rest in html.split("<")[1:])
    return seen


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_shows_its_text_and_is_nothing_else(attack: str, place: str) -> None:
    body = place.replace("{}", attack)

    seen = assert_harmless(markup.render(body) or escape(body))

    if attack.startswith("![x](https:") and "[{}]" in place:
        return  # A picture in a link: its own address is left out.
    shown = " ".join([seen.text, *(unquote(tag[1].get("href") or "") for tag in seen.tags)])
    for word in re.findall(r"alert|onerror|onmouseover|onload|msgbox|tpircs|x\.js", attack):
        assert word in shown


def test_the_attacks_are_many_and_some_are_rendered() -> None:
    assert len(set(ATTACKS)) >= 60
    rendered = [attack for attack in ATTACKS if markup.render(attack)]
    assert len(rendered) > 20
    assert all(
        markup.render(f"*x* {attack}")
        for attack in ATTACKS
        if not attack.startswith(("```", "[x]:"))
    )


def test_the_test_would_notice() -> None:
    for html in (
        "<script>",
        "<p onclick=x>",
        f'<a href="javascript:x" rel="{REL}">',
        '<a href="https://a.example">',
        "<!-- -->",
        '<span class="button">',
        "a < b",
    ):
        with pytest.raises(AssertionError):
            assert_harmless(html)


def test_the_sanitizer_alone_would_do() -> None:
    for attack in ATTACKS:
        assert_harmless(markup._sanitizer.clean(f"<p><a href='{attack}'>x</a>{attack}</p>"))


PIECES = st.sampled_from(
    [*"*_~`[]()<>!:\\\"'&#-+.\n\t /@", "```", "~~", "http://", "javascript:", "a", "é", "1. ", "> "]
)
TEXTS = st.text() | st.lists(PIECES | st.text(max_size=3), max_size=60).map("".join)


@given(TEXTS | TEXTS.map(lambda text: f"```python\n{text}"))
def test_whatever_is_said_nothing_else_comes_out(body: str) -> None:
    html = markup.render(body)

    if html is not None:
        seen = assert_harmless(html)
        assert seen.tags
        assert markup._sanitizer.clean(html) == html


@given(TEXTS)
def test_no_letter_is_lost(body: str) -> None:
    html = markup.render(f"*x* {body}")

    if html is not None and ":" not in body and "`" not in body and "~~~" not in body:
        hrefs = [unquote(tag[1].get("href") or "") for tag in read(html).tags]
        shown = read(html).text + "".join(hrefs)
        assert {c for c in body if c.isalpha()} <= set(shown)
