"""Mutants: our code broken on purpose, to see that a test fails (docs/learn/mutants.md)."""
