"""What the operator is told before the chatroom starts."""

import pytest
from django.conf import LazySettings
from django.core.checks import Tags, run_checks

from chat import checks


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8000",
        "https://chat.example.org",
        "https://chat.example.org:8443",
        "http://[::1]:8000",
        "http://192.0.2.1",
    ],
)
def test_the_origin_of_a_site_is_accepted(origin: str, settings: LazySettings) -> None:
    settings.SITE_ORIGINS = [origin]

    assert checks.check_site_origins() == []


@pytest.mark.parametrize(
    "entry",
    [
        "chat.example.org",
        "https://chat.example.org/",
        "https://chat.example.org/chat",
        "https://*.example.org",
        "*",
        "https://Chat.Example.org",
        "https://chat.example.org:443",
        "http://chat.example.org:80",
        "https://chat.example.org:port",
        "https://chat.example.org:99999",
        "https://user@chat.example.org",
        "wss://chat.example.org",
        "https://",
        "https://chat .example.org",
        "http://[::1",
        "https://chat.example.org?x",
        "https://bücher.example",
        "",
    ],
)
def test_an_entry_that_no_browser_sends_is_an_error(entry: str, settings: LazySettings) -> None:
    settings.SITE_ORIGINS = ["https://chat.example.org", entry]

    [error] = checks.check_site_origins()

    assert error.id == "chat.E001"
    assert repr(entry) in error.msg


def test_origins_are_among_the_security_checks(settings: LazySettings) -> None:
    assert "chat.E001" not in {message.id for message in run_checks(tags=[Tags.security])}

    settings.SITE_ORIGINS = ["https://*.example.org"]

    assert "chat.E001" in {message.id for message in run_checks(tags=[Tags.security])}


@pytest.mark.parametrize(
    ("engine", "version", "warned"),
    [
        ("sqlite3", (3, 40, 1), True),
        ("sqlite3", (3, 51, 2), True),
        ("sqlite3", (3, 51, 3), False),
        ("sqlite3", (4, 0, 0), False),
        ("postgresql", (3, 40, 1), False),
    ],
)
def test_an_sqlite_that_can_corrupt_the_database_is_a_warning(
    engine: str, version: tuple[int, ...], warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases = {"default": {"ENGINE": f"django.db.backends.{engine}"}}
    monkeypatch.setattr("django.conf.settings.DATABASES", databases)
    monkeypatch.setattr("sqlite3.sqlite_version_info", version)

    assert [message.id for message in checks.check_sqlite_version()] == ["chat.W001"] * warned


@pytest.mark.parametrize("header", ["", "X-Real-IP", "CF-Connecting-IP"])
def test_the_name_of_a_header_is_accepted(header: str, settings: LazySettings) -> None:
    settings.TRUSTED_PROXY_HEADER = header

    assert checks.check_trusted_proxy_header() == []


@pytest.mark.parametrize("header", ["HTTP_X_REAL_IP", "X-Real-IP:", "X Real IP"])
def test_a_header_that_no_proxy_sends_is_an_error(header: str, settings: LazySettings) -> None:
    settings.TRUSTED_PROXY_HEADER = header

    [error] = checks.check_trusted_proxy_header()

    assert error.id == "chat.E002"


@pytest.mark.parametrize(
    ("issuer", "client", "scopes", "wrong"),
    [
        ("", "", [], ""),
        ("https://id.example.org/realms/staff", "chat", ["openid"], ""),
        ("http://localhost:8080", "chat", ["openid", "email"], ""),
        ("https://id.example.org", "", ["openid"], "go together"),
        ("", "chat", ["openid"], "go together"),
        ("http://id.example.org", "chat", ["openid"], "no address"),
        ("id.example.org", "chat", ["openid"], "no address"),
        ("https://id.example.org?tenant=1", "chat", ["openid"], "no address"),
        ("https://id.example.org", "chat", ["email"], "lacks openid"),
    ],
)
def test_half_a_single_sign_on_is_an_error(
    settings: LazySettings, issuer: str, client: str, scopes: list[str], wrong: str
) -> None:
    settings.SSO_ISSUER, settings.SSO_CLIENT_ID, settings.SSO_SCOPES = issuer, client, scopes

    assert [wrong in message.msg for message in checks.check_single_sign_on()] == [True] * bool(
        wrong
    )
