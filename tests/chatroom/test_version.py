"""The version that people are told is one and the same everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from chatroom import VERSION

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.once
def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("version")

    assert capsys.readouterr().out == f"{VERSION}\n"


@pytest.mark.once
def test_project_file_and_changelog_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [newest] = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.M)[:1]

    assert (project["version"], newest) == (VERSION, VERSION)


def test_the_admin_names_it_at_the_foot(admin_client: Client) -> None:
    page = admin_client.get("/admin/").content.decode()

    assert f"Chatroom {VERSION}" in page
