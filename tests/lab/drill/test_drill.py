"""The short set of drills, on every run of the tests: real nodes, real faults, 40 seconds."""

import pytest

from lab.drill.run import DrillPlan, drills
from lab.drill.verdict import DrillVerdict
from lab.faults import FAULTS
from lab.management.commands.drill import SHORT

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]


async def test_the_short_drills_break_no_promise() -> None:
    faults = [FAULTS[name] for name in SHORT]

    verdicts = [verdict async for verdict in drills(faults, DrillPlan(clients=12, injections=1))]

    report = "\n".join(map(str, verdicts))
    assert [verdict.fault for verdict in verdicts] == SHORT, report
    # How long it took depends on what else this machine does: `manage.py drill` judges that.
    assert all(verdict.sound for verdict in verdicts), report
    for verdict in verdicts:
        # Something was said, and the fault was felt.
        assert verdict.acknowledged > 30, report
        assert recovered_other_than_by_hints(verdict) or verdict.noticed.seconds, report


def recovered_other_than_by_hints(verdict: DrillVerdict) -> bool:
    return verdict.resumed + verdict.read > 0
