"""A mutant: code that is broken on purpose."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One way to break the code: in `file`, `healthy` becomes `broken`; `tests` must notice.

    `tests` are pytest's arguments, or one file of JavaScript tests.
    """

    name: str
    file: str
    healthy: str
    broken: str
    tests: tuple[str, ...]
