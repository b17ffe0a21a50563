"""The faults. Each injects one failure into a running cluster, and heals it."""

from . import clients, combined, members, nodes, postgres, redis
from .fault import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "clients", "combined", "members", "nodes", "postgres", "redis"]
