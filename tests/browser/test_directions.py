"""What people write from right to left reads from right to left, wherever the page shows it."""

import pytest
from playwright.sync_api import Locator, expect

from tests.clients import Node

from .conftest import Person, Visit

pytestmark = pytest.mark.browser

RIGHT_TO_LEFT = {
    "Persian": "سلام، حال شما چطور است؟",
    "Urdu": "یہ ایک پیغام ہے، شکریہ!",
    "Hebrew": "מה שלומכם היום?",
    "Hebrew with code": "תריץ `make run` ותראה.",
    "a list": "- ראשון\n- שני",
}


def is_rtl(locator: Locator) -> bool:
    return bool(locator.evaluate("element => element.matches(':dir(rtl)')"))


@pytest.mark.parametrize("text", RIGHT_TO_LEFT.values(), ids=RIGHT_TO_LEFT.keys())
def test_a_message_its_quote_and_its_draft_have_its_direction(
    alice: Person, bob: Person, text: str
) -> None:
    bob.composer.fill(text)
    assert is_rtl(bob.composer)
    bob.composer.press("Enter")
    expect(alice.messages).to_have_count(1)

    alice.choose(alice.bodies.inner_text()[:3], "Reply")
    assert is_rtl(alice.page.locator(".composer-subject"))
    alice.has_said("An answer in English")

    for person in (alice, bob):
        quote = person.message("An answer").locator(".message-quote-text")
        # Rendered text has its blocks, each with a direction of its own.
        block = person.messages.first.locator(".message-body").locator("p, li").first
        text_block = block if block.count() else person.bodies.first
        assert is_rtl(text_block)
        assert is_rtl(quote)
        assert not is_rtl(person.bodies.last)
        body = text_block.bounding_box()
        row = person.messages.first.bounding_box()
        assert body is not None
        assert row is not None
        # It begins at the right of the line.
        assert body["x"] + body["width"] > row["x"] + row["width"] / 2


def test_the_server_writes_it_so_for_a_page_without_javascript(
    alice: Person, visit: Visit, room: str
) -> None:
    alice.has_said("مرحبا بكم جميعا.", "In English.")

    reader = visit("Reader", room, java_script_enabled=False)

    directions = reader.bodies.evaluate_all(
        "bodies => bodies.map(body => getComputedStyle(body).direction)"
    )
    assert directions == ["rtl", "ltr"]


def test_fields_for_names_and_reasons_take_the_direction_of_what_is_typed(
    visit: Visit, alice: Person, bob: Person, room: str
) -> None:
    visitor = visit("Visitor", room)
    visitor.page.get_by_label("Your name").fill("نرگس")
    assert is_rtl(visitor.page.get_by_label("Your name"))

    bob.has_said("Buy now")
    alice.choose("Buy now", "Report…")
    reason = alice.page.get_by_label("What is wrong with it?")
    reason.fill("פרסומת")
    assert is_rtl(reason)


def test_a_name_does_not_turn_the_sentence_around_it(node: Node, join: Visit, room: str) -> None:
    alice = join("Alice", room)
    noam = join("נועם", room, new=True)

    noam.composer.press_sequentially("…")

    typing = alice.page.locator(".typing")
    expect(typing).to_have_text(f"{noam.name} is typing…")
    assert not is_rtl(typing)
    assert is_rtl(typing.locator("bdi"))
    assert is_rtl(alice.page.locator(".person-name", has_text=noam.name))
