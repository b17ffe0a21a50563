"""The containers: every setting reaches them, and what is secret is for its readers only."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from deploy import make_secrets
from tests.test_docs import variables_read

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
# The composition itself decides on these.
DECIDED = {
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS",
    "SITE_ORIGINS", "TRUSTED_PROXY_HEADER", "DRAIN_NOTICE_SECONDS", "NODE_NAME",
}  # fmt: skip


def part(pattern: str) -> str:
    """What of the composition is found by this, once."""
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    [found] = re.findall(pattern, compose, re.M)
    return str(found)


def told() -> dict[str, str]:
    """What every container of our image is told: names and values."""
    block = part(r"^  environment: &environment\n((?: {4}.*\n)+)")
    return dict(re.findall(r"^    (\w+):[ ]*(.*)$", block, re.M))


@pytest.mark.parametrize("variable", sorted(variables_read() - DECIDED))
def test_a_setting_in_env_reaches_the_containers(variable: str) -> None:
    # Without a value: as .env or the shell has it, and not at all where neither does.
    assert told()[variable] == ""


@pytest.mark.parametrize("variable", sorted(DECIDED - {"NODE_NAME"}))
def test_what_the_composition_decides_on_is_a_setting_that_it_gives(variable: str) -> None:
    assert variable in variables_read()
    assert told().get(variable) or told()[f"{variable}_FILE"]


@pytest.mark.parametrize("node", ["web-1", "web-2"])
def test_a_node_is_told_what_all_are_told(node: str) -> None:
    assert part(rf"^  {node}:\n    <<: \*node\n    environment: {{<<: (\S+), NODE_NAME: {node}}}$")


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_secrets_are_read_by_their_group_and_nobody_else(tmp_path: Path) -> None:
    os.umask(0o000)
    try:
        make_secrets.main(tmp_path, rotate=False)
        make_secrets.main(tmp_path, rotate=True)
    finally:
        os.umask(0o022)

    assert {file.name for file in tmp_path.iterdir()} == {
        "secret_key", "secret_key_fallbacks", "postgres_password", "database_url",
    }  # fmt: skip
    assert {mode(file) for file in tmp_path.iterdir()} == {0o440}


def test_secrets_that_everyone_could_read_are_closed_and_kept(tmp_path: Path) -> None:
    for name in ("secret_key", "secret_key_fallbacks", "postgres_password"):
        (tmp_path / name).write_text(f"the {name}")
        (tmp_path / name).chmod(0o444)
    # What a start that was killed has left.
    (tmp_path / "database_url.new").write_text("half")

    make_secrets.main(tmp_path, rotate=False)

    assert (tmp_path / "secret_key").read_text() == "the secret_key"
    assert "the postgres_password" in (tmp_path / "database_url").read_text()
    assert {mode(file) for file in tmp_path.iterdir()} == {0o440}


def test_nodes_are_of_the_group_that_reads_the_secrets() -> None:
    image = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    [group] = re.findall(r"^USER \d+:(\d+)$", image, re.M)

    assert part(r"^  secrets:\n(?: {4}.*\n)*?    user: \"(\S+)\"$") == f"0:{group}"
    # PostgreSQL's own user may not read its password: root hands it over.
    postgres = part(r"^  postgres:\n((?: {4}.*\n)+)")
    assert "POSTGRES_PASSWORD=$$(cat /secrets/postgres_password)" in postgres
    assert "POSTGRES_PASSWORD_FILE" not in postgres


# --- Backups --------------------------------------------------------------------------------------


def backup(folder: Path, dump: str, file: Path) -> subprocess.CompletedProcess[str]:
    """deploy/backup, with a `docker` that says this in the place of pg_dump."""
    docker = folder / "docker"
    docker.write_text(f"#!/bin/bash\n{dump}\n")
    docker.chmod(0o755)
    return subprocess.run(
        [ROOT / "deploy" / "backup", file.name],
        cwd=file.parent,
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    (tmp_path / "dumps").mkdir()
    return tmp_path / "dumps"


def test_a_backup_is_for_its_user_only(tmp_path: Path, dumps: Path) -> None:
    done = backup(tmp_path, "echo all of it", dumps / "chatroom.dump")

    assert done.returncode == 0, done.stderr
    assert (dumps / "chatroom.dump").read_text() == "all of it\n"
    assert mode(dumps / "chatroom.dump") == 0o600
    assert len(list(dumps.iterdir())) == 1


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path, dumps: Path) -> None:
    done = backup(tmp_path, "echo half of it; exit 1", dumps / "chatroom.dump")

    assert done.returncode == 1
    assert list(dumps.iterdir()) == []


@pytest.mark.parametrize("dump", ["echo all of it", "exit 1", "echo > dumps/other; exit 1"])
def test_a_backup_never_takes_the_place_of_another(tmp_path: Path, dumps: Path, dump: str) -> None:
    (dumps / "chatroom.dump").write_text("yesterday's")

    assert backup(tmp_path, dump, dumps / "chatroom.dump").returncode == 1
    assert (dumps / "chatroom.dump").read_text() == "yesterday's"


def test_a_backup_does_not_overwrite_what_has_come_meanwhile(tmp_path: Path, dumps: Path) -> None:
    file = dumps / "chatroom.dump"

    done = backup(tmp_path, f"echo another > {file}; echo all of it", file)

    assert done.returncode == 1
    assert file.read_text() == "another\n"
    assert len(list(dumps.iterdir())) == 1
