"""Plain nodes beside each other for the chapters of docs/learn: the product as it is.

No proxy of the bench, no switches: what stands before them and breaks them is yours.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from ..kit.launcher import LocalDeployment, launch
from ..kit.node import Node
from ..kit.watchdog import temporary_folder

# Balancers get so long to see that a node is about to go.
NOTICE_SECONDS = 3
FIRST_METRICS_PORT = 9101
# A node that ended is started again after this time, as a supervisor does.
AWAY_SECONDS = 10.0


@dataclass(frozen=True)
class PlainNodes:
    """What to start. `origins`: the addresses that people will type."""

    count: int
    first_port: int
    origins: Sequence[str]
    members: int


def serve(plan: PlainNodes, tell: Callable[[str], None], ended: Event) -> None:
    """Start them with a PostgreSQL and a Redis of their own; all is gone after `ended`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(temporary_folder("lab-nodes-")))
        deployment = stack.enter_context(
            launch(
                folder,
                members=plan.members,
                ALLOWED_HOSTS="localhost,127.0.0.1",
                DRAIN_NOTICE_SECONDS=str(NOTICE_SECONDS),
            )
        )
        cookies = folder / "cookies.txt"
        cookies.write_text("\n".join(deployment.cookies) + "\n")
        nodes = [_node(deployment, plan, number) for number in range(1, plan.count + 1)]
        for node in nodes:
            stack.enter_context(node)
            tell(_shown(node))
        metrics = ", ".join(str(FIRST_METRICS_PORT + at) for at in range(plan.count))
        tell(f"metrics: ports {metrics}")
        tell(f"PostgreSQL: {deployment.database_url}")
        tell(f"Redis: {deployment.redis.url}")
        tell(f"cookies of {plan.members} members: {cookies}")
        tell("Ctrl+C ends all of it.")
        while not ended.wait(0.5):
            for node in nodes:
                if node.process.poll() is not None:
                    tell(f"{node.name} ended; it starts again in {AWAY_SECONDS:.0f} s")
                    if not ended.wait(AWAY_SECONDS):
                        node.start()
                        tell(_shown(node))


def _shown(node: Node) -> str:
    return f"{node.name}: {node.origin}, process {node.process.pid}, log {node.log_file}"


def _node(deployment: LocalDeployment, plan: PlainNodes, number: int) -> Node:
    """At a port that is known beforehand, so that a proxy can be told of it."""
    port = plan.first_port + number - 1
    own = [f"http://{host}:{port}" for host in ("localhost", "127.0.0.1")]
    node = deployment.node(
        f"node-{number}",
        SITE_ORIGINS=",".join([*plan.origins, *own]),
        METRICS_PORT=str(FIRST_METRICS_PORT + number - 1),
    )
    node.command[node.command.index("--port") + 1] = str(port)
    node.port = port
    return node
