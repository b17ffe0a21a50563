"""The site has a picture of its own, or ours, wherever its name is shown large."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from chat.web import site_picture

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(tmp_path: Path, settings: Any) -> Iterator[Path]:
    file = tmp_path / "picture"
    file.write_bytes(PNG)
    settings.SITE_PICTURE = str(file)
    site_picture._of_file.cache_clear()
    yield file
    site_picture._of_file.cache_clear()


def test_the_join_card_shows_the_picture_of_the_site(client: Client, picture: Path) -> None:
    page = client.get("/").content.decode()

    shown = re.search(r'class="brand-mark" src="(/site-picture/[0-9a-f]+)"', page)
    assert shown
    response = client.get(shown[1])
    assert response.content == PNG
    assert response["Content-Type"] == "image/png"
    assert "immutable" in response["Cache-Control"]
    assert client.get("/site-picture/another").status_code == 404


def test_without_one_it_is_ours(client: Client) -> None:
    assert re.search(r'src="/static/icons/chatroom[^"]*\.svg"', client.get("/").content.decode())


def test_a_file_that_is_no_picture_is_told_before_the_start(picture: Path, settings: Any) -> None:
    def errors() -> list[str | None]:
        return [error.id for error in run_checks(tags=["compatibility"]) if error.id == "chat.E003"]

    assert errors() == []
    for content in (b"<svg onload=alert(1)>", PNG + bytes(site_picture.MAX_BYTES)):
        picture.write_bytes(content)
        assert errors() == ["chat.E003"]
    settings.SITE_PICTURE = str(picture.with_name("missing"))
    assert errors() == ["chat.E003"]
