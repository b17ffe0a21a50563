"""A node of the bench, behind its front proxy."""

import signal
from dataclasses import dataclass
from typing import Literal

from ..kit.deployment import Endpoint
from ..kit.node import Node
from .edges import Edge
from .waiting import to_the_end, wait_until

# A drain takes no longer (chatroom/server/drain.py), nor the end of the process after it.
DRAIN_SECONDS = 60

State = Literal["up", "frozen", "down", "draining"]


@dataclass
class Front(Endpoint):
    """The address of a node as people reach it. `lane` names them in the timeline."""

    lane: str = ""

    @property
    def url(self) -> str:
        return f"{super().url}?lane={self.lane}" if self.lane else super().url


class BenchNode:
    """One node: its process, its front proxy's address, and whether it is up."""

    def __init__(self, node: Node, front_port: int, edge: Edge) -> None:
        self.name = node.name
        self.node = node
        self.front = Front(node.name, front_port)
        # Between people and this node.
        self.edge = edge
        self.state: State = "down"

    @property
    def front_url(self) -> str:
        return self.front.origin

    def cookie(self, minted: str) -> str:
        """A member's cookie as this node knows it: each node has a name of its own for it."""
        name, _, value = minted.partition("=")
        return f"{name}-{self.name}={value}"

    async def start(self) -> None:
        if self.state == "down":
            await to_the_end(self.node.start)
            self.state = "up"

    async def kill(self) -> None:
        """As if the power had failed."""
        self.state = "down"
        await to_the_end(self.node.stop, signal.SIGKILL)

    async def end(self) -> None:
        """Kill it for good."""
        self.state = "down"
        await to_the_end(self.node.end)

    def freeze(self) -> None:
        """It stands still, and so do its sockets, which nobody closes."""
        if self.state == "up":
            self.node.send(signal.SIGSTOP)
            self.state = "frozen"

    def resume(self) -> None:
        if self.state == "frozen":
            self.node.send(signal.SIGCONT)
            self.state = "up"

    async def drain(self) -> None:
        """As a deploy ends it: it answers what was begun, says goodbye to each socket, and ends."""
        if self.state == "up":
            self.state = "draining"
            await to_the_end(self.node.stop, signal.SIGTERM)
            self.state = "down"

    async def heal(self) -> None:
        """Up again, whatever was done to it."""
        self.resume()
        await wait_until(lambda: self.state != "draining", DRAIN_SECONDS)
        await self.start()
