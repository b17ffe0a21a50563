"""Daphne as we run it."""
