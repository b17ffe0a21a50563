"""The load generator against a real node, and its check of what it hears against broken frames."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.loadtest.received_frames import Changes, Cursor, decode
from lab.loadtest.results import Figures
from tests.clients import ROOT, Node, deployment

# The generator knows nothing of the database.
pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

SMALL = ["--sockets", "20", "--senders", "4", "--seconds", "1", "--ramp", "0.2"]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with deployment() as place, place.node(RATE_LIMITS="off") as node:
        yield node


def loadtest(node: Node, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "loadtest", *SMALL, *arguments],
        cwd=ROOT,
        env=node.environment | {"COLUMNS": "120"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


# --- Against a node -------------------------------------------------------------------------


def test_a_short_run_is_complete(node: Node, tmp_path: Path) -> None:
    page = tmp_path / "report.html"

    ended = loadtest(node, "--rate", "30", "--report", str(page))

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "opened                20 of 20" in ended.stdout
    assert "600 of 600 (100.0000 %)" in ended.stdout
    assert "Clean: all there, once, in order." in ended.stdout
    html = page.read_text("utf-8")
    assert "600 of 600 (100.0000 %)" in html
    assert "loadtest --sockets 20" in html
    assert html.count("<svg") == 2
    assert "src=" not in html
    assert "href=" not in html


def test_a_closed_loop_on_two_processes_is_complete_too(node: Node) -> None:
    ended = loadtest(node, "--window", "2", "--processes", "2")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "(100.0000 %)" in ended.stdout


def test_it_speaks_with_cookies_that_it_is_given(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "cookies"
    file.write_text(f"{next(node.cookies)}\n{next(node.cookies)}\n")

    ended = loadtest(node, "--cookies", str(file))

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_room_that_is_not_there_is_a_failure_with_its_reason(node: Node) -> None:
    ended = loadtest(node, "--room", "nowhere")

    assert ended.returncode == 1
    assert "20 × not_found: " in ended.stdout
    assert "20 sockets did not enter the room" in ended.stdout


def test_what_others_say_is_no_delivery(node: Node) -> None:
    room = next(node.rooms)
    other = node.connect()
    other.enter(room)
    running = subprocess.Popen(
        [sys.executable, "manage.py", "loadtest", *SMALL, "--room", room],
        cwd=ROOT,
        env=node.environment | {"COLUMNS": "120"},
        stdout=subprocess.PIPE,
        text=True,
    )
    other.changes(1)
    other.say(room, "What is all this?")

    shown, _ = running.communicate(timeout=300)

    assert running.returncode == 0, shown
    assert "200 of 200 (100.0000 %)" in shown


def test_it_guesses_at_no_other_machine(node: Node) -> None:
    ended = loadtest(node, SITE_ORIGINS="https://chat.example.org")

    assert ended.returncode == 1
    assert "Name what you mean: --url" in ended.stderr


def test_it_says_what_to_install(node: Node, tmp_path: Path) -> None:
    (tmp_path / "rich.py").write_text("raise ModuleNotFoundError('gone', name='rich')")
    ended = loadtest(node, PYTHONPATH=str(tmp_path))

    assert ended.returncode == 1
    assert "needs rich, which is not installed" in ended.stderr
    assert "requirements/loadtest.txt" in ended.stderr


# --- Its check ------------------------------------------------------------------------------


def changes(first: int, last: int, *numbers: int, epoch: str = "e") -> Changes:
    """A frame as it comes from the server."""
    messages = [
        {"client_id": f"c-{number}", "seq": number, "updated_seq": number} for number in numbers
    ]
    event = decode(
        json.dumps(
            {"type": "room.changes", "room": "lobby", "epoch": epoch, "from": first, "to": last,
             "to_id": str(uuid.uuid4()), "messages": messages}
        ).encode()
    )  # fmt: skip
    assert isinstance(event, Changes)
    return event


def heard(*frames: Changes) -> tuple[Figures, list[int]]:
    """What a reader who stands at 10 counts and takes from these frames."""
    figures = Figures()
    cursor = Cursor(figures, "e", 10)
    new = [said.updated_seq for frame in frames for said in cursor.apply(frame)]
    return figures, new


def test_frames_that_follow_each_other_are_in_order() -> None:
    figures, new = heard(changes(11, 12, 11, 12), changes(13, 15, 14, 15))

    assert new == [11, 12, 14, 15]
    assert figures == Figures()


def test_a_hole_is_counted_with_its_size() -> None:
    figures, new = heard(changes(11, 11, 11), changes(14, 14, 14), changes(15, 15, 15))

    assert new == [11, 14, 15]
    assert (figures.gaps, figures.missed, figures.doubles) == (1, 2, 0)
    assert "1 times numbers of the log were left out" in figures.faults


def test_a_double_is_counted_and_is_no_second_delivery() -> None:
    figures, new = heard(changes(11, 12, 11, 12), changes(11, 12, 11, 12), changes(12, 13, 12, 13))

    assert new == [11, 12, 13]
    assert (figures.gaps, figures.doubles) == (0, 2)
    assert "2 times numbers of the log came again" in figures.faults


def test_a_late_frame_is_a_hole_and_then_a_double() -> None:
    figures, _ = heard(changes(12, 12, 12), changes(11, 11, 11))

    assert (figures.gaps, figures.doubles) == (1, 1)


def test_numbers_out_of_order_or_out_of_their_frame_are_counted() -> None:
    assert heard(changes(11, 12, 12, 11))[0].disordered == 1
    assert heard(changes(11, 12, 11, 13))[0].disordered == 1


def test_another_life_of_the_log_is_a_reset() -> None:
    figures, new = heard(changes(3, 3, 3, epoch="other"), changes(4, 4, 4, epoch="other"))

    assert new == [3, 4]
    assert (figures.resets, figures.gaps, figures.doubles) == (1, 0, 0)


def test_news_of_no_interest_is_passed_over() -> None:
    assert decode(b'{"type":"typing","room":"lobby","names":[]}') is None
    assert decode(b'{"type":"of.tomorrow","anything":1}') is None
