"""A lab as the lab's page and other programs are told of it: texts as HTML, links with lines."""

from msgspec import Struct

from . import prose
from .declaration import Lab
from .progress import LabProgress


class StepSheet(Struct):
    label: str
    watch: str
    lights: tuple[str, ...]


class Sheet(Struct):
    """Everything of a lab that can be shown, and what the reader has done of it."""

    number: int
    title: str
    question: str
    minutes: int
    know_after: tuple[str, ...]
    predict: str
    choices: tuple[str, str, str]
    right: int
    because: str
    steps: list[StepSheet]
    by_hand: str
    switch: str
    without: str
    why: str
    code_links: list[prose.CodeLink]
    adr: str
    reading: list[tuple[str, str]]
    think_on: str
    progress: LabProgress
    done: bool


def sheet(lab: Lab, progress: LabProgress) -> Sheet:
    return Sheet(
        number=lab.number,
        title=lab.title,
        question=prose.html(lab.question),
        minutes=lab.minutes,
        know_after=lab.know_after,
        predict=lab.predict.ask,
        choices=lab.predict.choices,
        right=lab.predict.right,
        because=prose.html(lab.predict.because),
        steps=[StepSheet(step.label, prose.html(step.watch), step.lights) for step in lab.steps],
        by_hand=prose.html(lab.by_hand),
        switch=lab.switch,
        without=prose.html(lab.without),
        why=prose.html(lab.why),
        code_links=list(prose.code_links(lab.why)),
        adr=lab.adr,
        reading=[(one.title, one.url) for one in lab.reading],
        think_on=prose.html(lab.think_on),
        progress=progress,
        done=progress.done,
    )
