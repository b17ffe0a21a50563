"""What `doctor` says of each part of accounts: what it lacks, and what to do."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import features

from chat.accounts.models import Member
from chat.maintenance import data_requests, doctor_checks, member_tasks
from chat.maintenance.models import MemberTask

pytestmark = pytest.mark.django_db


def found(subject: str) -> list[tuple[str, str]]:
    """The state and the words of each finding about this."""
    findings = [one for one in doctor_checks.examine() if one.what.startswith(f"{subject}:")]
    assert all(one.advice or one.state == "well" for one in findings)
    return [(one.state, f"{one.what} {one.advice}") for one in findings]


@pytest.mark.parametrize(
    "origin", ["http://chat.example.org", "https://10.0.0.5", "https://[2001:db8::5]"]
)
def test_passkeys_need_https_and_a_name(settings: Any, origin: str) -> None:
    settings.SITE_ORIGINS = [origin]

    [(state, said), _] = found("accounts")

    assert state == "watch"
    assert f"no passkeys at {origin}" in said
    assert "https://" in said


@pytest.mark.parametrize("origin", ["https://chat.example.org", "http://localhost:8000"])
def test_where_there_are_passkeys_it_says_so(settings: Any, origin: str) -> None:
    settings.SITE_ORIGINS = [origin, "http://10.0.0.5"]

    [(state, said), _] = found("accounts")

    assert (state, said.strip()) == ("well", f"accounts: passkeys at {origin}")


def test_passwords_that_attackers_know_need_a_list(settings: Any, tmp_path: Path) -> None:
    assert found("accounts")[1][0] == "well"
    settings.PASSWORDS = True

    [_, (state, said)] = found("accounts")
    assert state == "watch"
    assert "BREACHED_PASSWORDS_FILE" in said

    file = tmp_path / "list.txt"
    settings.BREACHED_PASSWORDS_FILE = str(file)
    assert found("accounts")[1][0] == "ill"

    file.touch()
    assert found("accounts")[1][0] == "well"


def test_pictures_need_each_format(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [state for state, _ in found("pictures")] == ["well"]
    monkeypatch.setattr(features, "check", lambda codec: codec != "webp")

    [(state, said)] = found("pictures")

    assert state == "ill"
    assert "no WebP" in said


def test_tasks_that_no_node_takes_are_named(alice: Member) -> None:
    task = data_requests.ask_download(member=alice)
    assert [state for state, _ in found("tasks")] == ["well"]

    MemberTask.objects.update(due_at=timezone.now() - timedelta(minutes=10))
    [(state, said)] = found("tasks")
    assert state == "ill"
    assert "no node" in said

    assert member_tasks.take("a node") == task
    assert [state for state, _ in found("tasks")] == ["well"]


def test_a_task_that_waits_for_somebody_says_for_what(alice: Member) -> None:
    data_requests.ask_download(member=alice)
    MemberTask.objects.update(problem="Make someone else owner first.")

    assert found("tasks") == [
        (
            "watch",
            f"tasks: the download of {alice.pk} waits: Make someone else owner first."
            " See Member tasks.",
        )
    ]
