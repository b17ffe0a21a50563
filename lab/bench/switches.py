"""The guarantee switches: each turns one mechanism off in the running nodes of the lab.

Here is what people read of them. What they do in a node is in `inside/mechanisms.py`; `fsync` is a
setting of PostgreSQL. Nothing of it is in the product, so no setting of production can turn one on.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent.parent


class SwitchState(Struct, kw_only=True):
    """A switch as it is shown."""

    name: str
    label: str
    sentence: str
    path: str
    on: bool


@dataclass
class Switch:
    """One mechanism. `sentence` says what happens without it."""

    name: str
    label: str
    sentence: str
    # The file and the function that does it.
    file: str
    function: str
    on: bool = True

    @property
    def path(self) -> str:
        """Where to read it, as `chat/realtime/head_poller.py:46`; found in the file of today."""
        return f"{self.file}:{line_of(self.file, self.function)}"

    @property
    def state(self) -> SwitchState:
        return SwitchState(
            name=self.name, label=self.label, sentence=self.sentence, path=self.path, on=self.on
        )


def all_switches() -> dict[str, Switch]:
    """A new set, with everything on."""
    return {name: Switch(name, *declared) for name, declared in _DECLARED.items()}


# By name: label, sentence, file, function.
_DECLARED = {
    "idempotency-key": (
        "Idempotency key",
        "Off: a message that is sent again is stored again, because nobody looks at its key.",
        "chat/messages/idempotency.py",
        "find_repeats",
    ),
    "answer-after-commit": (
        "Answer after the commit",
        "Off: a message is answered as soon as the node has it, and is stored afterwards.",
        "chat/realtime/writer.py",
        "RoomWriter._answer",
    ),
    "room-lock": (
        "Room lock",
        "Off: a number is taken before the commit and without the lock, so that a later number may"
        " be seen before an earlier one.",
        "chat/messages/commit.py",
        "_number_and_write",
    ),
    "head-poll": (
        "Look at heads",
        "Off: nodes do not ask the database how far the logs have come; only hints tell them.",
        "chat/realtime/head_poller.py",
        "HeadPoller.heads",
    ),
    "gap-repair": (
        "Gap repair",
        "Off: a node that knows that it is behind does not read what is missing.",
        "chat/realtime/gap_repair.py",
        "GapRepair.expect",
    ),
    "id-check": (
        "Id check",
        "Off: nobody asks whether the log is still the one that was read, so that two pasts mix.",
        "chat/messages/catch_up.py",
        "_reason_to_reset",
    ),
    "jitter": (
        "Jitter",
        "Off: everyone who must come back is told to do so after the same time.",
        "chatroom/server/drain.py",
        "_let_everyone_go",
    ),
    "bounded-sockets": (
        "Bounded sockets",
        "Off: what a socket does not take is kept for it in the node's memory, without a bound.",
        "chatroom/server/websocket.py",
        "DaphneSocket.pause",
    ),
    "fsync": (
        "Wait for the disk",
        "Off: PostgreSQL says “committed” before the commit is on the disk (synchronous_commit).",
        "chat/messages/commit.py",
        "_commit",
    ),
    "refuse-unsaved": (
        "Refuse what is not saved",
        "Off: without the database a node takes messages all the same, and shows them.",
        "chat/messages/commit.py",
        "_unanswered",
    ),
    "degraded-polling": (
        "Notice a deaf bus",
        "Off: a node does not notice that nothing comes back from Redis: it asks the database no"
        " more often, and never subscribes anew.",
        "chat/realtime/bus_monitor.py",
        "BusMonitor.silence",
    ),
}


@cache
def line_of(file: str, function: str) -> int:
    """The line on which this function, or method of a class, begins. LookupError without it."""
    found: list[ast.AST] = [ast.parse((ROOT / file).read_text())]
    for name in function.split("."):
        [found] = [
            [node for node in ast.iter_child_nodes(found[0]) if getattr(node, "name", "") == name]
        ]
        if not found:
            raise LookupError(f"{file} has no {function}")
    return int(getattr(found[0], "lineno", 0))
