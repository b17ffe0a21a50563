"""The page as the image serves it: its modules in one file, its style sheets in another."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lab.kit import bundle
from tests.browser.test_weight import MOST, first_visit
from tests.clients import Node

pytestmark = pytest.mark.browser

MOST_FILES = 15


@pytest.fixture(scope="module")
def bundled(node: Node) -> Node:
    if not bundle.can_bundle():
        pytest.skip(bundle.HOW_TO_GET_ONE)
    return node


def test_two_people_join_and_talk(browser: Browser, bundled: Node) -> None:
    complaints: list[str] = []
    pages = []
    for name in ("Ada", "Ben"):
        page = browser.new_context().new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(bundled.origin)
        page.get_by_label("Your name").fill(name)
        page.keyboard.press("Enter")
        page.locator("[data-phase=live]").wait_for()
        pages.append(page)
    ada, ben = pages

    ada.get_by_role("textbox", name="Message to").fill("In **one** piece?")
    ada.keyboard.press("Enter")
    expect(ben.locator(".message-body", has_text="In one piece?")).to_be_visible()
    ben.get_by_role("textbox", name="Message to").fill("In one piece.")
    ben.keyboard.press("Enter")
    expect(ada.locator(".message-body", has_text="In one piece.")).to_be_visible()

    assert complaints == []
    for page in pages:
        page.context.close()


def test_the_first_visit_is_few_files_and_light(browser: Browser, bundled: Node) -> None:
    visit = first_visit(browser, bundled)

    assert visit.files <= MOST_FILES
    assert visit.size <= MOST
    scripts = {name.split(".")[0] for name in visit.names if name.endswith(".js")}
    assert scripts == {"js/theme", "js/startup", "dist/app"}
    assert sum(name.endswith(".css") for name in visit.names) == 1


def test_a_bundle_is_kept_for_ever_and_names_no_source(browser: Browser, bundled: Node) -> None:
    folder = Path(bundled.environment["BUNDLE_FOLDER"])
    for file in (folder / "collected" / "dist").glob("*.*.*s"):
        answer = browser.new_context().request.get(f"{bundled.origin}/static/dist/{file.name}")

        assert "immutable" in answer.headers["cache-control"]
        assert "sourceMappingURL" not in answer.text()
