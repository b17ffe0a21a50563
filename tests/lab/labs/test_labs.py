"""Every lab: with the guarantee its assertion holds, without it the same assertion fails."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from lab.bench.bench import Bench, open_bench
from lab.labs.declaration import Lab
from lab.labs.judge import LabRun, run_headless
from lab.labs.registry import lab, labs

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Bench]:
    """One bench for all of them, which each leaves healed."""
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        async with open_bench(Path(folder)) as bench:
            yield bench


@pytest.mark.parametrize("one", labs(), ids=lambda one: one.title)
async def test_a_lab_passes_with_its_guarantee_and_fails_without_it(bench: Bench, one: Lab) -> None:
    kept = await run_headless(one, bench, seed=1, guarantee=True)
    broken = await run_headless(one, bench, seed=1, guarantee=False)

    assert (kept.word, broken.word) == ("PASS", "FAIL"), f"{kept}\n{broken}"
    assert broken.trace, "A failure shows why."
    assert all(switch.on for switch in bench.switches.values())


async def test_a_lab_that_was_not_acted_out_is_inconclusive_and_says_what_to_do(
    bench: Bench,
) -> None:
    run = LabRun(lab(2), bench)
    await run.begin()

    verdict = await run.check()
    await run.end()

    assert verdict.word == "INCONCLUSIVE"
    assert lab(2).steps[0].label in verdict.sentence


async def test_a_lab_whose_node_is_down_is_inconclusive_and_the_next_one_is_not(
    bench: Bench,
) -> None:
    run = LabRun(lab(4), bench)
    await run.begin()
    await bench.fault("kill", "node-1")
    await run.act(0)
    with pytest.raises(TimeoutError):
        await run.scene["ada"].post("Hello?", seconds=1)
    await run.end()

    assert (await run_headless(lab(2), bench, seed=1, guarantee=True)).word == "PASS"
