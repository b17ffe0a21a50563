"""A page of which a module does not load says so, and its form still takes words."""

import pytest
from playwright.sync_api import Page, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from . import by_files
from .conftest import Person, Visit

pytestmark = pytest.mark.browser

node, regulars = by_files.node, by_files.regulars


def _fail(page: Page, module: str, how: str) -> None:
    def answer(route: Route) -> None:
        if how == "absent":
            route.fulfill(status=404, body="Not here")
        elif how == "unreachable":
            route.abort()
        elif how == "broken":
            route.fulfill(content_type="text/javascript", body="export const = 1;")
        else:
            route.fulfill(content_type="text/javascript", body='throw new Error("at once");')

    page.route(f"**/{module}*.js", answer)


@pytest.mark.parametrize(
    ("module", "how"),
    [
        ("js/app", "absent"),
        ("js/models/timeline", "unreachable"),
        ("js/helpers/dom", "broken"),
        ("js/protocol", "throws"),
        ("js/elements/message-menu", "absent"),
    ],
)
def test_a_page_whose_modules_do_not_load_says_so_and_still_takes_words(
    join: Visit, room: str, bob: Person, module: str, how: str
) -> None:
    alice = join("Alice", room, new=True)
    _fail(alice.page, module, how)
    alice.page.reload()
    notice = alice.page.get_by_role("alert").filter(has_text="did not load")
    expect(notice).to_be_visible()
    alice.composer.fill("by the form")
    with alice.page.expect_navigation():
        alice.page.get_by_role("button", name="Send").click()
    expect(bob.bodies).to_have_text(["by the form"])
    expect(notice).to_be_visible()

    alice.page.unroute_all()
    notice.get_by_role("link", name="Reload").click()

    alice.is_live()
    expect(notice).to_be_hidden()
    # What the browser said of the module is not ours.
    alice.complaints.clear()


def test_a_page_that_starts_never_says_that_it_did_not(alice: Person) -> None:
    expect(alice.page.locator(".startup-failed")).to_be_hidden()


def _come_without_scripts(person: Person, room: str) -> list[Route]:
    """From another page of ours. The scripts run when the routes are continued."""
    held: list[Route] = []
    person.page.route("**/js/app*.js", lambda route: held.append(route))
    person.page.goto(room, referer=room, wait_until="commit")
    return held


def test_what_needs_scripts_takes_no_click_before_they_run(alice: Person, room: str) -> None:
    held = _come_without_scripts(alice, room)
    new_room = alice.page.get_by_role("button", name="New room")
    expect(new_room).to_be_visible()

    with pytest.raises(PlaywrightTimeout):
        new_room.click(timeout=500)
    for route in held:
        route.continue_()
    new_room.click()

    expect(alice.page.get_by_role("dialog", name="New room")).to_be_visible()


def test_a_menu_that_is_open_before_the_scripts_run_stays_open(alice: Person, room: str) -> None:
    held = _come_without_scripts(alice, room)
    alice.page.locator(".account > summary").click()

    for route in held:
        route.continue_()
    alice.is_live()

    alice.page.get_by_role("button", name="Your profile…").click()
    expect(alice.page.get_by_role("dialog", name="Your profile")).to_be_visible()
