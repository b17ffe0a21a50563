"""The faults. Each is one blow, with its mending, to a site where people are talking."""

from . import hints, log, nodes, people, together
from .fault import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "hints", "log", "nodes", "people", "together"]
