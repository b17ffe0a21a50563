"""The faults. Each is one blow, with its mending, to a site where people are talking."""

from . import clients, combined, nodes, postgres, redis
from .fault import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "clients", "combined", "nodes", "postgres", "redis"]
