"""Hostile clients against a real node, beside people who only want to talk."""

import asyncio
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from lab.checker.check import Finding, check
from lab.checker.history import History
from lab.checker.records import Journal
from lab.drill.scenario import ClusterScenario
from lab.kit.launcher import LocalDeployment, cluster
from lab.kit.node import ManageError, Node

from .attackers import Attacker, Sayings
from .judge import Judge

# What the node may hold at the end more than when a fifth of the frames were there: its caches and
# rings are full then. A million frames that left 64 bytes each would be as much.
GROWTH_MAX = 64 << 20


@dataclass(frozen=True)
class Plan:
    frames: int
    seed: int = 1
    attackers: int = 24
    neighbours: int = 6
    # Sound commands that were damaged, and nothing else.
    only_mutates: bool = False


@dataclass(frozen=True)
class Verdict:
    """What came of it; `str()` is for people."""

    plan: Plan
    judge: Judge
    seconds: float
    # What the neighbours saw, by the rules of the drills; and what they said.
    findings: list[Finding]
    said: int
    neighbours_closed: int
    complaints: list[str]
    is_whole: bool
    memory: tuple[int, int]

    @property
    def growth(self) -> int:
        return self.memory[1] - self.memory[0]

    @property
    def ok(self) -> bool:
        return (
            not (self.judge.findings or self.findings or self.neighbours_closed or self.complaints)
            and self.is_whole
            and self.growth <= GROWTH_MAX
            and self.said > 0
        )

    def __str__(self) -> str:
        judge = self.judge
        answers = ", ".join(f"{count:,} {name}" for name, count in judge.answers.most_common(30))
        closes = ", ".join(f"{count:,} with {code}" for code, count in judge.closes.most_common())
        first, last = (f"{size / (1 << 20):.0f} MiB" for size in self.memory)
        return "\n".join(
            [
                f"{'sound' if self.ok else 'BROKEN'}: {judge.frames:,} frames from"
                f" {self.plan.attackers} attackers in {self.seconds:.0f} s,"
                f" {judge.frames / self.seconds:,.0f} a second (seed {self.plan.seed})",
                f"  answers: {answers}",
                f"  {judge.refs:,} frames had a ref that any reader makes out",
                f"  sockets closed: {closes or 'none'}",
                f"  {self.plan.neighbours} neighbours said {self.said:,} messages;"
                f" {self.neighbours_closed} of their sockets were closed",
                f"  the node's memory: {first} after a fifth, {last} in the end"
                f" (may grow by {GROWTH_MAX >> 20} MiB)",
                f"  the log is {'whole' if self.is_whole else 'BROKEN (check_log)'}",
                *(f"  in the node's log: {line}" for line in self.complaints[:3]),
                *(f"  the neighbours: {finding}" for finding in self.findings),
                *([f"  {judge}"] if judge.findings else []),
            ]
        )


async def attack(plan: Plan) -> Verdict:
    """Start a node with a PostgreSQL and a Redis of its own, and let them all in."""
    members = plan.attackers + plan.neighbours
    with tempfile.TemporaryDirectory(prefix="chatroom-fuzz-") as folder:
        async with cluster(Path(folder), nodes=1, rooms=2, members=members) as deployment:
            return await _attack(plan, deployment, Path(folder))


async def _attack(plan: Plan, deployment: LocalDeployment, folder: Path) -> Verdict:
    room, pit = deployment.take_rooms(2)
    [node], judge, histories = deployment.nodes, Judge(), folder / "histories"
    histories.mkdir()
    scenario = ClusterScenario(deployment, histories, [room])
    scenario.add_clients(plan.neighbours, pace=0.3)
    journals = [Journal(histories, f"attacker-{number}") for number in range(plan.attackers)]
    attackers = [
        Attacker(number, plan.seed, node, deployment.cookies.pop(), judge, Sayings(journal, room))
        for number, journal in enumerate(journals)
    ]
    await scenario.wait_for_clients()
    began = time.monotonic()
    await _let_loose(plan, plan.frames // 5, attackers, room, pit)
    early = node.memory()
    await _let_loose(plan, plan.frames, attackers, room, pit)
    seconds = time.monotonic() - began
    await scenario.quiesce()
    late = node.memory()
    await scenario.close()
    for journal in journals:
        journal.close()
    findings = await asyncio.to_thread(lambda: check(History.read(histories)))
    return Verdict(
        plan=plan,
        judge=judge,
        seconds=seconds,
        findings=findings,
        said=len(scenario.observed.answers),
        neighbours_closed=len(scenario.observed.closes),
        complaints=_complaints(node.log),
        is_whole=await asyncio.to_thread(_is_whole, node),
        memory=(early, late),
    )


async def _let_loose(
    plan: Plan, frames: int, attackers: list[Attacker], room: str, pit: str
) -> None:
    """Return when all of them together have said so many frames."""
    each = -(-frames // len(attackers))
    said = (attacker.run(each, room, pit, only_mutates=plan.only_mutates) for attacker in attackers)
    await asyncio.gather(*said)


def _complaints(log: str) -> list[str]:
    """What a node says of an error: the lines from one time to the next."""
    records = re.split(r"\n(?=\d{4}-\d\d-\d\d )", log)
    return [said for said in records if "Traceback" in said or " ERROR " in said]


def _is_whole(node: Node) -> bool:
    try:
        node.manage("check_log")
    except ManageError:
        return False
    return True
