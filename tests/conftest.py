"""What every test may rely on: its servers or a plain word, a database, the static files."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_django
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from chat.realtime.rate_limits import LIMITS
from lab.kit import browsers
from tests.kit.two_nodes import north, place, south

# Fixtures for every test.
__all__ = ["north", "place", "south"]

# How long an example takes depends on what else this machine does.
hypothesis.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("busy")


@pytest.hookimpl(trylast=True)  # after -m and -k have left out theirs
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = {}
    if connection.vendor != "postgresql":
        missing["postgres"] = "DATABASE_URL names no PostgreSQL"
    else:
        missing["sqlite"] = "DATABASE_URL names no SQLite"
    if not settings.REDIS_URL:
        missing["redis"] = "REDIS_URL is not set"
    if any(map(_drives_browser, items)) and not browsers.any_chromium():
        missing["browser"] = "there is no Chromium"

    for item in items:
        for reason in (why for name, why in missing.items() if item.get_closest_marker(name)):
            if "NOTHING_MAY_BE_SKIPPED" in os.environ:
                pytest.exit(f"{item.nodeid} cannot run: {reason}", returncode=1)
            item.add_marker(pytest.mark.skip(reason=f"{reason} (`make test` brings all servers)"))

    # Playwright leaves an event loop running in this thread, and async tests need it free.
    items.sort(key=_drives_browser)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if _drives_browser(item):
        # Django takes Playwright's event loop for an async view, and would refuse every query.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def _drives_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A database of this process's own: others may test on the same server meanwhile.

    SQLite's is a file, as in production: in memory, threads would share a cache and its locks.
    """
    name = f"test_{os.getpid()}"
    if connection.vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    else:
        # A test holds its transaction while it works, and a busy machine takes long for that.
        connection.settings_dict["OPTIONS"]["options"] += (
            " -c idle_in_transaction_session_timeout=60s"
        )
    connection.settings_dict["TEST"]["NAME"] = name


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """Hang up on the threads that async tests worked in: their connections would outlive them."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def hashed_static_files() -> None:
    """Pages name static files by their hashes, so the files are collected first."""
    # tests/run has done it, for its processes that run side by side.
    if "STATIC_FILES_ARE_COLLECTED" not in os.environ:
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any],
    django_db_setup: None,  # first, so that the database outlives Playwright's event loop
) -> dict[str, Any]:
    path = browsers.system_chromium()
    return (
        browser_type_launch_args
        # Pages of one person share a process.
        | {"args": [*browsers.launch_args(), "--renderer-process-limit=1"]}
        | ({"executable_path": path} if path else {})
    )


@pytest.fixture(scope="session", autouse=True)
def passwords_that_cost_little() -> None:
    """A hash takes a third of a second by design. That is what nodes use; here it is as short as
    Argon2 allows.
    """
    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 8
    Argon2PasswordHasher.parallelism = 1


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Tests of one process share an address, but pay for their own requests only."""
    LIMITS.forget_all()
