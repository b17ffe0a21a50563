"""Guided labs: each breaks one thing on the bench, and one assertion judges what came of it."""
