"""The button of single sign-on, with a real provider, by keyboard, wide and narrow."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from lab.kit import servers
from tests import clients
from tests.clients import Node
from tests.sso import provider as real
from tests.sso.provider import Provider

from .account_users import SIZES, Phone, join, start_local_node
from .conftest import Person, Visit
from .test_accessibility import violations
from .user_actions import Keyboard

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running_provider() -> Iterator[Provider]:
    with real.running() as provider:
        yield provider


@pytest.fixture(scope="module")
def sso_node(django_db_setup: None, running_provider: Provider) -> Iterator[Node]:
    yield from start_local_node(
        SSO_ISSUER=running_provider.issuer,
        SSO_CLIENT_ID=real.CLIENT_ID,
        SSO_CLIENT_SECRET=real.CLIENT_SECRET,
        SSO_NAME="Example",
    )


@pytest.fixture
def site(sso_node: Node) -> str:
    return f"http://localhost:{sso_node.port}"


@pytest.fixture
def provider(running_provider: Provider, site: str) -> Provider:
    running_provider.tell(reset=True, redirects=[f"{site}/sign-in/sso/callback/"])
    return running_provider


@pytest.fixture
def as_it_was(sso_node: Node, site: str) -> Iterator[None]:
    """Anyone comes in again afterwards, and the node knows."""
    yield
    sso_node.manage("site", "set", "who_may_come_in", "anyone")
    while "Your name" not in urlopen(site).read().decode():  # noqa: S310 - our own node
        time.sleep(0.05)


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}px")
def size(request: pytest.FixtureRequest) -> dict[str, dict[str, int]]:
    width, height = request.param
    return {"viewport": {"width": width, "height": height}}


def arrive(visit: Visit, address: str, size: dict[str, dict[str, int]]) -> Person:
    person = visit("Greta", "about:blank", **size)
    leave_fonts_out(person.page)
    person.page.goto(address)
    return person


def join_by_name(visit: Visit, site: str, size: dict[str, Any]) -> Person:
    person = join(visit, f"{site}/rooms/lobby/", **size)
    leave_fonts_out(person.page)
    return person


def leave_fonts_out(page: Page) -> None:
    """The provider's own pages want a font from elsewhere."""
    page.route("https://fonts.googleapis.com/**", lambda route: route.fulfill(body=""))


def keep_by_passkey(person: Person) -> None:
    Phone(person.page)
    person.choose_of_account("Keep this name")
    person.page.get_by_role("button", name="Use a passkey").click()
    expect(person.page.locator("#keep-name .recovery-codes li")).to_have_count(10)
    person.page.get_by_role("button", name="I saved them").click()
    person.is_live()


def sign_in_there(page: Page, name: str) -> None:
    """On the provider's page, by keyboard."""
    expect(page.get_by_placeholder("Enter any login")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type("any")
    page.keyboard.press("Enter")


def test_someone_new_comes_in_by_keyboard_alone(
    visit: Visit, site: str, provider: Provider, size: dict[str, dict[str, int]]
) -> None:
    greta = arrive(visit, f"{site}/", size)
    login = greta.name.replace(" ", "-")
    provider.knows(login, name=greta.name)
    assert violations(greta.page) == []

    Keyboard(greta.page).press(greta.page.get_by_role("link", name="Sign in with Example"))
    sign_in_there(greta.page, login)

    expect(greta.page.locator(".me-name")).to_have_text(greta.name)
    greta.is_live()
    expect(greta.composer).to_be_focused()


def test_a_guest_keeps_the_name_by_keyboard_alone(
    visit: Visit, site: str, provider: Provider, size: dict[str, dict[str, int]]
) -> None:
    greta = join_by_name(visit, site, size)
    greta.has_said(f"before, {greta.name}")
    author = greta.message(f"before, {greta.name}").locator(".message-author")
    before = author.get_attribute("data-member")
    greta.composer.fill("half a sentence")

    greta.open_account()
    greta.page.get_by_role("button", name="Keep this name").press("Enter")
    choice = greta.page.get_by_role("button", name="Sign in with Example")
    expect(choice).to_be_focused()
    assert violations(greta.page) == []
    greta.page.keyboard.press("Enter")
    sign_in_there(greta.page, greta.name.replace(" ", "-"))

    heading = greta.page.get_by_role("heading", name=f"The name “{greta.name}” is yours")
    expect(heading).to_be_visible()
    assert violations(greta.page) == []
    expect(greta.page.get_by_role("link", name="Go on")).to_be_focused()
    greta.page.keyboard.press("Enter")
    greta.is_live()
    expect(greta.composer).to_have_value("half a sentence")
    greta.composer.fill("")
    greta.has_said(f"after, {greta.name}")
    written = greta.page.locator(f".message [data-member='{before}']")
    assert written.first.get_attribute("data-member") == before


def test_a_passkey_is_still_to_be_had_where_there_is_single_sign_on(
    visit: Visit, site: str, provider: Provider
) -> None:
    greta = join(visit, f"{site}/rooms/lobby/")

    keep_by_passkey(greta)


def test_who_is_somebody_here_is_asked_who_to_be(
    visit: Visit, site: str, provider: Provider, size: dict[str, dict[str, int]]
) -> None:
    greta = join_by_name(visit, site, size)

    greta.page.goto(f"{site}/sign-in/?next=/rooms/lobby/")
    assert violations(greta.page) == []
    greta.page.get_by_role("link", name="Sign in with Example").press("Enter")
    sign_in_there(greta.page, f"asked-{greta.name.replace(' ', '-')}")

    keep = greta.page.get_by_role("button", name=f"Keep the name “{greta.name}”")
    expect(keep).to_be_focused()
    assert violations(greta.page) == []
    greta.page.keyboard.press("Enter")
    expect(greta.page.get_by_role("link", name="Go on")).to_be_focused()


def test_an_account_connects_the_provider_and_disconnects_it(
    visit: Visit, site: str, provider: Provider
) -> None:
    greta = join_by_name(visit, site, {})
    keep_by_passkey(greta)

    greta.choose_of_account("Your account…")
    greta.page.get_by_role("button", name="Connect", exact=True).click()
    sign_in_there(greta.page, f"connects-{greta.name.replace(' ', '-')}")
    expect(greta.page.get_by_role("heading", name="Example is connected")).to_be_visible()
    greta.page.get_by_role("link", name="Go on").click()
    greta.choose_of_account("Your account…")
    expect(greta.page.locator(".sso-state")).to_have_text("It signs you in to this account.")
    assert violations(greta.page) == []
    greta.page.get_by_role("button", name="Disconnect").click()

    expect(greta.page.locator(".account-status")).to_have_text("It does not sign you in any more.")
    expect(greta.page.get_by_role("button", name="Connect", exact=True)).to_be_focused()


def test_a_provider_that_is_away_is_said_with_the_other_ways(
    visit: Visit, size: dict[str, dict[str, int]]
) -> None:
    with clients.deployment() as place:
        nobody = f"http://localhost:{servers.free_port()}"
        node = place.node(
            RATE_LIMITS="off", SSO_ISSUER=nobody, SSO_CLIENT_ID=real.CLIENT_ID, SSO_NAME="Example"
        )
        with node:
            greta = arrive(visit, f"{node.origin}/", size)
            Keyboard(greta.page).press(greta.page.get_by_role("link", name="Sign in with Example"))

            expect(greta.page.get_by_role("alert")).to_contain_text("Example does not answer")
            assert violations(greta.page) == []
            greta.forgive("503")
            Keyboard(greta.page).press(greta.page.get_by_role("link", name="Sign in another way"))
            expect(greta.page.get_by_role("link", name="Use a recovery code")).to_be_visible()
            greta.page.close()


def test_who_has_a_passkey_is_told_to_connect_when_it_becomes_the_only_way(
    visit: Visit,
    site: str,
    provider: Provider,
    sso_node: Node,
    size: dict[str, dict[str, int]],
    as_it_was: None,
) -> None:
    greta = join_by_name(visit, site, size)
    keep_by_passkey(greta)
    notice = greta.page.get_by_role("region", name="About this site")

    sso_node.manage("site", "set", "who_may_come_in", "sso")

    expect(notice).to_contain_text("Connect it to your account")
    expect(notice.get_by_role("button", name="Keep this name")).to_be_hidden()
    assert violations(greta.page) == []
    notice.get_by_role("button", name="Your account…").press("Enter")
    connect = greta.page.get_by_role("button", name="Connect", exact=True)
    connect.press("Enter")
    sign_in_there(greta.page, greta.name.replace(" ", "-"))
    greta.page.get_by_role("link", name="Go on").press("Enter")
    greta.is_live()

    # It has asked, and there is nothing more to say.
    with greta.page.expect_response("**/account/"):
        greta.page.reload()
    greta.is_live()
    expect(notice).to_be_hidden()


def test_a_guest_is_told_to_keep_the_name_by_it_when_it_becomes_the_only_way(
    visit: Visit, site: str, provider: Provider, sso_node: Node, as_it_was: None
) -> None:
    gus = join(visit, f"{site}/rooms/lobby/")
    notice = gus.page.get_by_role("region", name="About this site")

    sso_node.manage("site", "set", "who_may_come_in", "sso")

    expect(notice).to_contain_text("Keep this name with it, so that you can come in again.")
    expect(notice.get_by_role("button", name="Your account…")).to_be_hidden()
    notice.get_by_role("button", name="Keep this name").click()
    expect(gus.page.get_by_role("button", name="Sign in with Example")).to_be_visible()
