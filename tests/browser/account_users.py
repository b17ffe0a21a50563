"""People at browsers who keep their names, and what holds their passkeys."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests import clients
from tests.clients import Node

from .conftest import Person, Visit

SIZES = [(1280, 800), (390, 844)]


@pytest.fixture(scope="module")
def local_node(django_db_setup: None, bundled_page: dict[str, str]) -> Iterator[Node]:
    yield from start_local_node(**bundled_page)


def start_local_node(**environment: str) -> Iterator[Node]:
    """A node that is called by a name: no passkey belongs to a bare address."""
    with clients.deployment() as place:
        node = place.node(RATE_LIMITS="off", **environment)
        node.environment["SITE_ORIGINS"] = f"http://localhost:{node.port}"
        with node:
            yield node


@pytest.fixture
def address(local_node: Node) -> str:
    return f"http://localhost:{local_node.port}/rooms/{next(local_node.rooms)}/"


class Phone:
    """What holds the passkeys of a browser, and answers for its user."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    @property
    def passkeys(self) -> list[dict[str, Any]]:
        said = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        found: list[dict[str, Any]] = said["credentials"]
        return found

    def take(self, passkeys: list[dict[str, Any]]) -> None:
        for passkey in passkeys:
            value = {"authenticatorId": self.id, "credential": passkey}
            self.session.send("WebAuthn.addCredential", value)


def join(visit: Visit, address: str, name: str = "Greta", **options: Any) -> Person:
    person = visit(name, address, **options)
    person.page.get_by_label("Your name").fill(person.name)
    person.page.get_by_label("Your name").press("Enter")
    expect(person.composer).to_be_visible()
    person.is_live()
    return person


def keep_name(person: Person) -> list[str]:
    """From the account menu; the recovery codes."""
    person.choose_of_account("Keep this name")
    codes = person.page.locator("#keep-name .recovery-codes li")
    expect(codes).to_have_count(10)
    texts = codes.all_inner_texts()
    person.page.get_by_role("button", name="I saved them").click()
    expect(person.page.locator("#keep-name")).to_be_hidden()
    expect(person.composer).to_be_visible()
    person.is_live()
    return texts
