"""Every lab: with the guarantee its assertion holds, without it the same assertion fails."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lab.bench.bench import Bench
from lab.labs.check_labs import TwoBenches, judged, two_benches
from lab.labs.declaration import Lab
from lab.labs.judge import LabRun, run_headless
from lab.labs.registry import lab, labs

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def benches() -> AsyncIterator[TwoBenches]:
    """For all of them; each leaves them healed."""
    async with two_benches(seed=1) as benches:
        yield benches


@pytest.fixture
def bench(benches: TwoBenches) -> Bench:
    return benches[0]


@pytest.mark.parametrize("one", labs(), ids=lambda one: one.title)
async def test_a_lab_passes_with_its_guarantee_and_fails_without_it(
    benches: TwoBenches, one: Lab
) -> None:
    result = await judged(one, benches, seed=1)

    assert result.ok, f"{result.with_guarantee}\n{result.without_guarantee}"
    assert result.without_guarantee.trace, "A failure shows why."
    assert all(switch.on for bench in benches for switch in bench.switches.values())


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


async def test_lab_3_fails_for_messages_that_are_not_in_the_log(bench: Bench) -> None:
    run = LabRun(lab(3), bench)
    await run.begin()
    # As if the database had refused all that was sent.
    run.acted = 1

    verdict = await run.check()
    await run.end()

    assert verdict.word == "FAIL"
    assert verdict.sentence == "24 of 25 messages are not in the log."


async def test_lab_9_passes_for_readers_that_were_closed_as_too_slow(bench: Bench) -> None:
    run = LabRun(lab(9), bench)
    await run.begin()
    run.acted = 2
    run.scene.notes.update(held=0, unwritable=0, closed=3, last=1)

    verdict = await run.check()
    await run.end()

    assert verdict.word == "PASS"
    assert "closed 3 of them" in verdict.sentence
