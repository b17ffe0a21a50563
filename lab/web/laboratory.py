"""What the lab's page acts on: the bench, the lab that is open, and the people in the frames."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable
from typing import Any

from django.conf import settings
from msgspec import to_builtins

from ..bench.bench import Bench
from ..bench.state import BenchState
from ..bench.waiting import wait_until
from ..labs.declaration import Lab, Verdict
from ..labs.judge import LabRun, inconclusive
from ..labs.progress import Progress
from ..labs.registry import lab, labs
from ..labs.sheet import Sheet, sheet
from .joining import Joined, join

PEOPLE = ("Ada", "Bob")
# So long a lab waits for the pages in the frames.
PAGES_SECONDS = 10.0


class LabSheet(Sheet, kw_only=True):
    """A lab as the page shows it. `acted`: steps done since it was opened."""

    acted: int
    switch_label: str


class RefusedError(Exception):
    """What was asked for is not possible; the message says what to do."""


class Laboratory:
    """One bench, one reader, one lab at a time."""

    def __init__(self, bench: Bench, port: int, progress: Progress) -> None:
        self.bench = bench
        self.port = port
        # Only the page that we served knows it (guards.py).
        self.token = secrets.token_urlsafe(24)
        # By this a page knows that the lab was closed and opened again; it is no secret.
        self.started = secrets.token_hex(4)
        self.progress = progress
        self.people: list[Joined] = []
        self.current = next((one.number for one in labs() if not progress.of(one.number).done), 1)
        self.room = ""
        self._run: LabRun | None = None
        # How many pages look, and by person: the room that their page is in, and its connection.
        self.watchers = 0
        self._pages: dict[str, tuple[str, str]] = {}
        self._busy = asyncio.Lock()

    @property
    def _lanes(self) -> list[str]:
        return [name.lower() for name in PEOPLE]

    def front_origins(self, host: str) -> list[str]:
        """Where the two rooms are, at the name of this machine that the reader's browser uses."""
        name = host.partition(":")[0]
        return [f"http://{name}:{node.front.port}" for node in self.bench.nodes]

    async def open(self) -> None:
        """Let Ada and Bob join, and begin the first lab that is not done."""
        pairs = zip(PEOPLE, self.bench.nodes, strict=True)
        joining = (asyncio.to_thread(join, node.front, name) for name, node in pairs)
        self.people = list(await asyncio.gather(*joining))
        for one in self.people:
            # Whom a lab calls ada is Ada.
            self.bench.introduce(one.name.lower(), f"{settings.MEMBER_COOKIE}={one.cookie_value}")
        # What a lab lacks is said when one of its steps is done.
        self.room = await self.bench.new_room()
        with contextlib.suppress(RefusedError):
            await self._begin(lab(self.current), guarantee=True)

    async def close(self) -> None:
        """Nothing is healed: the bench ends too."""
        if self._run is not None:
            await self._run.leave()

    async def state(self) -> BenchState:
        return await self.bench.state(self.room)

    def shown(self, lane: str, told: dict[str, Any]) -> None:
        """What Ada's or Bob's page tells of itself (lab/bench/inside/reporter.js)."""
        if lane not in self._lanes:
            raise RefusedError(f"There is no page of {lane}.")
        if told["kind"] == "phase":
            self._pages[lane] = told["room"], told["phase"]
        else:
            self.bench.meter.record_tab(lane, told)

    def faults(self) -> object:
        """What the desk offers, for the template."""
        return to_builtins(self.bench.faults)

    # --- The labs -----------------------------------------------------------------------------

    def sheets(self) -> dict[str, object]:
        """Every lab, which is open, and which start of the lab tells it."""
        sheets = [self._sheet(one) for one in labs()]
        return {"current": self.current, "labs": sheets, "started": self.started}

    async def do(self, number: int, act: str, body: dict[str, int]) -> None:
        """What a reader does in a lab, one thing at a time. RefusedError, LookupError."""
        acts = {
            "open": self._open,
            "predict": self._predict,
            "act": self._act,
            "check": self._check,
            "switch-off": self._switch_off,
            "reset": self._reset,
        }
        if act not in acts:
            raise LookupError(f"A lab knows no {act}.")
        if self._busy.locked():
            raise RefusedError("One thing at a time: the last one is not done yet.")
        async with self._busy:
            await acts[act](lab(number), body)

    async def _open(self, one: Lab, _: dict[str, int]) -> None:
        self.current = one.number
        await self._begin(one, guarantee=True)

    async def _predict(self, one: Lab, body: dict[str, int]) -> None:
        choice = body.get("choice", -1)
        if not 0 <= choice < len(one.predict.choices):
            raise RefusedError("Choose one of the predictions.")
        self.progress.predict(one.number, choice)

    async def _act(self, one: Lab, body: dict[str, int]) -> None:
        step = body.get("step", -1)
        run = self._of(one)
        if run is None or not run.guarantee:
            run = await self._begin(one, guarantee=True)
        if step != run.acted:
            raise RefusedError("The steps build on each other: do the first one that is not done.")
        await self._tell_trouble(run.act(step))
        self.progress.acted(one.number, run.acted)

    async def _check(self, one: Lab, _: dict[str, int]) -> None:
        run = self._of(one)
        if run is None:
            raise RefusedError("Do the steps first.")
        self.progress.judged(one.number, await run.check(), guarantee=run.guarantee)

    async def _switch_off(self, one: Lab, _: dict[str, int]) -> None:
        """The same steps and the same check in a new room, without the guarantee."""
        run = await self._begin(one, guarantee=False)
        verdict: Verdict
        try:
            for step in range(len(one.steps)):
                await run.act(step)
            verdict = await run.check()
        except Exception as trouble:
            verdict = inconclusive(trouble)
        self.progress.judged(one.number, verdict, guarantee=False)

    async def _reset(self, one: Lab, _: dict[str, int]) -> None:
        self.progress.reset(one.number)
        await self._open(one, {})

    async def _begin(self, one: Lab, *, guarantee: bool) -> LabRun:
        """End what ran, and bring this lab's people into a fresh room, which the frames show."""
        if self._run is not None:
            ended, self._run = self._run, None
            await ended.end()
        run = self._run = LabRun(one, self.bench, guarantee=guarantee)
        self.bench.meter.forget()
        await self._tell_trouble(run.begin())
        self.room = run.scene.room
        await self._pages_follow()
        return run

    async def _pages_follow(self) -> None:
        """Wait until the pages are in the room too: what they ask on their way in is no part of a
        lab. If nobody looks, or a page does not get there, the lab goes on without.
        """
        await wait_until(
            lambda: (
                not self.watchers
                or all(self._pages.get(lane) == (self.room, "live") for lane in self._lanes)
            ),
            PAGES_SECONDS,
        )

    def _of(self, one: Lab) -> LabRun | None:
        return self._run if self._run is not None and self._run.lab is one else None

    async def _tell_trouble(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except Exception as trouble:
            raise RefusedError(inconclusive(trouble).sentence) from trouble

    def _sheet(self, one: Lab) -> LabSheet:
        run = self._of(one)
        shown = sheet(one, self.progress.of(one.number))
        acted = len(one.steps) if shown.progress.with_guarantee else 0
        if run is not None and run.guarantee:
            acted = max(acted, run.acted) if shown.done else run.acted
        fields = {name: getattr(shown, name) for name in shown.__struct_fields__}
        label = self.bench.switches[one.switch].label
        return LabSheet(**fields, acted=acted, switch_label=label)


_laboratory: list[Laboratory] = []


def laboratory() -> Laboratory:
    """The one of this process."""
    return _laboratory[0]


def install(one: Laboratory) -> None:
    _laboratory[:] = [one]
