"""What is in the lab is found by its name: one name, one place, and the field's words."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

LAB = Path(__file__).resolve().parents[2] / "lab"
# A command of Django's is a class `Command` in a module that bears the command's name.
MODULES = [path for path in LAB.rglob("*.py") if path.name != "__init__.py"]
PARTS = [path for path in MODULES if path.parent.name != "commands"]
# Words of a story that the lab once told, instead of the field's.
STRAYS = {"blow", "place", "door", "site", "herd", "filling", "slopes", "crowd", "talk", "said"}


def test_no_two_modules_of_the_lab_have_one_name() -> None:
    assert twice(path.stem for path in PARTS) == []


def test_no_two_classes_of_the_lab_have_one_name() -> None:
    classes = (node.name for node in definitions(PARTS) if isinstance(node, ast.ClassDef))

    assert twice(classes) == []


def test_no_module_class_or_function_of_the_lab_has_a_word_of_the_story() -> None:
    names = [path.stem for path in MODULES] + [node.name for node in definitions(MODULES)]

    assert [name for name in names if STRAYS & set(words_in(name))] == []


def definitions(
    paths: list[Path],
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def words_in(name: str) -> list[str]:
    """The words of a name in snake_case or CamelCase."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)]


def twice(names: Iterator[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]
