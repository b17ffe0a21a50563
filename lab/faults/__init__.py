"""The faults. Each injects one failure into a running cluster, and heals it."""

from . import clients, combined, nodes, postgres, redis
from .fault import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "clients", "combined", "nodes", "postgres", "redis"]
