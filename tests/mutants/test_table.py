"""A mutant that can no longer be made would be found out only when someone runs them all."""

from pathlib import Path

import pytest

from .table import MUTANTS, Mutant

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_made(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.healthy) == 1
    assert mutant.healthy != mutant.broken
