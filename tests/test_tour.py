"""The tour and the other chapters of docs/learn lead to the lines that they name."""

import pytest

from lab.kit.code_lines import ROOT

from . import tour_links
from .tour_links import TOUR, Link, chapters, right

pytestmark = pytest.mark.once

TEXT = TOUR.read_text("utf-8")
LINKS = tour_links.links(TEXT)
ALL_LINKS = [link for path in chapters() for link in tour_links.links(path.read_text("utf-8"))]


@pytest.mark.parametrize("link", ALL_LINKS, ids=lambda link: link.symbol)
def test_a_link_of_a_chapter_leads_to_the_line_that_defines_its_symbol(link: Link) -> None:
    there = right(link)

    assert there is not None, f"Nothing is called `{link.symbol}`: name what has taken its place."
    assert there == link, f"It should be {there}. `make docs` writes it."


def test_the_way_of_a_message_has_eight_steps_and_eleven_walks_follow() -> None:
    way, walks = TEXT.split("## Eleven walks")

    assert [line[0] for line in way.splitlines() if line[:1].isdigit()] == list("12345678")
    assert len([line for line in walks.splitlines() if line.startswith("| **")]) == 11
    assert TEXT.count("#L") == len(LINKS), "Each link to a line names a symbol: [`Symbol`](…#L1)."


@pytest.mark.parametrize(
    ("symbol", "path"),
    [
        ("RoomWriter.submit", "chat/realtime/writer.py"),
        ("commit_batch", "chat/messages/commit.py"),
        ("Outbox.add", "static/js/models/outbox.js"),
    ],
)
def test_a_link_that_code_has_moved_away_from_is_put_right(symbol: str, path: str) -> None:
    stale = f"See [`{symbol}`](../../{path.replace('chat/', 'chat/old/')}#L99999)."

    [link] = tour_links.links(tour_links.rewritten(stale))
    line = (ROOT / path).read_text("utf-8").splitlines()[link.line - 1]

    assert (link.symbol, link.path) == (symbol, path)
    assert symbol.split(".")[-1] in line


def test_a_symbol_that_is_nowhere_is_named() -> None:
    assert right(Link("NoSuchThing.at_all", "chat/realtime/writer.py", 1)) is None
