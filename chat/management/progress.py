"""A bar for people who wait: only where there is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from tqdm import tqdm

# As shells say it of whoever was interrupted.
STOPPED = 130


@contextmanager
def progress(total: int | None, what: str, unit: str = "rows") -> Iterator[Callable[[int], None]]:
    """Yields what is to be told of each part that is done."""
    with tqdm(total=total, desc=what, unit=f" {unit}", disable=None, leave=False) as bar:

        def done(count: int) -> None:
            bar.update(count)

        yield done


@contextmanager
def reaching(total: int | None, what: str, unit: str) -> Iterator[Callable[[int], None]]:
    """Yields what is to be told how far one is, of which the total, if known, may grow."""
    with tqdm(total=total, desc=what, unit=f" {unit}", disable=None, leave=False) as bar:

        def reached(at: int) -> None:
            bar.total = total and max(total, at)
            bar.update(at - bar.n)

        yield reached


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C ends what is inside with a word in place of a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        raise CommandError(
            "Stopped. The same command again goes on from here.", returncode=STOPPED
        ) from None
