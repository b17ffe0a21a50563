"""What a message may look like, and what it may never do."""

import json
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from .conftest import Person, Visit

pytestmark = pytest.mark.browser

RENDERED = (
    '<p><strong>bold</strong> and <a href="https://example.org/">a link</a></p>'
    f"<pre><code>{'wide ' * 100}</code></pre><ul><li>one</li></ul>"
)

# What a server that forgot to sanitise might send. Nothing of it may run, load or restyle.
HOSTILE = [
    "<script>window.caught = 1</script>",
    "<img src=x onerror='window.caught = 1'>",
    "<svg onload='window.caught = 1'><script>window.caught = 1</script></svg>",
    "<svg><a href='javascript:window.caught=1'><text>x</text></a></svg>",
    "<math><mtext><style><img src=x onerror='window.caught = 1'></style></mtext></math>",
    "<a href='javascript:window.caught=1'>x</a>",
    "<a href=' java\nscript:window.caught=1'>x</a>",
    "<a href='data:text/html,<script>window.caught=1</script>'>x</a>",
    "<iframe srcdoc='<script>parent.caught = 1</script>'></iframe>",
    "<object data='https://evil.example/'></object><embed src='https://evil.example/'>",
    "<p style='position: fixed; inset: 0' onclick='window.caught = 1' id='composer-body'>x</p>",
    "<link rel=stylesheet href='https://evil.example/'><style>* { display: none }</style>",
    "<form action='https://evil.example/'><input name=x><button>x</button></form>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=//evil.example'>",
    "<video src=x onerror='window.caught = 1'></video><audio src=x autoplay></audio>",
    "<details open ontoggle='window.caught = 1'>x</details>",
    "<template><script>window.caught = 1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.caught=1>'></noscript>",
]

# What Markdown, a template or a script's JSON might make of a text.
TRICKS = [
    "[a](javascript:window.caught=1)",
    "[b](JaVaScRiPt&colon;window.caught=1)",
    "[c](data:text/html;base64,PHNjcmlwdD4=)",
    "[d](vbscript:msgbox)",
    "<javascript:window.caught=1>",
    "![e](https://evil.example/x.png)",
    "[f [g](javascript:window.caught=1)](https://example.org/)",
    "> - `h` [i][1]\n\n[1]: javascript:window.caught=1",
    '[j](https://example.org/"onclick="window.caught=1)',
    "{{ 7 * 7 }} ${window.caught=1} {% debug %} k",
    "l\u2028window.caught=1\u2029",
    "</script><script>window.caught=1</script><!-- m",
    "```</code></pre><img src=x onerror=window.caught=1>\nn\n```",
]

LISTEN = """
window.reports = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
  window.reports.push(`${violatedDirective} ${blockedURI} ${sample}`));
"""


def test_rendered_markdown_is_shown_and_wide_code_scrolls_within_itself(
    alice: Person, bob: Person
) -> None:
    _render(bob, [RENDERED])
    alice.say("source")

    body = bob.page.locator(".message-body.is-rich")
    expect(body.locator("strong")).to_have_text("bold")
    expect(body.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer nofollow ugc")
    assert body.locator("pre").evaluate("pre => pre.scrollWidth > pre.clientWidth")
    assert bob.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert bob.page.locator("message-list").evaluate("list => list.scrollWidth <= list.clientWidth")


def test_even_unsanitised_html_does_nothing(alice: Person, bob: Person) -> None:
    _render(bob, HOSTILE)

    alice.say(*(f"source {number}" for number in range(len(HOSTILE))))
    expect(bob.page.locator(".message-body.is-rich")).to_have_count(len(HOSTILE))
    bob.page.wait_for_timeout(300)

    bodies = bob.page.locator(".message-body")
    strangers = ", ".join(f".message-body {tag}" for tag in _STRANGERS)
    assert bob.page.locator(strangers).count() == 0
    assert bodies.locator("[style], [onclick], [id], [href^='java'], [href^='data']").count() == 0
    assert bob.page.evaluate("window.caught") is None
    # The policy guards the parser too, and says so: the third belt.
    bob.complaints.clear()


def test_a_stored_attack_shows_its_text_and_fires_no_report(
    alice: Person, join: Visit, room: str
) -> None:
    alice.say(*HOSTILE)
    expect(alice.page.locator(".is-pending")).to_have_count(0)

    bob = join("Bob", room)
    bob.page.add_init_script(LISTEN)
    bob.page.reload()
    bob.is_live()

    expect(bob.messages).to_have_count(len(HOSTILE))
    for text in HOSTILE:
        start = text.split("'")[0].split("\n")[0]
        assert start in " ".join(bob.bodies.all_text_contents())
    assert bob.page.evaluate("[window.caught, window.reports]") == [None, []]


def test_no_trick_of_markdown_or_templates_does_more_than_link_to_the_web(
    alice: Person, join: Visit, room: str
) -> None:
    alice.say(*TRICKS)
    expect(alice.page.locator(".is-pending")).to_have_count(0)

    bob = join("</script><img src=x>", room, new=True)
    bob.page.add_init_script(LISTEN)
    bob.page.reload()
    bob.is_live()

    expect(bob.messages).to_have_count(len(TRICKS))
    links = bob.bodies.locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(links) <= {"https:"}
    strangers = ", ".join(f".message-body {tag}" for tag in _STRANGERS)
    assert bob.page.locator(strangers).count() == 0
    assert "{{ 7 * 7 }}" in " ".join(bob.bodies.all_text_contents())
    assert bob.page.evaluate("[window.caught, window.reports]") == [None, []]


def test_a_list_shows_the_numbers_and_the_spaces_that_were_typed(
    alice: Person, bob: Person
) -> None:
    alice.say("*x*   spaced")
    alice.composer.fill("3) yes\n7) no")
    alice.composer.press("Enter")

    numbers = bob.page.locator("li.message ol.parens > li")
    expect(numbers).to_have_count(2)
    assert numbers.evaluate_all("items => items.map(item => item.value)") == [3, 7]
    style = bob.page.locator("li.message ol.parens")
    assert style.evaluate("list => getComputedStyle(list).listStyleType") == "parenthesised"
    assert bob.message("spaced").locator(".message-body").inner_text() == "x   spaced"


def test_each_block_runs_in_the_direction_of_its_own_text(alice: Person, bob: Person) -> None:
    for text in (
        "**שלום** עולם\n\n*hello* world",
        "- مرحبا\n- hello",
        "> سلام *x*",
        "*x*\n```\nمرحبا = 1\n```",  # noqa: RUF001
    ):
        alice.composer.fill(text)
        alice.composer.press("Enter")
    expect(bob.page.locator("li.message pre")).to_be_visible()

    def directions(of: str) -> list[str]:
        found: list[str] = bob.page.locator(f"li.message .message-body {of}").evaluate_all(
            "all => all.map(one => getComputedStyle(one).direction)"
        )
        return found

    assert directions("> p")[:2] == ["rtl", "ltr"]
    assert directions("ul") == ["rtl"]
    assert directions("blockquote") == directions("blockquote p") == ["rtl"]
    assert directions("pre") == ["ltr"]
    assert directions("ul > li")[1] == "rtl"
    # The second item's own words run from the left all the same.
    assert (
        bob.page.locator("li.message ul > li")
        .nth(1)
        .evaluate("item => getComputedStyle(item).unicodeBidi")
        == "plaintext"
    )


def test_a_few_emoji_alone_are_large(alice: Person, bob: Person) -> None:
    alice.say("🎉🎉", "party 🎉")
    expect(bob.bodies).to_have_count(2)

    sizes = bob.bodies.evaluate_all(
        "bodies => bodies.map(body => parseFloat(getComputedStyle(body).fontSize))"
    )
    assert sizes == [32, 15]


_STRANGERS = "script img svg math style iframe object embed link form input button video".split()


def _render(person: Person, rendered: list[str]) -> None:
    """Let the server say these as the `html` of the messages that come, one after the other."""
    waiting = list(rendered)

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: socket.send(json.dumps(dress(json.loads(text)))))

    def dress(frame: dict[str, Any]) -> dict[str, Any]:
        if frame["type"] == "room.changes":
            for message in frame["messages"]:
                message["html"] = waiting.pop(0)
        return frame

    person.page.add_init_script(LISTEN)
    person.page.route_web_socket("**/ws/", connect)
    person.page.reload()
    person.is_live()
