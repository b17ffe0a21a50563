"""What the lab's server reports of tasks that nobody awaits."""

import asyncio

import pytest
from django.core.exceptions import RequestAborted

from lab.web.server import report

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("error", "lines"), [(RequestAborted(), 0), (LookupError("a mistake of ours"), 1)]
)
async def test_that_someone_went_is_no_mistake(
    error: Exception, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    report(asyncio.get_running_loop(), {"message": "never retrieved", "exception": error})

    assert len(caplog.records) == lines
