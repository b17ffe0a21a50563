"""Runs labs on a bench, and has their assertions judge."""

import asyncio
from random import Random

from ..bench.bench import Bench
from .declaration import InconclusiveError, Lab, Verdict
from .scene import Scene

# No lab takes longer; one that does is stuck.
LAB_SECONDS = 90.0
# Raised by steps when a server was not as they need it.
TROUBLES = (TimeoutError, OSError, LookupError)


class LabRun:
    """One run: begin, act step by step, check as often as wanted, end."""

    def __init__(self, lab: Lab, bench: Bench, *, seed: int = 1, guarantee: bool = True) -> None:
        self.lab = lab
        self.guarantee = guarantee
        self._bench = bench
        # The same chance with the guarantee and without.
        self._random = Random(f"{seed}/{lab.number}")  # noqa: S311
        self._scene: Scene | None = None
        self.acted = 0

    @property
    def scene(self) -> Scene:
        if self._scene is None:
            raise InconclusiveError("This lab has not begun. Start it first.")
        return self._scene

    async def begin(self) -> None:
        """Heal the bench, and bring the people into a fresh room."""
        await self._bench.heal()
        if not self.guarantee:
            await self._bench.switch(self.lab.switch, False)
        self._scene = Scene(self._bench, await self._bench.new_room(), self._random)
        await self.lab.prepare(self._scene)

    async def act(self, number: int) -> None:
        """Do the step with this number, counted from 0."""
        await self.lab.steps[number].act(self.scene)
        self.acted = max(self.acted, number + 1)

    async def check(self) -> Verdict:
        """The assertion, as things stand. Never raises for what a lab may run into."""
        if self.acted < len(self.lab.steps):
            step = self.lab.steps[self.acted].label
            return Verdict("INCONCLUSIVE", f"There is a step to do first: “{step}”.")
        try:
            return await self.lab.judge(self.scene)
        except (InconclusiveError, *TROUBLES) as trouble:
            return inconclusive(trouble)

    async def end(self) -> None:
        """Everyone leaves; the bench is whole, with every guarantee on."""
        await self.leave()
        await self._bench.heal()

    async def leave(self) -> None:
        """Everyone leaves; the bench stays as it is."""
        if self._scene is not None:
            await self._scene.close()
            self._scene = None


async def run_headless(lab: Lab, bench: Bench, *, seed: int, guarantee: bool) -> Verdict:
    """Every step, one after the other, and the verdict."""
    run = LabRun(lab, bench, seed=seed, guarantee=guarantee)
    try:
        async with asyncio.timeout(LAB_SECONDS):
            await run.begin()
            for number in range(len(lab.steps)):
                await run.act(number)
            return await run.check()
    except (InconclusiveError, *TROUBLES) as trouble:
        return inconclusive(trouble)
    finally:
        await run.end()


def inconclusive(trouble: BaseException) -> Verdict:
    if isinstance(trouble, InconclusiveError):
        return Verdict("INCONCLUSIVE", str(trouble))
    said = f"{type(trouble).__name__}: {trouble}".rstrip(": ")
    return Verdict("INCONCLUSIVE", f"The bench was not ready ({said}). Heal, and try again.")
