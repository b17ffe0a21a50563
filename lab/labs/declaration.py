"""What a lab is made of. Each file `lab_NN_….py` of this folder declares one, named LAB.

The same steps and the same assertion run twice: with the guarantee on they must PASS, with its
switch off they must FAIL. What could not be set up is INCONCLUSIVE, and is neither.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from .scene import Scene

Word = Literal["PASS", "FAIL", "INCONCLUSIVE"]


class Verdict(Struct, frozen=True):
    """What the assertion came to. `trace`: the events that show why, one a line."""

    word: Word
    sentence: str
    trace: list[str] = []


def passed(sentence: str, trace: list[str] | None = None) -> Verdict:
    return Verdict("PASS", sentence, trace or [])


def failed(sentence: str, trace: list[str]) -> Verdict:
    return Verdict("FAIL", sentence, trace)


class InconclusiveError(Exception):
    """The lab could not be set up; the message says what to do."""


@dataclass(frozen=True)
class Prediction:
    """What the reader chooses before anything happens. `right` counts from 0."""

    ask: str
    choices: tuple[str, str, str]
    right: int
    because: str


@dataclass(frozen=True)
class Step:
    """One button. `lights`: what the page points at, such as "redis-1", "node-2", "meter"."""

    label: str
    act: Callable[["Scene"], Awaitable[None]]
    watch: str
    lights: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Lab:
    """One lab. Texts are Markdown of the small kind that prose.py knows."""

    number: int
    title: str
    # From real life, as a user or a colleague would ask it.
    question: str
    minutes: int
    know_after: tuple[str, ...]
    predict: Prediction
    # Brings people in and says what was said before; no button of its own.
    prepare: Callable[["Scene"], Awaitable[None]]
    steps: tuple[Step, ...]
    # The same by hand, in the two rooms and at the fault desk.
    by_hand: str
    # The assertion.
    judge: Callable[["Scene"], Awaitable[Verdict]]
    # The guarantee that this lab is about, by the name of its switch.
    switch: str
    # What to expect once it is off.
    without: str
    why: str
    # Its file in docs/adr.
    adr: str
    reading: tuple[Reading, ...]
    think_on: str
