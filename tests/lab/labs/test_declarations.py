"""What a reader is told: every lab is whole, and every link leads somewhere."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lab.kit.code_lines import ROOT
from lab.labs import prose
from lab.labs.declaration import Lab, Verdict
from lab.labs.new import write_new
from lab.labs.progress import LabProgress, Progress
from lab.labs.registry import lab, labs, numbers
from lab.labs.sheet import sheet

pytestmark = pytest.mark.once

every_lab = pytest.mark.parametrize("one", labs(), ids=lambda one: one.title)


@every_lab
def test_a_lab_says_all_that_a_reader_needs(one: Lab) -> None:
    assert one.question.endswith("?")
    assert one.think_on.endswith("?")
    assert 10 <= one.minutes <= 25
    assert len(one.know_after) >= 2
    assert len(set(one.predict.choices)) == 3
    assert 0 <= one.predict.right < 3
    assert 1 <= len(one.steps) <= 3
    assert all(step.watch and step.lights for step in one.steps)
    assert 150 <= len(one.why.split()) <= 400, "half a page"
    assert len(one.reading) >= 2


@every_lab
def test_its_links_lead_to_code_a_decision_and_the_web(one: Lab) -> None:
    links = list(prose.code_links(one.why))

    assert len(links) >= 2
    assert [link for link in links if not link.line] == []
    assert (ROOT / "docs" / "adr" / one.adr).is_file()
    assert all(reading.url.startswith("https://") for reading in one.reading)


@every_lab
def test_its_texts_are_whole_as_html(one: Lab) -> None:
    shown = sheet(one, LabProgress())

    for text in (shown.question, shown.why, shown.without, shown.by_hand, shown.think_on):
        assert text.startswith("<p>")
        assert "`" not in text
        assert "**" not in text


def test_labs_are_counted_from_one_without_a_hole() -> None:
    assert numbers() == list(range(1, len(labs()) + 1))
    assert len(labs()) >= 10


def test_a_lab_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match="There is no lab 99"):
        lab(99)


def test_prose_escapes_what_it_shows() -> None:
    assert prose.html("a < b & **c**") == "<p>a &lt; b &amp; <strong>c</strong></p>"
    assert prose.html("[x](https://a.org/?b&c)") == (
        '<p><a href="https://a.org/?b&amp;c" rel="noreferrer">x</a></p>'
    )


def test_a_link_to_code_knows_its_line_in_html_and_in_the_terminal() -> None:
    text = "See [`RoomWriter.submit`](chat/realtime/writer.py)."
    [link] = prose.code_links(text)

    assert link.line > 1
    assert f'href="/code/chat/realtime/writer.py#L{link.line}"' in prose.html(text)
    assert prose.plain(text) == f"See RoomWriter.submit (chat/realtime/writer.py:{link.line})."


def test_progress_is_kept_resumed_and_reset(tmp_path: Path) -> None:
    file = tmp_path / "somewhere" / "progress.json"
    progress = Progress(file)
    progress.predict(4, 1)
    progress.acted(4, 2)
    progress.judged(4, Verdict("PASS", "Bob saw it."), guarantee=True)
    assert not progress.of(4).done
    progress.judged(4, Verdict("FAIL", "Bob is behind.", ["a trace"]), guarantee=False)

    resumed = Progress(file)

    assert resumed.of(4).done
    assert resumed.of(4).predicted == 1
    assert resumed.of(4).without_guarantee == Verdict("FAIL", "Bob is behind.", ["a trace"])
    assert resumed.done == 1
    resumed.reset(4)
    assert Progress(file).of(4) == LabProgress()


def test_a_damaged_file_of_progress_is_no_progress(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    file.write_text("{half")

    assert Progress(file).done == 0


def test_a_new_lab_is_whole_but_for_its_words(tmp_path: Path) -> None:
    path = write_new("slow-disk", tmp_path)

    assert re.fullmatch(r"lab_\d\d_slow_disk\.py", path.name)
    code = path.read_text("utf-8")
    compile(code, path.name, "exec")
    assert 'title="Slow disk"' in code
    assert f"number={max(numbers()) + 1}" in code
    with pytest.raises(LookupError, match="There is one of this name"):
        write_new("slow-disk", tmp_path)
    with pytest.raises(LookupError, match="small letters"):
        write_new("../escape", tmp_path)


def test_the_command_lists_labs_and_asks_for_a_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAB_PROGRESS", str(tmp_path / "progress.json"))
    call_command("lab", "list")

    said = capsys.readouterr().out
    assert all(one.title in said and one.question in said for one in labs())
    with pytest.raises(CommandError, match="Name labs by number, or say --all"):
        call_command("lab", "check")
    with pytest.raises(CommandError, match="There is no lab 99"):
        call_command("lab", "check", "99")
