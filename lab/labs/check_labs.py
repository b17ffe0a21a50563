"""Judges labs with the guarantee and without, for teachers and CI."""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ..bench.bench import open_bench
from .declaration import Lab, Verdict
from .judge import run_headless


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
    """Each lab with each seed, on one bench a seed; `tell` gets each result as it comes."""
    results = []
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="lab-") as folder:
            async with open_bench(Path(folder), seed=seed) as bench:
                for lab in labs:
                    began = time.monotonic()
                    result = Result(
                        lab=lab.number,
                        title=lab.title,
                        seed=seed,
                        switch=lab.switch,
                        with_guarantee=await run_headless(lab, bench, seed=seed, guarantee=True),
                        without_guarantee=await run_headless(
                            lab, bench, seed=seed, guarantee=False
                        ),
                        seconds=time.monotonic() - began,
                    )
                    results.append(result)
                    tell(str(result))
    return results


def report(results: Sequence[Result]) -> bytes:
    """The results as JSON."""
    return msgspec.json.format(msgspec.json.encode(results), indent=2)


def _shown(verdict: Verdict) -> str:
    return f"{verdict.word} · {verdict.sentence}"
