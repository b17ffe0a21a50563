"""A bar for people who wait: only where there is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def progress(total: int | None, what: str, unit: str = "rows") -> Iterator[Callable[[int], None]]:
    """Yields what is to be told of each part that is done."""
    with tqdm(total=total, desc=what, unit=f" {unit}", disable=None, leave=False) as bar:

        def done(count: int) -> None:
            bar.update(count)

        yield done
