"""What a node tells Prometheus, read as Prometheus would."""

import urllib.request
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.sockets import wait_until


@dataclass(frozen=True)
class Metrics:
    """The figures on a port of this machine."""

    port: int

    def families(self) -> list[Metric]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            return list(text_string_to_metric_families(answer.read().decode()))

    def value(self, name: str, **labels: str) -> float:
        """The one value under this name with these labels; of what has not happened yet, 0."""
        [value] = [
            sample.value
            for family in self.families()
            for sample in family.samples
            if sample.name == name and sample.labels == labels
        ] or [0]
        return value

    def names(self) -> set[str]:
        """Every name that a query can ask for, those without a value yet included."""
        named = set()
        for family in self.families():
            named |= {sample.name for sample in family.samples}
            if family.type == "counter":
                named.add(f"{family.name}_total")
            elif family.type == "histogram":
                named |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
            else:
                named.add(family.name)
        return named

    def becomes(self, value: float, name: str, **labels: str) -> None:
        """Fails if it does not, soon."""
        wait_until(lambda: self.value(name, **labels) == value)
