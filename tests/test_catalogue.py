"""Every text of the interface can be collected, and a page in another language gets it."""

import ast
import gettext
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation

from chat import outages, protocol
from chat.errors import BadCommand, BadFrame, ChatError
from chatroom.server import http
from tests import catalogue, pseudo_language
from tests.catalogue import NotLiteralError, Text

pytestmark = pytest.mark.once

ROOT = catalogue.ROOT


def test_every_text_of_the_modules_is_a_literal_and_is_collected() -> None:
    texts = catalogue.of_modules()

    assert Text("{count} message deleted", "{count} messages deleted") in texts
    for text in texts:
        counted = re.findall(r"\{\w*\}", text.singular)
        assert sorted(counted) == sorted(re.findall(r"\{\w*\}", text.plural or text.singular))


def test_every_text_of_the_templates_is_collected() -> None:
    texts = {text.singular for text in catalogue.of_templates()}

    for path in (ROOT / "templates").rglob("*.html"):
        for written in re.findall(r'{% translate "([^"]+)"', path.read_text()):
            assert written in texts, path


def test_every_text_of_the_server_is_a_literal() -> None:
    catalogue.of_python()


def test_every_refusal_comes_from_the_catalogue() -> None:
    for_people = {kind.__name__ for kind in _kinds(ChatError)}
    strays = [
        f"{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)}"
        for folder in ("chat", "chatroom")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for text in _texts_for_people(call, for_people)
        if isinstance(text, ast.Constant | ast.JoinedStr)
    ]

    assert strays == []


def _kinds(base: type[ChatError]) -> Iterator[type[ChatError]]:
    yield base
    for kind in base.__subclasses__():
        yield from _kinds(kind)


def _texts_for_people(call: ast.Call, refusals: set[str]) -> list[ast.expr]:
    """What a refusal says, a policy of rates, and the end of a connection."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in refusals | {"Policy"}:
        return call.args[:1]
    if name in {"close", "send_bye"} and "CLOSE_" in ast.unparse(call):
        return call.args[1:2]
    if name == "PlainAnswer":
        return call.args[1:2]
    return call.args[2:3] if name == "Refusal" else []


@pytest.fixture
def in_pseudo(tmp_path: Path) -> Iterator[None]:
    """The site speaks the pseudo-language."""
    pseudo_language.write(tmp_path)
    languages = [*settings.LANGUAGES, (pseudo_language.CODE, "Pseudo")]
    with (
        override_settings(LOCALE_PATHS=[tmp_path], LANGUAGES=languages),
        translation.override(pseudo_language.CODE),
    ):
        yield


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("x" * 20_000, "A frame may have {count} bytes."),
        ("{", "This frame is no JSON: {reason}"),
        ('"\\ud800"', "The frame holds half of a surrogate pair, which is no character."),
        ('{"type":"dance"}', "This is no command that we know: {reason}"),
    ],
)
def test_what_is_no_command_is_refused_in_the_language_of_the_site(
    in_pseudo: None, frame: str, words: str
) -> None:
    with pytest.raises((BadFrame, BadCommand)) as refused:
        protocol.decode_command(frame)

    for part in re.split(r"\{\w+\}", pseudo_language.pseudo(words)):
        assert part in refused.value.detail


@pytest.mark.parametrize(
    "answer", [http.BAD, http.TOO_LARGE, http.ADDRESS_TOO_LONG, http.HEADERS_TOO_LARGE]
)
def test_what_never_reaches_the_application_is_refused_in_the_language_of_the_site(
    in_pseudo: None, answer: http.PlainAnswer
) -> None:
    head, _, body = answer.encode().partition(b"\r\n\r\n")

    assert body.decode().startswith("⟦")
    assert f"Content-Length: {len(body)}".encode() in head


def test_what_the_database_cannot_do_is_told_in_the_language_of_the_site(in_pseudo: None) -> None:
    away = OperationalError("connection refused")
    told, logged = outages.explained(away), outages.described(away)

    assert pseudo_language.pseudo("The database gives no answer") in told
    assert logged == "The database gives no answer"


def test_a_text_that_is_put_together_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    module = tmp_path / "static" / "js" / "greeting.js"
    module.parent.mkdir(parents=True)
    module.write_text("const text = gettext(`Hello ${name}`);\n")
    view = tmp_path / "chat" / "views.py"
    view.parent.mkdir()
    view.write_text('text = gettext(f"Hello {name}")\n')

    with pytest.raises(NotLiteralError, match=r"greeting\.js: gettext"):
        catalogue.of_modules()
    with pytest.raises(NotLiteralError, match=r"views\.py:1"):
        catalogue.of_python()


def test_what_is_compiled_is_read_by_gettext(tmp_path: Path) -> None:
    translations = {
        Text("Send"): ("Envoyer",),
        Text("{n} day", "{n} days"): ("{n} jour", "{n} jours"),
    }
    catalogue.write_mo(tmp_path / "django.mo", translations)

    with (tmp_path / "django.mo").open("rb") as compiled:
        read = gettext.GNUTranslations(compiled)

    assert read.gettext("Send") == "Envoyer"
    assert [read.ngettext("{n} day", "{n} days", n) for n in (1, 2)] == ["{n} jour", "{n} jours"]


def test_the_pseudo_language_is_longer_has_no_plain_letter_and_keeps_what_stands_for_a_value() -> (
    None
):
    pseudo = pseudo_language.pseudo("Message to %(room)s, {count} of <b>many</b>")

    assert re.sub(r"%\(room\)s|\{count\}|</?b>", "", pseudo).isascii() is False
    assert not re.search(r"[A-Za-z]", re.sub(r"%\(room\)s|\{count\}|</?b>", "", pseudo))
    assert all(kept in pseudo for kept in ("%(room)s", "{count}", "<b>", "</b>"))
    assert len(pseudo) > 1.3 * len("Message to , of many")


def test_a_page_in_english_brings_no_catalogue_and_one_in_another_language_its_own(
    tmp_path: Path,
) -> None:
    tag = Template("{% load catalogue %}{% page_catalogue %}")
    assert tag.render(Context()) == ""

    pseudo_language.write(tmp_path)
    languages = [*settings.LANGUAGES, (pseudo_language.CODE, "Pseudo")]
    with (
        override_settings(LOCALE_PATHS=[tmp_path], LANGUAGES=languages),
        translation.override(pseudo_language.CODE),
    ):
        page = tag.render(Context())
        server = translation.gettext("Your name")

    found = re.fullmatch(r'<script id="catalogue" type="application/json">(.+)</script>', page)
    assert found
    assert json.loads(found[1])["Rooms"] == pseudo_language.pseudo("Rooms")
    assert server == pseudo_language.pseudo("Your name")
