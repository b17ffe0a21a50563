"""The site settings: one row, read by every node without a query of a request."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.accounts import site_settings
from chat.accounts.models import Member
from chat.accounts.site_models import SiteSettings
from chat.accounts.site_settings import ComesIn, CurrentSite
from chat.accounts.users import User
from chat.rooms.models import Room
from tests.chat.accounts.test_user_model import rows, stock_database
from tests.kit.sites import set_site


@pytest.mark.django_db
def test_the_environment_decides_until_an_owner_does(
    settings: Any,
) -> None:
    settings.SITE_NAME, settings.ROOMS_CREATED_BY = "House of tea", "moderators"

    before = site_settings.current()
    assert (before.name, before.rooms_created_by) == ("House of tea", "moderators")
    assert before.who_may_come_in == ComesIn.ANYONE

    set_site(name="House of cocoa", rooms_created_by="everyone")
    after = site_settings.current()
    assert (after.name, after.rooms_created_by) == ("House of cocoa", "everyone")

    set_site(name="", rooms_created_by="")
    assert site_settings.current().name == "House of tea"


@pytest.mark.django_db
def test_domains_are_read_one_a_line_in_lower_case() -> None:
    site = set_site(who_may_come_in="sso", allowed_domains="Example.org\ncocoa.example\n")

    assert site.allowed_domains == {"example.org", "cocoa.example"}
    assert site.who_may_come_in == ComesIn.SINGLE_SIGN_ON


@pytest.mark.django_db
def test_another_text_of_the_rules_is_another_version() -> None:
    assert set_site(welcome="Hello").rules_version == 0
    assert set_site(rules="Be kind.").rules_version == 1
    assert set_site(welcome="Come in").rules_version == 1
    assert set_site(rules="Be kind.\r\n").rules_version == 1
    assert set_site(rules="Be kinder.").rules_version == 2
    assert set_site(rules="").rules_version == 0
    assert set_site(rules="Be kind.").rules_version == 4


@pytest.mark.django_db
def test_there_is_one_row() -> None:
    set_site(name="One")

    with pytest.raises(IntegrityError), transaction.atomic():
        SiteSettings.objects.create(pk=2)


@pytest.mark.django_db
def test_where_a_node_follows_the_settings_a_page_does_not_ask_for_them(visitor: Client) -> None:
    site_settings.follow()
    try:
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get("/").status_code == 200
            assert visitor.get("/rooms/lobby/").status_code == 200
    finally:
        site_settings.forget()

    assert [one["sql"] for one in queries if "sitesettings" in one["sql"]] == []


@pytest.mark.django_db(transaction=True)
def test_the_migration_leaves_what_is_there_alone(tmp_path: Path) -> None:
    with stock_database(tmp_path):
        call_command("migrate", "chat", "0018", verbosity=0)
        before = _kept()

        with CaptureQueriesContext(connection) as queries:
            call_command("migrate", verbosity=0)

        named = [one["sql"] for one in queries if '"chat_member"' in one["sql"]]
        assert [sql for sql in named if "ALTER" in sql or "UPDATE" in sql] == []
        assert _kept() == before
        assert rows("SELECT count(*) FROM chat_sitesettings") == [(0,)]
        assert site_settings.refresh() == CurrentSite()


def _kept() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Member, User, Room)]
