import time
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from chat.accounts import sso_provider

from . import provider as real
from .provider import Provider


@pytest.fixture(scope="session")
def running_provider() -> Iterator[Provider]:
    with real.running() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: Provider, settings: LazySettings) -> Provider:
    """A provider that works, and a chatroom that uses it."""
    # Somebody of the test before may still be asking.
    while sso_provider.waiting():
        time.sleep(0.05)
    running_provider.tell(reset=True)
    settings.SSO_ISSUER = running_provider.issuer
    settings.SSO_CLIENT_ID = real.CLIENT_ID
    settings.SSO_CLIENT_SECRET = real.CLIENT_SECRET
    settings.SSO_NAME = "Example"
    settings.SSO_SCOPES = ["openid", "profile", "email", "groups"]
    sso_provider.forget()
    return running_provider
