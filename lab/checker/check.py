"""The judge of a history. Modelled on Jepsen's `kafka` workload."""

from dataclasses import dataclass

from .history import History
from .rules import RULES

SHOWN_MAX = 5


@dataclass(frozen=True)
class Finding:
    """How often a rule was broken, and how it was the first few times."""

    rule: str
    count: int
    examples: list[str]

    def __str__(self) -> str:
        more = [f"… and {self.count - SHOWN_MAX} more"] if self.count > SHOWN_MAX else []
        return "\n  ".join([f"{self.rule}: {self.count}", *self.examples, *more])


def check(history: History) -> list[Finding]:
    """Every rule that this history breaks."""
    findings = []
    for rule in RULES:
        broken = list(rule(history))
        if broken:
            name = rule.__name__.replace("_", " ")
            findings.append(Finding(name, len(broken), broken[:SHOWN_MAX]))
    return findings
