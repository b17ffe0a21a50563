"""Judges the history of a run: what was lost, doubled, reordered, leaked."""
