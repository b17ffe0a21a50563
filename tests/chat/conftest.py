"""The people and places of the tests."""

import pytest
from django.test import Client

from chat.models import Member, Room
from chat.services import membership
from chat.sessions import issue


@pytest.fixture
def lobby(db: None) -> Room:
    return Room.objects.get(key="lobby")


@pytest.fixture
def alice(db: None) -> Member:
    """Someone who is here, and wishes nobody ill."""
    return membership.join(name="Alice")


@pytest.fixture
def mallory(db: None) -> Member:
    """Someone who would rather be somebody else."""
    return membership.join(name="Mallory")


def browser_of(member: Member) -> Client:
    client = Client()
    client.cookies["member"] = issue(member)
    return client


@pytest.fixture
def visitor() -> Client:
    """The browser of someone without a name."""
    return Client()


@pytest.fixture
def alices_browser(alice: Member) -> Client:
    return browser_of(alice)
