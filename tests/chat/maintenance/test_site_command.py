"""`manage.py site`: what it shows and sets, and what it refuses in clear words."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from chat.accounts import site_settings
from chat.accounts.site_settings import ComesIn
from chat.maintenance.doctor_checks import examine
from chat.moderation.models import AuditEntry

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def site(capsys: Any, *arguments: str) -> str:
    call_command("site", *arguments)
    return str(capsys.readouterr().out)


def test_it_shows_each_setting_with_its_choices(capsys: Any, settings: Any) -> None:
    settings.SITE_NAME = "House of tea"

    shown = dict(line.split("\t", 1) for line in site(capsys, "show").splitlines())

    assert shown["name"].startswith("(SITE_NAME: House of tea)")
    assert shown["who_may_come_in"] == "anyone\tanyone, invited, accounts, sso"
    assert shown["approval"] == "off\ton, off"


def test_it_sets_one_and_records_it(capsys: Any) -> None:
    assert site(capsys, "set", "who_may_come_in", "invited").strip() == (
        "who_may_come_in is invited now."
    )

    assert site_settings.current().who_may_come_in == ComesIn.INVITED
    entry = AuditEntry.objects.get(action="site_changed")
    assert entry.details == {"settings": {"who_may_come_in": ["anyone", "invited"]}}
    assert "Nothing changed" in site(capsys, "set", "who_may_come_in", "invited")
    site(capsys, "set", "who_may_come_in", "")
    assert site_settings.current().who_may_come_in == ComesIn.ANYONE


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("who_may_come_in", "everybody", "not a valid choice"),
        ("approval", "maybe", "on or off"),
        ("allowed_domains", "example.org", "single sign-on"),
        ("picture", "@/nowhere.png", "cannot be read"),
        ("name", "x" * 65, "at most 64"),
    ],
)
def test_what_it_does_not_take_is_said(name: str, value: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("site", "set", name, value)


def test_a_picture_and_texts_come_from_files(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "picture").write_bytes(PNG)
    (tmp_path / "rules").write_text("Be kind.\nBe brief.\n")

    site(capsys, "set", "picture", f"@{tmp_path / 'picture'}")
    site(capsys, "set", "rules", f"@{tmp_path / 'rules'}")

    now = site_settings.current()
    assert (now.picture, now.rules) == (PNG, "Be kind.\nBe brief.")
    page = Client().get("/").content.decode()
    address = page.split("/site-picture/")[1].split('"')[0]
    assert Client().get(f"/site-picture/{address}").content == PNG
    (tmp_path / "picture").write_bytes(b"<svg/>")
    with pytest.raises(CommandError, match="PNG, JPEG or WebP"):
        call_command("site", "set", "picture", f"@{tmp_path / 'picture'}")


def test_it_makes_a_link_into_the_site(capsys: Any) -> None:
    site(capsys, "set", "who_may_come_in", "invited")
    link = site(capsys, "invite", "--uses", "1").strip().removeprefix("http://localhost:8000")

    assert "You are invited to" in Client().get(link).content.decode()
    assert Client().post("/join/", {"name": "Greta", "next": link}).status_code == 303


def test_doctor_says_what_a_choice_lacks(settings: Any) -> None:
    def said() -> list[str]:
        return [f"{one.state} {one.what}" for one in examine() if "who may come in" in one.what]

    assert said() == ["well who may come in: anyone, by a name"]
    settings.SITE_ORIGINS = ["http://10.0.0.5"]
    call_command("site", "set", "who_may_come_in", "accounts")
    assert said() == ["ill who may come in: accounts only, and nobody can make one here"]
    call_command("site", "set", "who_may_come_in", "sso")
    assert said()[0].startswith("ill who may come in: single sign-on only, and none is set up")
    call_command("site", "set", "who_may_come_in", "anyone")
    call_command("site", "set", "approval", "on")
    assert "there is no moderator" in said()[0]
