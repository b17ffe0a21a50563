"""What is written for people must name what the settings read."""

import re
from pathlib import Path

import pytest

from chatroom import documentation

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent


def written(name: str) -> str:
    path = ROOT / name
    assert path.exists(), f"{name} is missing"
    return path.read_text("utf-8")


def variables_read() -> set[str]:
    return set(re.findall(r"\benv(?:\.\w+)?\(\s*\"(\w+)\"", written("chatroom/settings.py")))


@pytest.mark.parametrize("variable", sorted(variables_read()))
def test_every_variable_is_in_the_sample_with_a_sentence(variable: str) -> None:
    lines = written(".env.example").splitlines()
    [at] = [n for n, line in enumerate(lines) if re.match(rf"(# )?{variable}=", line)]

    assert re.fullmatch(r"# .+[.:]", lines[at - 1])


ENTRIES = list(documentation.entries(written("chatroom/settings.py")))


def test_the_table_of_settings_is_as_they_are() -> None:
    table = written("docs/reference/configuration.md")

    assert table == documentation.configuration(), "It is stale: make docs"
    assert {entry.name for entry in ENTRIES if entry.is_variable} == variables_read()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_setting_has_a_sentence(entry: documentation.Entry) -> None:
    assert re.fullmatch(r"[A-Z`].+\.", entry.sentence), "It is the comment above the setting."
    assert len(entry.sentence) > 20
    assert "|" not in entry.sentence, "This would end a cell of the table."


def test_nothing_is_offered_that_is_not_read() -> None:
    offered = re.findall(r"^(?:# )?([A-Z_]+)=", written(".env.example"), re.M)

    assert set(offered) == variables_read()


# What the page promises: two cells, the second of which names tests.
PROMISES = [
    line.strip("|").split("|")
    for line in written("docs/reference/page.md").splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| The page"))
]
NAMED = sorted({name for *_, held_by in PROMISES for name in re.findall(r"`([^`]+)`", held_by)})


def test_every_promise_of_the_page_names_what_holds_it() -> None:
    assert len(PROMISES) > 60
    assert [promise for promise, held_by in PROMISES if "`" not in held_by] == []


@pytest.mark.parametrize("name", NAMED)
def test_what_holds_a_promise_of_the_page_is_there(name: str) -> None:
    if name.startswith("js/"):
        file, _, title = name.partition(": ")
        definition = f'test("{title}", '
    else:
        file, _, function = name.partition("::")
        definition = f"def {function}("

    assert definition in written(f"tests/{file}")
