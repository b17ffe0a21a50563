"""What is measured while a drill runs; the checker does not look at it."""

from dataclasses import dataclass, field

from .records import Source


@dataclass
class Watch:
    """What all clients together saw, for the figures of the verdict."""

    # When, how late (seconds after the server made it), on which node, and the stretch.
    deliveries: list[tuple[float, float, str, Source, str, int, int, int]] = field(
        default_factory=list
    )
    # When, and how long after it was first sent.
    answers: list[tuple[float, float]] = field(default_factory=list)
    # When a client noticed that something is wrong, and how.
    signs: list[tuple[float, str]] = field(default_factory=list)
    # When a client was back in all of its rooms, and how long it had been away.
    returns: list[tuple[float, float]] = field(default_factory=list)
