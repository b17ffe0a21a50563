"""Maintenance by operators: backup, archives, retention, erasure, integrity checks, diagnosis."""
