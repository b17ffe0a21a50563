"""The example for Kubernetes: its secrets are kept, and its rules let in who must come in."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

KUBERNETES = Path(__file__).resolve().parent.parent / "deploy" / "kubernetes"
DATABASE = "postgres://chatroom:p%40ss=word@postgres:5432/chatroom"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    shutil.copytree(KUBERNETES, tmp_path, dirs_exist_ok=True)
    return tmp_path / "example"


def secrets(example: Path, *arguments: str, told: str = "", status: int = 0) -> dict[str, str]:
    """Run it, and return what the file holds then."""
    done = subprocess.run(
        [example / "secrets", *arguments], input=told, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stderr
    # A log of whatever runs it must not have them.
    assert done.stdout == ""
    return held(example)


def held(example: Path) -> dict[str, str]:
    lines = (example / "secrets.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line)


def test_secrets_are_for_their_user_only(example: Path) -> None:
    # As a careless shell leaves it.
    (example / "secrets.env").touch(mode=0o666)

    made = secrets(example, told=DATABASE)

    assert made["DATABASE_URL"] == DATABASE
    assert made["SECRET_KEY_FALLBACKS"] == ""
    assert made["REDIS_PASSWORD"] in made["REDIS_URL"]
    for file in example.glob("secrets.env*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "told"), [((), ""), ((), "postgres://elsewhere"), ((DATABASE,), "")]
)
def test_secrets_that_are_there_are_kept(
    example: Path, arguments: tuple[str, ...], told: str
) -> None:
    made = secrets(example, told=DATABASE)

    assert secrets(example, *arguments, told=told) == made


def test_another_database_does_not_take_the_place_of_the_first(example: Path) -> None:
    made = secrets(example, told=DATABASE)

    assert secrets(example, "postgres://elsewhere", status=1) == made


def test_secrets_that_the_shell_has_just_emptied_are_brought_back(example: Path) -> None:
    made = secrets(example, told=DATABASE)

    with (example / "secrets.env").open("w") as emptied:
        subprocess.run([example / "secrets", DATABASE], stdout=emptied, check=True)

    assert held(example) == made


def test_what_an_earlier_version_made_is_completed(example: Path) -> None:
    file = example / "secrets.env"
    file.write_text(
        f"SECRET_KEY=a\nDATABASE_URL={DATABASE}\nREDIS_URL=redis://own:6379/1\nMORE=b\n"
    )

    completed = secrets(example)

    assert completed["SECRET_KEY"] == "a"
    assert completed["REDIS_URL"] == "redis://own:6379/1"
    assert completed["MORE"] == "b"
    assert {"SECRET_KEY_FALLBACKS", "REDIS_PASSWORD"} <= set(completed)


def test_a_rotation_keeps_the_two_last_keys(example: Path) -> None:
    keys = [secrets(example, told=DATABASE)["SECRET_KEY"]]
    for _ in range(3):
        rotated = secrets(example, "rotate")
        assert rotated["SECRET_KEY"] not in keys
        assert rotated["SECRET_KEY_FALLBACKS"].split(",") == keys[::-1][:2]
        assert rotated["DATABASE_URL"] == DATABASE
        keys.append(rotated["SECRET_KEY"])


@pytest.mark.parametrize(("arguments", "told"), [((), ""), ((), "mysql://x"), (("what",), "")])
def test_what_makes_no_sense_makes_no_secrets(
    example: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = subprocess.run([example / "secrets", *arguments], input=told, text=True, check=False)

    assert done.returncode != 0
    assert not (example / "secrets.env").exists()


def test_every_secret_that_the_nodes_read_from_a_file_is_made(example: Path) -> None:
    base = (KUBERNETES / "base" / "kustomization.yaml").read_text()
    read = set(re.findall(r"_FILE=/secrets/(\w+)$", base, re.M))

    assert "SECRET_KEY_FALLBACKS" in read
    assert read <= set(secrets(example, told=DATABASE))


def test_the_solvers_of_certificates_are_reached_though_all_else_is_closed() -> None:
    rules = (KUBERNETES / "base" / "network.yaml").read_text().split("---\n")
    [solver] = [rule for rule in rules if "acme.cert-manager.io/http01-solver" in rule]

    # Labels that kustomize adds to matchLabels would leave cert-manager's own pods out.
    assert "matchExpressions:" in solver
    assert "matchLabels:" not in solver
    assert "{port: 8089}" in solver
