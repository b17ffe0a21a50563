"""The scripts and styles that a page names."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context, Template

from tests import clients

pytestmark = pytest.mark.once

STATIC = Path(clients.ROOT, "static")
HASHED = re.compile(r"^/static/(.+)\.[0-9a-f]{12}(\.\w+)$")


def rendered(tag: str) -> str:
    return Template("{% load assets %}" + tag).render(Context({"CSP_NONCE": "abc123"}))


def names(pattern: str, page: str) -> list[str]:
    """The files under static/, of those that have the hash of their content in their name."""
    addresses = re.findall(pattern, page)
    assert all(HASHED.match(address) for address in addresses)
    return [HASHED.sub(r"\1\2", address) for address in addresses]


def test_all_modules_are_loaded_at_once_and_found_by_their_plain_names() -> None:
    page = rendered('{% modules "js/app.js" %}')

    preloaded = names(r'<link rel="modulepreload" href="([^"]+)">', page)
    found = re.search(r'<script type="importmap" nonce="abc123">(.+?)</script>', page)
    assert found
    places = json.loads(found[1])["imports"]
    others = {"dashboard", "sign-in", "startup", "theme"}
    written = {path.relative_to(STATIC).as_posix() for path in (STATIC / "js").rglob("*.js")}
    assert set(preloaded) == written - {"js/app.js"} - {f"js/{other}.js" for other in others}
    assert len(preloaded) == len(set(preloaded))
    assert places == {
        f"/static/{name}": staticfiles_storage.url(name) for name in [*preloaded, "js/app.js"]
    }
    assert names(r'<script type="module" src="([^"]+)" nonce="abc123">', page) == ["js/app.js"]
    assert page.index("importmap") < page.index("modulepreload") < page.index('type="module"')


def test_the_sheets_of_a_list_are_linked_in_its_order() -> None:
    linked = names(
        r'<link rel="stylesheet" href="([^"]+)">', rendered('{% styles "css/app.css" %}')
    )

    assert linked[0] == "css/tokens.css"
    assert linked[-1] == "css/print.css"
    assert len(linked) == len(set(linked))
    assert "css/app.css" not in linked


def test_every_sheet_of_a_list_is_there_and_every_sheet_of_the_room_is_listed() -> None:
    listed = set(re.findall(r'^@import "\./(.+)";$', (STATIC / "css/app.css").read_text(), re.M))
    listed |= set(re.findall(r'^@import "\./(.+)";$', (STATIC / "css/page.css").read_text(), re.M))
    written = {path.name for path in (STATIC / "css").glob("*.css")}

    assert written - listed == {"app.css", "dashboard.css"}


def test_what_the_templates_name_is_what_the_bundle_is_made_of() -> None:
    templates = "".join(
        path.read_text() for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
    )
    script = Path(settings.BASE_DIR, "deploy/bundle.js").read_text()
    entries = re.search(r"ENTRIES = (\[.+?\])", script, re.S)

    assert entries
    assert set(re.findall(r'{% (?:modules|styles) "([^"]+)" %}', templates)) == set(
        json.loads(entries[1])
    )


def test_a_bundle_that_was_collected_takes_the_place_of_all_its_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collected = staticfiles_storage.hashed_files  # type: ignore[attr-defined]
    monkeypatch.setitem(collected, "dist/page.css", "dist/page.1a2b3c4d5e6f.css")

    # An entry of its own: what is said of one is kept.
    assert rendered('{% styles "other/page.css" %}') == (
        '<link rel="stylesheet" href="/static/dist/page.1a2b3c4d5e6f.css">'
    )
