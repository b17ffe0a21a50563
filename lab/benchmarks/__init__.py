"""Measurements at scale: `manage.py measure` repeats the figures of docs/reference/performance.md.

Each starts a PostgreSQL, a Redis and nodes of its own, and touches no other database. Processor
time and memory are read where Linux shows them.
"""
