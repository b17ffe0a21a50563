"""Functions of the product that are replaced while a mechanism is off, and come back after."""

from collections.abc import Callable
from typing import Any, NamedTuple

# Gets the function as it is, and returns what stands in its place.
Make = Callable[[Any], Any]


class Replacement(NamedTuple):
    """`name` of a class or a module is replaced by what `make` makes of it."""

    owner: Any
    name: str
    make: Make


# By owner and name: the original, and what is made of it now, in this order. Two mechanisms may
# replace one function, and come back in any order.
_layers: dict[tuple[Any, str], tuple[Any, list[Make]]] = {}


class Mechanism:
    """One mechanism of the product, as the functions that are replaced while it is off."""

    def __init__(self, *replacements: Replacement) -> None:
        self._replacements = replacements
        self.is_on = True

    def switch(self, on: bool) -> None:
        """Replace the functions, or put back what was there."""
        if on == self.is_on:
            return
        self.is_on = on
        for owner, name, make in self._replacements:
            # As the class holds it, so that a static method stays one.
            _, makes = _layers.setdefault((owner, name), (vars(owner)[name], []))
            if on:
                makes.remove(make)
            else:
                makes.append(make)
            _apply(owner, name)


def _apply(owner: Any, name: str) -> None:
    function, makes = _layers[owner, name]
    for make in makes:
        function = make(function)
    setattr(owner, name, function)
    if not makes:
        del _layers[owner, name]


def wrap(owner: Any, name: str, make: Make) -> None:
    """For good: what the lab listens to. Before any mechanism is switched off."""
    setattr(owner, name, make(vars(owner)[name]))
