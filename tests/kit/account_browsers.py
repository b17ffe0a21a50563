"""Browsers of guests and of people with accounts, against the server's own views."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.accounts.sessions import issue, read
from chat.moderation import admission
from chat.realtime.rate_limits import LIMITS
from tests.authenticator import Authenticator


def browser() -> Client:
    LIMITS.forget_all()
    return Client(SERVER_NAME="localhost", SERVER_PORT="8000", HTTP_USER_AGENT="Firefox/1 Windows")


def guest(name: str = "Greta") -> Client:
    client = browser()
    client.cookies["member"] = issue(admission.join(name=name))
    return client


def post(client: Client, path: str, value: Any = None) -> Any:
    return client.post(path, json.dumps(value or {}), content_type="application/json")


def me(client: Client) -> Member | None:
    """Who this browser is."""
    identity = read(client.cookies["member"].value) if is_in(client) else None
    return Member.objects.get(pk=identity.id) if identity else None


def is_in(client: Client) -> bool:
    """Whether this browser is somebody: the first page leads members on, and asks others."""
    return client.get("/").status_code == HTTPStatus.FOUND


def keep(client: Client, key: Authenticator) -> Any:
    options = post(client, "/account/keep/options/").json()
    return post(client, "/account/keep/", key.create(options))


def sign_in(client: Client, key: Authenticator, path: str = "") -> Any:
    options = client.get("/sign-in/options/").json()
    return post(client, f"/sign-in/passkey/{path}", key.sign(options))


@pytest.fixture
def key() -> Authenticator:
    return Authenticator()


@pytest.fixture
def greta(key: Authenticator) -> Client:
    """The browser of someone with an account."""
    client = guest()
    assert keep(client, key).status_code == HTTPStatus.OK
    return client


def member() -> Member:
    return Member.objects.get(name="Greta")
