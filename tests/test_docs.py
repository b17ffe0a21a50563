"""What is written for people must name what the settings read."""

import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("variable", sorted(variables_read()))
def test_every_variable_is_in_the_table(variable: str) -> None:
    assert f"| `{variable}` |" in written("docs/configuration.md")


def test_nothing_is_offered_that_is_not_read() -> None:
    offered = re.findall(r"^(?:# )?([A-Z_]+)=", written(".env.example"), re.M)

    assert set(offered) == variables_read()
