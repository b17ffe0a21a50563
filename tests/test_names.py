"""Names are those of docs/glossary.md: none is of the former dialect, and none is given twice."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
TOPS = ["chat", "chatroom", "lab"]

# Names that modules had, and may not have again.
FORMER_MODULES = """
at_once browsing collector conduct counted crowd desk diagnosis documentation engines express
figures filling files front gently glances gossip herd inspection intents invite layout lookout
marks news offices pace peace peer posting prepared pulse record removals rollcall rows rulings
slopes standing tally threads timelines views_data views_desk writing
acting committers company hands obedience talkers wires
""".split()

# Names that classes and functions had, by the folder in which they would mean the same again. An
# ordinary word may stand elsewhere: a report is dismissed, and a token is taken from a bucket.
FORMER_NAMES = {
    "": "Attendance DeskSite LiveRoom Rulings Silenced Song Stretch _Company _beat_hearts"
    " _keep_books _keep_the_peace _keep_up_appearances blow bring_news carry_out demand gently"
    " glances hold_back patiently sing",
    "chat/accounts": "Power",
    "chat/bus": "Here Hint Marker Ruled announce company heard",
    "chat/management": "heard",
    "chat/moderation": "COMMAND",
    "chat/realtime": "_account announce conduct dismiss doubts early elsewhere front go_on hang_up"
    " heard here news pump ring rollcall told",
    "chatroom/server": "dismiss go_on hang_up",
    "lab": "Blow Door Gathering Place Said Site Talk crowd filling herd slopes",
}

# Names that parameters, variables and attributes had, in the tests as well.
FORMER_VARIABLES = set("conduct desk glance glances gossip intent intents lookout rollcall".split())

# Names that modules, methods and functions of the page had.
FORMER_PAGE_MODULES = set(
    "acting elsewhere going inspecting journey message-wishes obeying standing writing".split()
)
FORMER_PAGE_NAMES = (
    "callAt dealWith hear journey offered remark say settle shelf standBy standing suits tell"
)
# Words that stood on the page.
FORMER_PAGE_WORDS = (
    "Keep it",
    "Take their office",
    "Be owner as",
    "Done: ",
    "You did not take what was sent",
)

# Each is the only one that Django looks for, or that its own commands name.
DJANGOS_MODULES = {"__init__", "admin", "apps", "forms", "models", "urls", "views"}
DJANGOS_CLASSES = {"Command", "Migration"}


class Definition(NamedTuple):
    """A class or function, and where it stands."""

    path: str
    name: str
    is_class: bool
    is_outermost: bool

    def __str__(self) -> str:
        return f"{self.path}: {self.name}"


def modules() -> Iterator[Path]:
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("*.py")):
            if path.parent.name != "migrations":
                yield path.relative_to(ROOT)


@cache
def definitions() -> list[Definition]:
    return [one for path in modules() for one in definitions_in(path)]


def definitions_in(path: Path) -> Iterator[Definition]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            is_outermost = node in tree.body
            yield Definition(str(path), node.name, isinstance(node, ast.ClassDef), is_outermost)


def twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def test_no_module_has_a_former_name() -> None:
    assert [str(path) for path in modules() if path.stem in FORMER_MODULES] == []


@pytest.mark.parametrize("folder", FORMER_NAMES)
def test_no_class_and_no_function_has_a_former_name(folder: str) -> None:
    former = FORMER_NAMES[folder].split()

    strays = [
        str(one) for one in definitions() if one.name in former and one.path.startswith(folder)
    ]

    assert strays == []


def variables_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name


def test_no_parameter_and_no_variable_has_a_former_name() -> None:
    tests = (path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))

    strays = [
        f"{path}: {name}"
        for path in [*modules(), *tests]
        for name in variables_in(path)
        if name.strip("_").lower() in FORMER_VARIABLES
    ]

    assert strays == []


@pytest.mark.parametrize("top", ["chat", "lab"])
def test_no_two_modules_have_one_name(top: str) -> None:
    names = [path.stem for path in modules() if path.parts[0] == top]

    assert set(twice(names)) <= DJANGOS_MODULES


def test_nothing_of_the_page_has_a_former_name_or_word() -> None:
    scripts = (ROOT / "static" / "js").rglob("*.js")
    templates = (ROOT / "templates").rglob("*.html")
    defined = re.compile(
        rf"^\s*(?:static |async |get |set |export |function |const |let )*"
        rf"#?({FORMER_PAGE_NAMES.replace(' ', '|')})\s*(?:\(|=|;)",
        re.M,
    )
    strays = []
    for path in sorted([*scripts, *templates]):
        text = path.read_text("utf-8")
        found = [word for word in FORMER_PAGE_WORDS if word in text]
        if path.suffix == ".js":
            found += defined.findall(text)
            found += [path.stem] if path.stem in FORMER_PAGE_MODULES else []
        strays += [f"{path.relative_to(ROOT)}: {name}" for name in found]

    assert strays == []


@pytest.mark.parametrize("top", ["chat", "lab"])
def test_no_two_classes_have_one_name(top: str) -> None:
    names = [
        one.name
        for one in definitions()
        if one.path.startswith(f"{top}/") and one.is_class and one.is_outermost
    ]

    assert set(twice(names)) <= DJANGOS_CLASSES
