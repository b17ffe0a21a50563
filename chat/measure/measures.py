"""Everything that can be measured, by its name."""

from collections.abc import Callable, Iterator
from pathlib import Path

from . import slopes, upkeep
from .browsing import browsing
from .crowd import crowd
from .herd import herd
from .lighthouse import lighthouse
from .page import page
from .rows import rows
from .stalled import stalled
from .workers import workers

MEASURES: dict[str, Callable[[Path], Iterator[str]]] = {
    "crowd": crowd,
    "stalled": stalled,
    "herd": herd,
    "rows": rows,
    "page": page,
    "lighthouse": lighthouse,
    "workers": workers,
    "browsing": browsing,
    "reading": upkeep.reading,
    "changing": upkeep.changing,
    "moderating": upkeep.moderating,
    "embedded": upkeep.embedded,
    "sockets": slopes.sockets,
    "rooms": slopes.rooms,
    "nodes": slopes.nodes,
}
