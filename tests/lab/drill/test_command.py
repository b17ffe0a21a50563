"""`manage.py drill` before it starts anything."""

import pytest
from django.core.management import CommandError, call_command

from lab.faults import FAULTS
from lab.management.commands.drill import SHORT


def test_it_lists_its_faults(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("drill", "--list")

    said = capsys.readouterr().out
    assert all(f"{fault.name} " in said and fault.what in said for fault in FAULTS.values())


def test_it_knows_no_other_faults() -> None:
    with pytest.raises(CommandError, match="No such fault: earthquake"):
        call_command("drill", "earthquake")


def test_the_short_set_is_made_of_them() -> None:
    assert set(SHORT) < FAULTS.keys()
