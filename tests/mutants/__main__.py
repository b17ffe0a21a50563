"""Breaks a copy of the code in each of the ways of the table, and has the tests find it.

    make mutants                     all of them, some minutes
    python -m tests.mutants ring     those with this word in their name

A mutant that no test notices, or that cannot be made any more, is a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests import servers
from tests.mutants.table import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT_SECONDS = 300


def main(words: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if all(word in mutant.name for word in words)]
    with ExitStack() as stack:
        copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatroom-mutants-")))
        database, redis = (stack.enter_context(s()) for s in (servers.postgres, servers.redis))
        environment = servers.ENVIRONMENT | {"DATABASE_URL": database.url, "REDIS_URL": redis.url}
        _copy_to(copy)
        survivors = [mutant for mutant in chosen if not _is_caught(mutant, copy, environment)]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} caught")
    return 1 if survivors or not chosen else 0


def _copy_to(copy: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.split("\n"):
        if (source := ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy / name)


def _is_caught(mutant: Mutant, copy: Path, environment: dict[str, str]) -> bool:
    file = copy / mutant.file
    healthy = file.read_text()
    if healthy.count(mutant.healthy) != 1:
        return _report(mutant, "CANNOT BE MADE: its text is not there once", ok=False)
    if not _pass(mutant, copy, environment):
        return _report(mutant, "ITS TESTS FAIL WITHOUT IT", ok=False)
    file.write_text(healthy.replace(mutant.healthy, mutant.broken))
    try:
        survived = _pass(mutant, copy, environment)
    finally:
        file.write_text(healthy)
    return _report(mutant, "SURVIVED" if survived else "caught by", ok=not survived)


def _pass(mutant: Mutant, copy: Path, environment: dict[str, str]) -> bool:
    if mutant.tests[0].endswith(".js"):
        command = ["node", "--test", *mutant.tests]
    else:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command += mutant.tests
    try:
        ended = subprocess.run(
            command, cwd=copy, env=os.environ | environment, timeout=TIMEOUT_SECONDS,
            capture_output=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def _report(mutant: Mutant, verdict: str, *, ok: bool) -> bool:
    print(f"{mutant.name:42} {verdict} {' '.join(mutant.tests)}", flush=True)
    return ok


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
