"""TEMPORARY"""

import time
from typing import Any


def page_state(bench: Any, room: str) -> dict[str, Any]:
    return {
        "at": time.time(),
        "room": room,
        "nodes": [
            {
                "name": n.name,
                "state": n.state,
                "head": 2,
                "behind": 0,
                "degraded": False,
                "sockets": 3,
                "lag_ms": 1.2,
                "cpu": 0.1,
            }
            for n in bench.nodes
        ],
        "edges": [e.state() for e in bench.edges.values()],
        "redis": {"state": "up"},
        "postgres": {"state": "up", "head": 2, "commits": 1.0, "fsync": True, "lock_ms": 0.2},
        "switches": [s.state for s in bench.switches.values()]
        if hasattr(bench, "switches")
        else [],
        "meter": {
            "lost": 0,
            "doubled": 0,
            "reordered": 0,
            "behind": 0.0,
            "divergent": 0,
            "sentences": [],
        },
        "tabs": [{"lane": "people-1", "read": 2}, {"lane": "people-2", "read": 2}],
        "load": {"people": 0, "per_second": 0},
    }
