"""Thousands of bodies of `make fuzz-rendering`, on every run; and what would be found."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from chat.messages import markup

from .bodies import MESSAGE_MAX, SHAPES, body
from .rendering import faults, judge

pytestmark = pytest.mark.once


@pytest.mark.parametrize("seed", [1, 2])
def test_no_body_fails_or_takes_long_or_comes_out_as_anything_else(seed: int) -> None:
    verdict = judge(2_000, seed)

    assert verdict.ok, str(verdict)
    # Neither all plain nor all too much.
    assert 600 < verdict.rendered < 1_900, str(verdict)


def test_a_seed_makes_the_same_bodies_again_and_none_is_too_long() -> None:
    bodies = [body(7, number) for number in range(500)]

    assert bodies == [body(7, number) for number in range(500)]
    assert bodies != [body(8, number) for number in range(500)]
    assert len(set(bodies)) > 450
    assert max(map(len, bodies)) == MESSAGE_MAX
    assert len(SHAPES) > 4


@pytest.mark.parametrize(
    "html",
    ["<p>", "</p>", "<p><em></p></em>", "<script></script>", '<p class="x"></p>', "a < b", "&x;",
     '<a href="javascript:x">x</a>', '<li value="x"></li>', "<p dir=auto></p>", "<!-- -->"],
)  # fmt: skip
def test_the_judge_would_notice(html: str) -> None:
    assert list(faults(html))


def test_a_text_becomes_the_same_html_in_every_thread_and_process() -> None:
    texts = [body(3, number) for number in range(300)]
    alone = list(map(_html, texts))

    with ThreadPoolExecutor(8) as executors:
        beside_others = list(executors.map(_html, texts * 4))

    assert beside_others == alone * 4
    script = (
        "import django; django.setup();"
        "from tests.fuzz.bodies import body; from chat.messages.markup import render;"
        "print(repr([render(body(3, number)) for number in range(300)]))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONHASHSEED": "7", "DJANGO_SETTINGS_MODULE": "chatroom.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.strip() == repr(alone)


def _html(text: str) -> str | None:
    """Not from memory."""
    markup.clear_cache()
    return markup.render(text)
