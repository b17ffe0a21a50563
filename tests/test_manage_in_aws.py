"""terraform/manage: what a command said reaches its operator, and a secret stays nowhere else."""

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

MANAGE = Path(__file__).resolve().parent.parent / "terraform" / "manage"
# `aws` and `terraform` in the place of the real ones: they note what they are asked.
STUB = """\
#!/bin/bash
echo "$*" >> "$(dirname "$0")/calls"
case "$*" in
  "output -raw "*) echo "the $3" ;;
  "ecs run-task "*) echo arn:aws:ecs:task/chatroom/abc ;;
  "ecs wait "*) [ -e "$(dirname "$0")/waited" ] || { touch "$(dirname "$0")/waited"; exit 255; } ;;
  "logs get-log-events "*) echo "what the command said" ;;
  "ecs describe-tasks "*) echo "3 done" ;;
esac
"""


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    for name in ("aws", "terraform"):
        (tmp_path / name).write_text(STUB)
        (tmp_path / name).chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "is_removed"),
    [(["invite_owner"], True), (["invite_owner", "--hours", "1"], True), (["check_log"], False)],
)
def test_a_link_that_makes_an_owner_does_not_stay_in_the_log(
    stubs: Path, command: list[str], is_removed: bool
) -> None:
    done = subprocess.run(
        [MANAGE, *command],
        env=os.environ | {"PATH": f"{stubs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    calls = (stubs / "calls").read_text().splitlines()
    removed = [call for call in calls if call.startswith("logs delete-log-stream")]

    # As the command ended, though the first ten minutes were too short for it.
    assert done.returncode == 3, done.stderr
    assert "what the command said" in done.stdout
    assert len(removed) == is_removed
    assert all(call.endswith("node/manage/abc") for call in removed)
