"""What is written for people names what is there: settings, tests, files and headings."""

import re
from pathlib import Path

import pytest

from docs import configuration_table

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


ENTRIES = list(configuration_table.entries(written("chatroom/settings.py")))


def test_the_table_of_settings_is_as_they_are() -> None:
    table = written("docs/reference/configuration.md")

    assert table == configuration_table.configuration(), "It is stale: make docs"
    assert {entry.name for entry in ENTRIES if entry.is_variable} == variables_read()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_setting_has_a_sentence(entry: configuration_table.Entry) -> None:
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
NAMED = sorted(
    {
        name
        for document in ("docs/reference/page.md", "docs/operate/security.md")
        for name in re.findall(r"`([^`\n]+(?:\.py::|\.js: )[^`\n]+)`", written(document))
    }
)


def test_every_promise_of_the_page_names_what_holds_it() -> None:
    assert len(PROMISES) > 60
    assert [promise for promise, held_by in PROMISES if "`" not in held_by] == []


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_a_document_names_is_there(name: str) -> None:
    if name.startswith("js/"):
        file, _, title = name.partition(": ")
        definition = f'test("{title}", '
    else:
        file, _, function = name.partition("::")
        definition = f"def {function}("

    assert definition in written(f"tests/{file}")


DOCUMENTS = [
    str(path.relative_to(ROOT))
    for folder in ("", "docs/**/", "deploy/**/", "terraform/**/", "lab/**/")
    for path in sorted(ROOT.glob(f"{folder}*.md"))
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(document: str) -> None:
    text = re.sub(r"^```.*?^```", "", written(document), flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)

    assert [link for link in targets if not leads_somewhere(document, link)] == []


def leads_somewhere(document: str, link: str) -> bool:
    if re.match(r"\w+:", link):
        return True  # another site's
    path, _, anchor = link.partition("#")
    target = (ROOT / document).parent / path if path else ROOT / document
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in anchors(target.read_text("utf-8"))


def anchors(text: str) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("link", "is_right"),
    [
        ("#the-lab", True),
        ("#no-such-heading", False),
        ("operate/operations.md#on-a-domain-with-tls", True),
        ("operate/operations.md#on-a-domain", False),
        ("operate/no-such-file.md", False),
        ("adr", True),
        ("https://example.org/#anything", True),
    ],
)
def test_a_link_to_a_file_or_heading_that_is_not_there_is_found(link: str, is_right: bool) -> None:
    assert leads_somewhere("docs/glossary.md", link) is is_right


GLOSSARY = [
    line.strip("|").split(" | ")
    for line in written("docs/glossary.md").splitlines()
    if line.startswith("| ") and not line.startswith("| word")
]


@pytest.mark.parametrize("row", GLOSSARY, ids=lambda row: row[0].strip())
def test_a_word_of_the_glossary_lives_where_it_says(row: list[str]) -> None:
    """Its last cell names files, and perhaps something in the first of them."""
    names = re.findall(r"`([^`]+)`", row[-1])
    files = [name for name in names if "/" in name or name.endswith((".py", ".js"))]
    symbols = [name.rpartition(".")[2] for name in names if name not in files]
    # A file without a folder stands beside the first.
    folder = Path(files[0]).parent
    paths = [ROOT / (name if "/" in name else folder / name) for name in files]

    assert [str(path) for path in paths if not path.exists()] == []
    assert [name for name in symbols if not re.search(rf"\b{name}\b", paths[0].read_text())] == []


FOLDERS = "chat chatroom deploy docs lab requirements static templates terraform tests".split()


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if "/adr/" not in name])
def test_every_path_in_a_document_is_there(document: str) -> None:
    """Decisions are left out: they tell of their time."""
    paths = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`", written(document))

    assert [path for path in paths if not (ROOT / path).exists()] == []
