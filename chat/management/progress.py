"""Progress bars, shown only in a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from tqdm import tqdm

# The exit code that shells use for an interrupted program.
STOPPED = 130


@contextmanager
def progress(total: int | None, what: str, unit: str = "rows") -> Iterator[Callable[[int], None]]:
    """Yields a function to call with the count of each part that is done."""
    with tqdm(total=total, desc=what, unit=f" {unit}", disable=None, leave=False) as bar:

        def done(count: int) -> None:
            bar.update(count)

        yield done


@contextmanager
def reaching(total: int | None, what: str, unit: str) -> Iterator[Callable[[int], None]]:
    """Yields a function to call with the position reached. It may exceed the total."""
    with tqdm(total=total, desc=what, unit=f" {unit}", disable=None, leave=False) as bar:

        def reached(at: int) -> None:
            bar.total = total and max(total, at)
            bar.update(at - bar.n)

        yield reached


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C ends the block with a message instead of a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        raise CommandError(
            "Stopped. The same command again goes on from here.", returncode=STOPPED
        ) from None
