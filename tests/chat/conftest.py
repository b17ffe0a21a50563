"""The people and places of the tests."""

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.accounts.sessions import issue
from chat.moderation import admission
from chat.rooms.models import Room


@pytest.fixture
def lobby(db: None) -> Room:
    return Room.objects.get(key="lobby")


@pytest.fixture
def alice(db: None) -> Member:
    """Someone who is here, and wishes nobody ill."""
    return admission.join(name="Alice")


@pytest.fixture
def mallory(db: None) -> Member:
    """Someone who would rather be somebody else."""
    return admission.join(name="Mallory")


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
