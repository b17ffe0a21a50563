"""`manage.py measure` before it starts anything, and how it judges a reconnect storm."""

import pytest
from django.core.management import CommandError, call_command

from lab.benchmarks.measures import MEASURES
from lab.benchmarks.reconnect_storm import rises_again


def test_it_lists_what_it_measures(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("measure")

    said = capsys.readouterr().out
    assert all(f"{name} " in said and str(m.__doc__) in said for name, m in MEASURES.items())


def test_it_measures_nothing_else() -> None:
    with pytest.raises(CommandError, match="Not measured here: happiness"):
        call_command("measure", "happiness")


@pytest.mark.parametrize(
    ("waves", "again"),
    [
        ([216, 4061, 723, 0], False),
        ([100, 400, 150, 210, 0], True),
        ([100, 400, 300, 350, 10], False),
        ([0, 50, 60, 0, 0], False),
    ],
)
def test_a_second_wave_is_one_that_rises_again(waves: list[int], again: bool) -> None:
    assert rises_again(waves) is again
