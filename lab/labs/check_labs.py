"""Judges labs with the guarantee and without, for teachers and CI."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from ..bench.bench import Bench, open_bench
from ..bench.waiting import together
from ..kit.watchdog import temporary_folder
from .declaration import Lab, Verdict
from .judge import run_headless

TwoBenches = tuple[Bench, Bench]


class Result(Struct, kw_only=True):
    """One lab with one seed."""

    lab: int
    title: str
    seed: int
    switch: str
    with_guarantee: Verdict
    without_guarantee: Verdict
    seconds: float
    ok: bool = False

    def __post_init__(self) -> None:
        words = self.with_guarantee.word, self.without_guarantee.word
        self.ok = words == ("PASS", "FAIL")

    def __str__(self) -> str:
        lines = [
            f"{'ok' if self.ok else 'NOT OK':<7}{self.lab:>2} {self.title}"
            f" (seed {self.seed}, {self.seconds:.1f} s)",
            f"       {self.switch} on:  {_shown(self.with_guarantee)}",
            f"       {self.switch} off: {_shown(self.without_guarantee)}",
        ]
        unexpected = [] if self.ok else self.with_guarantee.trace
        return "\n".join([*lines, *(f"         {line}" for line in unexpected)])


async def check(
    labs: Sequence[Lab], seeds: Iterable[int], tell: Callable[[str], None]
) -> list[Result]:
    """Each lab with each seed; `tell` gets each result as it comes."""
    results = []
    for seed in seeds:
        async with two_benches(seed) as benches:
            for lab in labs:
                result = await judged(lab, benches, seed)
                results.append(result)
                tell(str(result))
    return results


@asynccontextmanager
async def two_benches(seed: int) -> AsyncIterator[TwoBenches]:
    """One keeps every guarantee; the other loses one at a time."""
    async with AsyncExitStack() as stack:
        folders = [Path(stack.enter_context(temporary_folder("lab-"))) for _ in range(2)]
        kept, broken = await together(
            *(stack.enter_async_context(open_bench(folder, seed=seed)) for folder in folders)
        )
        yield kept, broken


async def judged(lab: Lab, benches: TwoBenches, seed: int) -> Result:
    """With the guarantee and without, side by side: most of a lab is waiting."""
    began = time.monotonic()
    kept, broken = await together(
        *(
            run_headless(lab, bench, seed=seed, guarantee=guarantee)
            for bench, guarantee in zip(benches, (True, False), strict=True)
        )
    )
    return Result(
        lab=lab.number,
        title=lab.title,
        seed=seed,
        switch=lab.switch,
        with_guarantee=kept,
        without_guarantee=broken,
        seconds=time.monotonic() - began,
    )


def report(results: Sequence[Result]) -> bytes:
    """The results as JSON."""
    return msgspec.json.format(msgspec.json.encode(results), indent=2)


def _shown(verdict: Verdict) -> str:
    return f"{verdict.word} · {verdict.sentence}"
