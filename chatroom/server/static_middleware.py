"""WhiteNoise, which looks through the collected files once a process.

A node asks for its list twice (server/static_files.py), and in tests each client loads a middleware
of its own.
"""

from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import Redirect, StaticFile

_found: dict[tuple[str, str], dict[str, StaticFile | Redirect]] = {}


class StaticMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # it has no types
    def update_files_dictionary(self, root: str, prefix: str) -> None:
        """Add what lies in a folder; its files are there before the process starts."""
        if (root, prefix) not in _found:
            super().update_files_dictionary(root, prefix)
            _found[root, prefix] = dict(self.files)
        self.files.update(_found[root, prefix])
