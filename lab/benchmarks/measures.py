"""Everything that can be measured, by its name."""

from collections.abc import Callable, Iterator
from pathlib import Path

from . import maintenance_load, scaling
from .admin_pages import browsing
from .fanout_benchmark import fanout
from .hostile_member import hostile
from .lighthouse import lighthouse
from .log_length import rows
from .long_list import long_list
from .many_rooms import many_rooms
from .page import page
from .reconnect_storm import reconnect_storm
from .reload_storm import reload_storm
from .stalled import stalled
from .switching import switching
from .worker_processes import workers

MEASURES: dict[str, Callable[[Path], Iterator[str]]] = {
    "crowd": fanout,
    "stalled": stalled,
    "herd": reconnect_storm,
    "reload": reload_storm,
    "rows": rows,
    "page": page,
    "switching": switching,
    "lighthouse": lighthouse,
    "workers": workers,
    "browsing": browsing,
    "reading": maintenance_load.reading,
    "changing": maintenance_load.changing,
    "moderating": maintenance_load.moderating,
    "hostile": hostile,
    "embedded": maintenance_load.embedded,
    "sockets": scaling.sockets,
    "rooms": scaling.rooms,
    "nodes": scaling.nodes,
    "long-list": long_list,
    "many-rooms": many_rooms,
}
