"""deploy/roll takes no node away from people who would have nowhere to go.

There is no engine here: `docker` is a script that keeps what it is told in a folder.
"""

import fcntl
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent

# A container is a file with its health. A node that is started gets what `after/` says, or healthy.
DOCKER = """\
#!/bin/bash
cd "$(dirname "$0")"
echo "$*" >> calls
for node in "$@"; do :; done
case "$*" in
  "compose config --services") cat services ;;
  "compose config --images") echo chatroom:local ;;
  "compose ps --quiet "*) [ ! -e ps-fails ] || exit 1
    [ ! -e "health/$node" ] || echo "$node" ;;
  "inspect "*) cat "health/$2" ;;
  "compose rm --stop --force "*) rm -f "health/$5" ;;
  "compose up "*" proxy") ;;
  "compose up "*"web-"*)
    cat "after/$node" 2> /dev/null > "health/$node" || echo healthy > "health/$node"
    grep -qx healthy "health/$node" ;;
  "compose exec -T proxy cat /config/Caddyfile") cat "$CADDYFILE" ;;
esac
"""


@dataclass
class Engine:
    folder: Path

    def __post_init__(self) -> None:
        for name in ("health", "after"):
            (self.folder / name).mkdir()
        docker = self.folder / "docker"
        docker.write_text(DOCKER)
        docker.chmod(0o755)

    def nodes(self, **health: str) -> None:
        """How each is; `gone` has no container."""
        names = [name.replace("_", "-") for name in health]
        (self.folder / "services").write_text("\n".join(["postgres", "proxy", *names]) + "\n")
        for name, state in zip(names, health.values(), strict=True):
            if state != "gone":
                (self.folder / "health" / name).write_text(f"{state}\n")

    def after(self, node: str, state: str) -> None:
        (self.folder / "after" / node).write_text(f"{state}\n")

    def roll(self) -> subprocess.CompletedProcess[str]:
        more = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        more |= {"CADDYFILE": str(ROOT / "deploy" / "Caddyfile")}
        return subprocess.run(
            [ROOT / "deploy" / "roll"],
            env=os.environ | more,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def replaced(self) -> list[str]:
        calls = (self.folder / "calls").read_text().splitlines()
        return [call.split()[4] for call in calls if call.startswith("compose rm ")]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def test_healthy_nodes_are_replaced_in_turn(engine: Engine) -> None:
    engine.nodes(web_1="healthy", web_2="healthy", web_3="healthy")

    done = engine.roll()

    assert done.returncode == 0, done.stderr
    assert engine.replaced == ["web-1", "web-2", "web-3"]


@pytest.mark.parametrize("state", ["unhealthy", "starting", "gone"])
def test_a_node_that_is_not_healthy_is_replaced_before_the_one_that_serves(
    engine: Engine, state: str
) -> None:
    engine.nodes(web_1="healthy", web_2=state)

    done = engine.roll()

    assert done.returncode == 0, done.stderr
    assert engine.replaced == ["web-2", "web-1"]


@pytest.mark.parametrize("state", ["unhealthy", "gone"])
def test_the_last_healthy_node_stays_while_the_other_does_not_get_well(
    engine: Engine, state: str
) -> None:
    engine.nodes(web_1="healthy", web_2=state)
    engine.after("web-2", "unhealthy")

    done = engine.roll()

    assert done.returncode == 1
    assert engine.replaced == ["web-2"]
    assert "web-2 did not get ready" in done.stderr


def test_a_node_that_falls_ill_meanwhile_stops_the_roll_by_its_name(engine: Engine) -> None:
    engine.nodes(web_1="healthy", web_2="healthy", web_3="healthy")
    # Compose says that web-1 is up; a moment later it is not well.
    with (engine.folder / "docker").open("a") as docker:
        docker.write(
            '[[ $* != "compose up "*" web-1" ]] || echo unhealthy > health/web-1\nexit 0\n'
        )

    done = engine.roll()

    assert done.returncode == 1
    assert engine.replaced == ["web-1"]
    assert "web-2 is left as it is" in done.stderr
    assert "web-1: unhealthy" in done.stderr


def test_a_health_that_cannot_be_asked_for_is_no_answer(engine: Engine) -> None:
    engine.nodes(web_1="healthy", web_2="healthy")
    (engine.folder / "ps-fails").touch()

    assert engine.roll().returncode == 1
    assert engine.replaced == []


def test_two_at_once_would_leave_no_node(engine: Engine) -> None:
    engine.nodes(web_1="healthy", web_2="healthy")
    with (ROOT / "docker-compose.yml").open() as composition:
        fcntl.flock(composition, fcntl.LOCK_EX)
        done = engine.roll()

    assert done.returncode == 1
    assert "Another deploy/roll" in done.stderr
    assert not (engine.folder / "calls").exists()


def test_a_composition_without_nodes_is_said_so(engine: Engine) -> None:
    engine.nodes()

    done = engine.roll()

    assert done.returncode == 1
    assert "There is no node" in done.stderr
