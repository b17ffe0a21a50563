"""The table: what is broken, how, and the tests that must fail for it."""

from .live_mutants import LIVE_MUTANTS
from .mutant import Mutant
from .other_mutants import OTHER_MUTANTS

__all__ = ["MUTANTS", "Mutant"]

MUTANTS = [*LIVE_MUTANTS, *OTHER_MUTANTS]
