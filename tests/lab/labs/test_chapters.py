"""What the chapters of docs/learn tell a reader to type is there: commands, options and files."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from lab.kit.code_lines import ROOT

pytestmark = pytest.mark.once

CHAPTERS = sorted((ROOT / "docs" / "learn").glob("*.md"))


def typed(chapter: Path) -> list[str]:
    """The lines of its shell blocks: continued ones are one, comments are left out."""
    blocks = re.findall(r"^```sh\n(.*?)^```", chapter.read_text("utf-8"), re.M | re.S)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [re.sub(r"\s+#.*", "", line) for line in lines]


def commands(line: str) -> list[list[str]]:
    """The calls of manage.py in it: name and arguments."""
    calls = re.findall(r"manage\.py (.+?)(?= &| \||;|$)", line)
    return [shlex.split(call) for call in calls]


MANAGED = [
    (chapter.name, call)
    for chapter in CHAPTERS
    for line in typed(chapter)
    for call in commands(line)
]
MADE = {
    (chapter.name, target)
    for chapter in CHAPTERS
    for target in re.findall(r"(?:^|`)make ([\w./-]+)", chapter.read_text("utf-8"), re.M)
}
FILES = {
    (chapter.name, path)
    for chapter in CHAPTERS
    for line in typed(chapter)
    for path in re.findall(r"(?<![\w/.])((?:deploy|terraform|tests|lab|docs)/[\w./-]+)", line)
}


def test_the_chapters_have_commands() -> None:
    assert len(MANAGED) > 10
    assert len(MADE) > 2
    assert len(FILES) > 4


@pytest.mark.parametrize(("chapter", "call"), MANAGED, ids=str)
def test_a_command_takes_what_the_chapter_gives_it(chapter: str, call: list[str]) -> None:
    name, *arguments = call
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    # A number stands where the reader has one of their own.
    given = [re.sub(r"^\$\w+$", "1", argument) for argument in arguments]

    command.create_parser("manage.py", name).parse_args(given)


@pytest.mark.parametrize(("chapter", "target"), sorted(MADE))
def test_a_target_that_a_chapter_names_is_in_the_makefile(chapter: str, target: str) -> None:
    assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text("utf-8"), re.M)


@pytest.mark.parametrize(("chapter", "path"), sorted(FILES))
def test_a_file_that_a_chapter_types_is_there(chapter: str, path: str) -> None:
    assert (ROOT / path).exists()
