"""Drills: real nodes, real clients, real faults, and a checker that judges what was seen.

`manage.py drill` runs them; docs/learn/reliability.md says what they promise and what they found.
"""
