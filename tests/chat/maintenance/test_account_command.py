"""`manage.py account`: what operators do about accounts, without a browser."""

import zipfile
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from chat.accounts.account_models import Passkey, RecoveryCode
from chat.accounts.models import Member
from chat.accounts.users import User
from chat.maintenance import erasure
from chat.maintenance.models import MemberTask
from chat.moderation.models import AuditEntry
from tests.authenticator import Authenticator
from tests.kit import account_browsers
from tests.kit.account_browsers import browser, guest, is_in, member, sign_in

key, greta = account_browsers.key, account_browsers.greta

pytestmark = pytest.mark.django_db


def account(*arguments: str) -> str:
    said = StringIO()
    call_command("account", *arguments, stdout=said, stderr=StringIO())
    return said.getvalue().strip()


def test_accounts_are_listed_and_guests_are_not(greta: Client) -> None:
    guest("Gus")

    assert account("list") == f"{member().pk}\tmember\tactive\t1\t1\tGreta"


def test_an_account_is_promoted_by_its_name_or_number(greta: Client) -> None:
    assert account("promote", "GRETA", "owner") == "Greta is owner now."
    assert User.objects.get(member=member()).is_superuser

    account("promote", str(member().pk), "none")
    assert member().office == ""


def test_a_disabled_account_is_out_until_it_is_enabled(greta: Client, key: Authenticator) -> None:
    account("disable", "Greta")
    assert not is_in(greta)
    assert sign_in(browser(), key).status_code == HTTPStatus.FORBIDDEN

    account("enable", "Greta")
    assert sign_in(browser(), key).status_code == HTTPStatus.OK


def test_signing_out_ends_every_session(greta: Client) -> None:
    account("sign_out", "Greta")

    assert not is_in(greta)


def test_a_recovery_link_signs_its_owner_in_and_is_in_the_record(greta: Client) -> None:
    path = urlsplit(account("recovery_link", "Greta")).path
    other = browser()

    other.post(path)

    assert is_in(other)
    assert AuditEntry.objects.filter(action="recovery_link", member=member()).exists()


def test_a_guest_and_a_wrong_name_have_no_account() -> None:
    guest("Gus")

    for name in ("Gus", "Nobody", "99"):
        with pytest.raises(CommandError, match="No account is called"):
            account("disable", name)


def test_nothing_leads_into_an_erased_account(greta: Client, key: Authenticator) -> None:
    list(erasure.erase(member()))

    assert not is_in(greta)
    assert sign_in(browser(), key).status_code == HTTPStatus.FORBIDDEN
    assert not Passkey.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_the_data_of_a_member_is_written_into_a_file(greta: Client, tmp_path: Path) -> None:
    file = tmp_path / "greta.zip"

    assert account("export", "Greta", str(file)).endswith("holds the data of Greta.")

    assert "index.html" in zipfile.ZipFile(file).namelist()
    assert not MemberTask.objects.exists()


def test_a_guest_or_an_account_is_deleted_by_name_or_number(greta: Client) -> None:
    guest("Gus")
    number = member().pk

    assert account("delete", "Gus", "--dry-run") == "Gus would go, with 0 messages."
    assert account("delete", "gus") == "Gus is deleted."
    assert account("delete", str(number), "--keep-name") == "Greta is deleted."

    assert not Member.objects.live().exists()
    assert Member.objects.get(pk=number).name == "Greta"
    assert not Member.objects.filter(name="Gus").exists()


def test_what_is_in_the_way_of_a_deletion_is_said(greta: Client) -> None:
    account("promote", "Greta", "owner")

    with pytest.raises(CommandError, match="only owner of this site"):
        account("delete", "Greta")
    with pytest.raises(CommandError, match="Nobody is called Nobody"):
        account("delete", "Nobody")
