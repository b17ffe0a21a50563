"""Drills: real nodes, clients and faults, and a checker that judges what the clients saw.

`manage.py drill` runs them; docs/learn/reliability.md says what they promise and what they found.
"""
