"""The drill on the containers of docker-compose.yml, with clients behind their proxy."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

from ..checker.history import History
from ..faults.fault import Promise
from ..kit.deployment import PREPARE, Deployment, Endpoint, cookies_in
from ..kit.servers import NoServerError, free_port
from .drill_report import verdict_on
from .scenario import Scenario
from .verdict import DrillVerdict

ROOMS = 2
# Seconds between two messages of one client.
PACE = 1.0
# Seconds for which a service is down.
GONE_SECONDS = 5
STEP_SECONDS = 600


@dataclass(frozen=True)
class Compose:
    """`docker compose` on a clean clone, as a project of its own."""

    folder: Path
    port: int

    def __call__(self, *arguments: str) -> str:
        return self.run("docker", "compose", *arguments)

    def run(self, *command: str) -> str:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=self.folder,
            env=os.environ
            | {"COMPOSE_PROJECT_NAME": "chatroom-drill", "COMPOSE_FILE": "docker-compose.yml"}
            | {"PORT": str(self.port), "RATE_LIMITS": "off"},
            capture_output=True,
            text=True,
            check=False,
            timeout=STEP_SECONDS,
        )
        if done.returncode:
            raise NoServerError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def address(self, service: str) -> str:
        """The address of a container that publishes no port."""
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        return self.run("docker", "inspect", "-f", form, self("ps", "-q", service).strip()).strip()


class ComposeDeployment(Deployment):
    """Two nodes behind Caddy, with their PostgreSQL and Redis."""

    def __init__(self, compose: Compose) -> None:
        super().__init__()
        self.compose = compose
        self._endpoints = [Endpoint("front", compose.port)]
        url = compose("exec", "-T", "web-1", "cat", "/secrets/database_url").strip()
        self._database = urlsplit(url)
        self.locate_database()

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        return self._endpoints

    @property
    def database_url(self) -> str:
        return self._url

    def locate_database(self) -> None:
        """A container that comes back may have another address."""
        host = self.compose.address("postgres")
        network = self._database.netloc.replace("@postgres:", f"@{host}:")
        self._url = self._database._replace(netloc=network).geturl() + "?connect_timeout=5"


@contextmanager
def containers(*, rooms: int, members: int) -> Iterator[ComposeDeployment]:
    """Clone what is committed, build and start it; removed in the end."""
    with tempfile.TemporaryDirectory(prefix="chatroom-compose-") as temporary:
        compose = Compose(Path(temporary, "chatroom"), free_port())
        clone = ["git", "clone", "--quiet", str(settings.BASE_DIR), str(compose.folder)]
        subprocess.run(clone, check=True)  # noqa: S603
        try:
            compose("up", "--detach", "--build", "--wait", "--wait-timeout", "300")
            deployment = ComposeDeployment(compose)
            script = PREPARE.format(rooms=rooms, members=members, prefix="Drill")
            manage = ["python", "manage.py", "shell", "-v0", "-c", script]
            deployment.cookies = cookies_in(compose("exec", "-T", "web-1", *manage))
            psycopg.connect(deployment.database_url).close()
            yield deployment
        except psycopg.OperationalError as error:
            raise NoServerError(
                f"This machine does not reach the containers of internal networks ({error}): "
                "this drill needs Docker on Linux."
            ) from None
        finally:
            compose("down", "--volumes", "--timeout", "1")


# --- Faults ---------------------------------------------------------------------------------------


def killed(service: str) -> Callable[[ComposeDeployment], None]:
    def inject(deployment: ComposeDeployment) -> None:
        deployment.compose("kill", service)
        time.sleep(GONE_SECONDS)
        # `--no-recreate`: Compose would otherwise replace the container.
        deployment.compose("up", "--detach", "--no-deps", "--no-recreate", "--wait", service)
        deployment.locate_database()

    return inject


def rolled(deployment: ComposeDeployment) -> None:
    # A new version has a new image.
    with (deployment.compose.folder / "chat" / "__init__.py").open("a") as code:
        code.write("# another version\n")
    deployment.compose.run("deploy/roll")


@dataclass(frozen=True)
class ComposeStep:
    name: str
    inject: Callable[[ComposeDeployment], None]
    promise: Promise


STEPS = [
    ComposeStep("kill-a-node", killed("web-1"), Promise()),
    ComposeStep("kill-redis", killed("redis"), Promise()),
    ComposeStep("kill-the-proxy", killed("proxy"), Promise()),
    ComposeStep("kill-postgres", killed("postgres"), Promise()),
    ComposeStep("roll", rolled, Promise(away_p95=3.0, farewells=0.99)),
]


async def drills(*, people: int, injections: int) -> AsyncIterator[DrillVerdict]:
    """One verdict for each step, with new rooms and clients."""
    with (
        containers(rooms=ROOMS * len(STEPS), members=people * len(STEPS)) as deployment,
        tempfile.TemporaryDirectory(prefix="chatroom-histories-") as histories,
    ):
        for step in STEPS:
            yield await _drill(deployment, step, Path(histories), people, injections)


async def _drill(
    deployment: ComposeDeployment, step: ComposeStep, histories: Path, people: int, injections: int
) -> DrillVerdict:
    folder = Path(tempfile.mkdtemp(dir=histories))
    scenario = Scenario(deployment, folder, deployment.take_rooms(ROOMS))
    # With the back-off of a browser.
    scenario.add_clients(people, PACE, patience=1.0)
    await scenario.wait_for_clients()
    await asyncio.sleep(1)
    for _ in range(injections):
        await scenario.inject(step.name, _inject(deployment, step))
        await scenario.wait_for_clients()
        await asyncio.sleep(1)
    await scenario.quiesce()
    await scenario.close()
    history = History.read(folder)
    return await asyncio.to_thread(verdict_on, scenario, step.name, step.promise, history)


def _inject(
    deployment: ComposeDeployment, step: ComposeStep
) -> Callable[[Scenario], Awaitable[None]]:
    async def inject(_: Scenario) -> None:
        await asyncio.to_thread(step.inject, deployment)

    return inject
