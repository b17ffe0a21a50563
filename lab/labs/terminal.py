"""One lab in the terminal: the same order as on the page, with Enter for each step."""

import asyncio
from pathlib import Path
from typing import Protocol

from ..bench.bench import Bench, open_bench
from ..kit.watchdog import temporary_folder
from . import prose
from .declaration import Lab, Verdict
from .judge import LabRun
from .progress import Progress


class Output(Protocol):
    def write(self, text: str) -> object: ...


async def in_terminal(lab: Lab, seed: int, out: Output) -> None:
    """Question, prediction, steps, verdict; then the same without the guarantee; then why."""
    progress = Progress()
    out.write(f"\nLab {lab.number} · {lab.title} ({lab.minutes} minutes)\n\n{lab.question}\n")
    await _predict(lab, progress, out)
    out.write("\nStarting two nodes, PostgreSQL and Redis …")
    with temporary_folder("lab-") as folder:
        async with open_bench(Path(folder), seed=seed) as bench:
            for guarantee in (True, False):
                if not guarantee:
                    out.write(f"\nNow the same with “{lab.switch}” switched off.\n{lab.without}")
                verdict = await _once(lab, bench, seed, out, guarantee=guarantee)
                progress.judged(lab.number, verdict, guarantee=guarantee)
    out.write(f"\nWhy\n\n{prose.plain(lab.why)}\n\nDecision: docs/adr/{lab.adr}")
    for reading in lab.reading:
        out.write(f"Read on: {reading.title}, {reading.url}")
    out.write(f"\nTo think on: {lab.think_on}\n")


async def _predict(lab: Lab, progress: Progress, out: Output) -> None:
    out.write(f"\n{lab.predict.ask}")
    for number, choice in enumerate(lab.predict.choices, 1):
        out.write(f"  {number}  {choice}")
    answer = ""
    while answer not in ("1", "2", "3"):
        answer = (await asyncio.to_thread(input, "Your prediction (1, 2, 3): ")).strip()
    progress.predict(lab.number, int(answer) - 1)


async def _once(lab: Lab, bench: Bench, seed: int, out: Output, *, guarantee: bool) -> Verdict:
    run = LabRun(lab, bench, seed=seed, guarantee=guarantee)
    try:
        await run.begin()
        for number, step in enumerate(lab.steps):
            await asyncio.to_thread(input, f"\n{step.label} [Enter] ")
            await run.act(number)
            out.write(f"Watch: {prose.plain(step.watch)}")
        verdict = await run.check()
    finally:
        await run.end()
    out.write(f"\n{verdict.word} · {verdict.sentence}")
    for line in verdict.trace:
        out.write(f"    {line}")
    return verdict
