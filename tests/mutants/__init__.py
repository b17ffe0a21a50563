"""Mutants: our code broken on purpose, twenty ways, to see that a test fails (docs/mutants.md)."""
