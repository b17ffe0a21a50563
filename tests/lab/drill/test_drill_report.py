"""What the report of a drill reads in the nodes' logs is what nodes write there."""

import importlib
import inspect

import pytest

from lab.drill import drill_report
from lab.kit.settings import GAP_LOGGER

pytestmark = pytest.mark.once

LINE = "Room %s: read %d…%d behind a hint"


def test_nodes_of_a_drill_log_what_they_read_without_a_hint() -> None:
    source = inspect.getsource(importlib.import_module(GAP_LOGGER))

    assert f'logger.debug("{LINE}"' in source


def test_the_report_counts_what_nodes_log() -> None:
    found = drill_report._READ.match("Room lobby: read 3…5 behind a hint")

    assert found
    assert found.groups() == ("lobby", "5")
