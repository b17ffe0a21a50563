"""One bench for all tests of a file; each test finds it healed."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from lab.bench.bench import Bench, open_bench


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_bench() -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        async with open_bench(Path(folder)) as bench:
            yield bench


@pytest_asyncio.fixture(loop_scope="module")
async def bench(shared_bench: Bench) -> AsyncIterator[Bench]:
    yield shared_bench
    await shared_bench.heal()
