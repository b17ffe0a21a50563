"""*Your data*: the page on which one downloads it, or deletes the account."""

import io
import zipfile
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from chat.accounts.models import Member
from chat.maintenance import member_tasks
from chat.maintenance.models import MemberTask
from tests.authenticator import Authenticator
from tests.chat.web.test_fresh_proof import pass_minutes, prove
from tests.kit import account_browsers
from tests.kit.account_browsers import browser, guest, is_in

key, greta = account_browsers.key, account_browsers.greta

pytestmark = pytest.mark.django_db


def page(client: Client) -> str:
    return client.get("/account/data/").content.decode()


def ask_deletion(client: Client, typed: str = "Greta", **choices: str) -> Any:
    return client.post("/account/delete/", {"typed": typed, **choices})


@async_to_sync
async def content_of(response: Any) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


def test_a_file_is_made_and_downloaded_and_the_page_says_how_far_it_is() -> None:
    greta = guest()
    assert "Make the file" in page(greta)

    answer = greta.post("/account/data/ask/")
    assert answer["Location"] == "/account/data/"
    waiting = page(greta)
    assert "<progress" in waiting
    assert 'http-equiv="refresh"' in waiting
    member_tasks.work("north")

    assert "Download (" in page(greta)
    file = greta.get("/account/data/file/")
    content = content_of(file)
    assert file["Content-Length"] == str(len(content))
    assert file["Content-Disposition"].startswith("attachment")
    assert "index.html" in zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_nobody_gets_the_file_of_somebody_else(greta: Client) -> None:
    greta.post("/account/data/ask/")
    member_tasks.work("north")

    assert guest("Karl").get("/account/data/file/").status_code == 404
    assert browser().get("/account/data/file/").status_code == 404


def test_an_account_is_deleted_after_some_days_unless_it_is_called_off(greta: Client) -> None:
    answer = ask_deletion(greta, name="remove", texts="keep")

    assert answer.status_code == 303
    status = greta.get(answer["Location"]).content.decode()
    assert "will be deleted" in status
    task = MemberTask.objects.get()
    assert (task.keeps_name, task.keeps_texts) == (False, True)
    assert "Keep my account" in page(greta)

    greta.post("/account/delete/call-off/")

    assert not MemberTask.objects.exists()
    assert is_in(greta)


def test_a_guest_is_deleted_at_once_and_sees_how_far_it_is() -> None:
    gus = guest("Gus")
    answer = ask_deletion(gus, typed="Gus")
    assert "Deleting" in gus.get(answer["Location"]).content.decode()

    member_tasks.work("north")

    assert "<h1>Deleted</h1>" in gus.get(answer["Location"]).content.decode()
    assert not is_in(gus)
    assert not Member.objects.filter(name="Gus").exists()


def test_an_open_laptop_deletes_no_account(greta: Client, key: Authenticator) -> None:
    pass_minutes(6)
    assert 'name="typed"' not in page(greta)

    answer = ask_deletion(greta)

    assert answer["Location"].startswith("/account/proof/")
    assert not MemberTask.objects.exists()
    prove(greta, key)
    assert 'name="typed"' in page(greta)
    assert ask_deletion(greta)["Location"].startswith("/deletions/")


def test_what_is_in_the_way_is_said_and_what_was_typed_stays(greta: Client) -> None:
    answer = ask_deletion(greta, typed="Gre")

    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Type your name" in shown
    assert 'value="Gre"' in shown


def test_the_address_of_a_deletion_cannot_be_guessed(greta: Client) -> None:
    task_id = ask_deletion(greta)["Location"].split("/")[2].split(":")[0]

    assert "no such deletion" in browser().get(f"/deletions/{task_id}/").content.decode()
    assert MemberTask.objects.get().pk > 2**20


def test_a_form_of_another_site_deletes_nothing(greta: Client) -> None:
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost", SERVER_PORT="8000")
    strict.cookies["member"] = greta.cookies["member"].value

    assert ask_deletion(strict).status_code == 403
    assert strict.post("/account/data/ask/").status_code == 403


def test_who_has_no_name_has_no_data() -> None:
    assert browser().get("/account/data/")["Location"] == "/"
    assert browser().post("/account/data/ask/")["Location"] == "/"
    assert ask_deletion(browser())["Location"] == "/"


def test_a_deletion_waits_for_nobody_else(greta: Client) -> None:
    karl = guest("Karl")
    ask_deletion(karl, typed="Karl")

    member_tasks.work("north")

    assert is_in(greta)
    assert not Member.objects.filter(name="Karl").exists()
