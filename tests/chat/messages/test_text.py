"""What can be said at all: texts and reactions that a reader would see."""

import json
import shutil
import subprocess
from time import process_time

import pytest
from django.conf import settings
from django.test import Client
from emoji import EMOJI_DATA

from chat.accounts.names import clean_name
from chat.emoji import is_emoji
from chat.errors import InvalidText, NameRefused
from chat.messages.text import check_body, check_emoji, is_visible

# By name, since nobody could read them here.
UNSEEN = {
    "spaces": " \t\n\u00a0\u3000\u2028",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "direction": "\u200e\u200f\u202e\u2066\u2069\u061c",
    "Hangul fillers": "\u3164\u115f\u1160\uffa0",
    "empty Braille": "\u2800 \u2800",
    "variations": "\ufe0f\ufe00\U000e0100",
    "tags": "\U000e0041\U000e007f",
    "soft hyphen": "\u00ad\u034f",
    "null note": "\U0001d159",
    "shorthand": "\U0001bca0\U0001bca3",
    "Mongolian": "\u180e\u180b",
    "object": "\ufffc",
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_a_message_that_shows_nothing_is_refused_and_says_so(text: str) -> None:
    with pytest.raises(InvalidText, match=r"needs some text|nothing that can be seen"):
        check_body(text)


@pytest.mark.parametrize(
    "text", ["👍", ".", "\u200bא", "ก", "\ufffd", "क्\u200dष", "①", "⠁", "\u0301"]
)
def test_whatever_shows_anything_may_be_said(text: str) -> None:
    check_body(text)
    assert is_visible(text)


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_a_name_that_shows_nothing_is_refused(text: str) -> None:
    with pytest.raises(NameRefused):
        clean_name(text)


@pytest.mark.parametrize(
    "text", [*UNSEEN.values(), "", "a", "12", "\uff11\uff12", "→", "°", "漢", "👍 👍", "👍a"]
)
def test_a_reaction_is_an_emoji_that_can_be_seen(text: str) -> None:
    with pytest.raises(InvalidText):
        check_emoji(text)


def test_every_emoji_there_is_may_be_a_reaction() -> None:
    assert [emoji for emoji in EMOJI_DATA if not is_emoji(emoji)] == []


def test_an_emoji_of_next_year_is_one_today() -> None:
    assert is_emoji("\U0001fae9\U0001facf")  # reserved for pictures


@pytest.mark.django_db
def test_whatever_the_picker_finds_may_be_a_reaction(visitor: Client) -> None:
    found = json.loads(visitor.get("/emoji.json").content)

    assert len(found) > 1_500
    assert [emoji for emoji, *_ in found if not is_emoji(emoji)] == []


def test_what_is_nearly_emoji_takes_no_time_to_refuse() -> None:
    started = process_time()
    for piece in ("\U0001f3fb", "👍\U0001f3fb", "👍\u200d", "🇳", "1\ufe0f\u20e3"):
        is_emoji((piece * 4_000)[:4_000] + "x")

    assert process_time() - started < 0.2


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node")
@pytest.mark.once
def test_the_pickers_field_takes_the_emoji_that_the_server_takes() -> None:
    """The same rule in both languages: asked of every character there is, and every sequence."""
    texts = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    texts += [*EMOJI_DATA, *UNSEEN.values(), "👍👍", "👍🏽🎉", "🇳", "🇳🇱🇳🇱", "1\u20e3", "👍\u200d"]
    script = (
        'import { isEmoji } from "./static/js/helpers/emoji.js";'
        'import { readFileSync } from "node:fs";'
        'const texts = JSON.parse(readFileSync(0, "utf8"));'
        "process.stdout.write(JSON.stringify(texts.map(isEmoji)));"
    )

    answer = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        cwd=settings.BASE_DIR,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )

    taken = json.loads(answer.stdout)
    assert [text for text, there in zip(texts, taken, strict=True) if there != is_emoji(text)] == []
