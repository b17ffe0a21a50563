"""All labs of this folder, in order: a new file is found without being named anywhere."""

import re
from functools import cache
from importlib import import_module
from pathlib import Path

from .declaration import Lab

FOLDER = Path(__file__).resolve().parent
_FILE = re.compile(r"lab_\d\d_\w+")


@cache
def labs() -> tuple[Lab, ...]:
    """By number."""
    names = [path.stem for path in FOLDER.glob("lab_*.py") if _FILE.fullmatch(path.stem)]
    found: list[Lab] = [import_module(f"{__package__}.{name}").LAB for name in names]
    return tuple(sorted(found, key=lambda lab: lab.number))


def lab(number: int) -> Lab:
    """LookupError: there is none."""
    for one in labs():
        if one.number == number:
            return one
    raise LookupError(f"There is no lab {number}; there are {', '.join(map(str, numbers()))}.")


def numbers() -> list[int]:
    return [one.number for one in labs()]
