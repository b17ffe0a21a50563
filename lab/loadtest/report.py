"""The result of a load test: for the terminal, and as an HTML page of its own."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from .plan import LoadPlan, LoadProgress
from .results import Figures, Histogram

# A loop that runs late, or a processor that is full: then the figures are the generator's own.
LAG_P99_MS = 10
LAG_MAX_MS = 100
BUSY = 0.85
CHART_WIDTH = 40
SECONDS_SHOWN = 30
LIBRARIES = ["django", "picows", "uvloop", "msgspec"]

Rows = list[tuple[str, str]]
Bar = tuple[str, float]


@dataclass(frozen=True)
class Report:
    """The figures of a run, and what it was."""

    plan: LoadPlan
    figures: Figures
    command: str
    taken_at: datetime

    @property
    def tables(self) -> dict[str, Rows]:
        """Everything that was counted, as both reports show it."""
        f, plan = self.figures, self.plan
        return {
            "Sockets": [
                ("opened", f"{f.opened:,} of {plan.sockets:,}"),
                *(("failed", f"{times:,} × {why}") for why, times in f.failed.most_common()),
                *(("closed", f"{times:,} × {why}") for why, times in f.closed.most_common()),
                ("time to enter", latency(f.connect)),
            ],
            "Messages": [
                ("asked for", _load(plan)),
                ("sent", f"{f.sent:,} ({f.sent / self._seconds:,.1f}/s)"),
                ("acknowledged", f"{len(f.accepted):,}"),
                *(("rejected", f"{times:,} × {code}") for code, times in f.rejected.most_common()),
                ("never answered", f"{f.unanswered:,}"),
                ("time to acknowledge", latency(f.answer)),
            ],
            "Deliveries": [
                ("received", f"{f.received:,} of {f.expected:,} ({f.completeness:.4f} %)"),
                ("gaps", f"{f.gaps:,} ({f.missed:,} numbers)"),
                ("doubled", f"{f.doubles:,}"),
                ("out of order", f"{f.disordered:,}"),
                ("resets", f"{f.resets:,}"),
                ("time to deliver", latency(f.delivery)),
                ("deliveries/s", f"{f.received / self._seconds:,.0f}"),
                ("bytes/s", f"{f.bytes / self._seconds:,.0f} of payload"),
            ],
            "The generator": [
                ("loop lag", latency(f.loop_lag)),
                ("sent late by", latency(f.sent_late)),
                ("busiest process", f"{100 * f.busiest:.0f} % of a core"),
                ("versions", versions()),
            ],
        }

    @property
    def warnings(self) -> list[str]:
        """Reasons to doubt that these figures are the server's."""
        f = self.figures
        found = []
        lag, most = f.loop_lag.percentile(99) / 1000, f.loop_lag.largest / 1000
        if lag > LAG_P99_MS or most > LAG_MAX_MS:
            found.append(
                f"The generator itself lagged (p99 {lag:.0f} ms, max {most:.0f} ms): part of these"
                " latencies is its own. Try --processes, or a machine with nothing else to do."
            )
        if f.busiest > BUSY:
            found.append(
                f"A process of the generator used {100 * f.busiest:.0f} % of a core: the server may"
                " be faster than this. Try --processes, or another machine."
            )
        return found

    @property
    def latency_bars(self) -> list[Bar]:
        return [
            (f"{_ms(start)} – {_ms(end)} ms", times)
            for start, end, times in self.figures.delivery.bars()
        ]

    @property
    def second_bars(self) -> list[Bar]:
        """Deliveries per second over time; of a long run, averages over a few seconds each."""
        by_second = self.figures.by_second
        if not by_second:
            return []
        seconds = max(by_second) + 1
        step = -(-seconds // SECONDS_SHOWN)
        return [
            (
                f"{at} s" if step == 1 else f"{at}–{min(at + step, seconds)} s",
                sum(by_second[second] for second in range(at, at + step))
                / (min(at + step, seconds) - at),
            )
            for at in range(0, seconds, step)
        ]

    @property
    def verdict(self) -> str:
        faults = self.figures.faults
        return f"Not clean: {'; '.join(faults)}." if faults else "Clean: all there, once, in order."

    @property
    def _seconds(self) -> float:
        return max(self.figures.seconds, 0.001)


# --- The terminal -----------------------------------------------------------------------------


@contextmanager
def progress_bar(console: Console) -> "Iterator[ShowProgress]":
    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        yield ShowProgress(bars)


class ShowProgress:
    """The `show` of `coordinator.run`."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task = bars.add_task("Starting", total=1.0, counts="")

    def __call__(self, phase: str, done: float, progress: LoadProgress) -> None:
        counts = f"{progress.opened:,} sockets"
        if progress.failed:
            counts += f", {progress.failed:,} failed"
        if progress.sent:
            counts += f", {progress.answered:,} of {progress.sent:,} messages answered"
            counts += f", {progress.received:,} deliveries"
        self._bars.update(self._task, description=phase, completed=done, counts=counts)


def show(report: Report, console: Console) -> None:
    for title, rows in report.tables.items():
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=20)
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(name, Text(value))
        console.print(Group(Text(title, "bold"), Padding(table, (0, 0, 1, 2))))
    _chart("Latency of deliveries", report.latency_bars, console)
    _chart("Deliveries per second", report.second_bars, console)
    for warning in report.warnings:
        console.print(Text(warning, "yellow"))
    console.print(Text(report.verdict, "bold red" if report.figures.faults else "bold green"))


def _chart(title: str, bars: list[Bar], console: Console) -> None:
    if not bars:
        return
    tallest = max(size for _, size in bars)
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    table.add_column()
    table.add_column(justify="right")
    for label, size in bars:
        table.add_row(label, Text(_blocks(size / tallest), "cyan"), f"{size:,.0f}")
    console.print(Group(Text(title, "bold"), Padding(table, (0, 0, 1, 2))))


def _blocks(part: float) -> str:
    eighths = round(part * CHART_WIDTH * 8)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


# --- The page ---------------------------------------------------------------------------------

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5d646e; --paper: #fff; --line: #dfe3e8;
  --bar: #2563c9; --good: #17703a; --bad: #b3261e; --odd: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --soft: #a0a8b3; --paper: #15181c;
  --line: #353b44; --bar: #6ea8ff; --good: #5fd08a; --bad: #ff8a80; --odd: #f0c060; } }
body { margin: 2rem auto; max-width: 56rem; padding: 0 1rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
code { overflow-wrap: anywhere; }
.verdict { font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); }
.odd { color: var(--odd); }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: start;
  vertical-align: top; }
th { font-weight: 400; color: var(--soft); width: 16rem; }
svg { width: 100%; height: auto; font-size: 12px; } text { fill: var(--ink); }
rect { fill: var(--bar); }
"""


def page(report: Report) -> str:
    """The whole report as one file: no script, and nothing from any other host."""
    taken = report.taken_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    parts = [
        f"<h1>Load test of {escape(report.plan.url)}</h1>",
        f"<p>{taken} · <code>{escape(report.command)}</code></p>",
        f'<p class="verdict {"bad" if report.figures.faults else "good"}">'
        f"{escape(report.verdict)}</p>",
        *(f'<p class="odd">{escape(warning)}</p>' for warning in report.warnings),
    ]
    for title, rows in report.tables.items():
        cells = "\n".join(
            f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
            for name, value in rows
        )
        parts.append(f"<h2>{escape(title)}</h2>\n<table>\n{cells}\n</table>")
    parts += _svg("Latency of deliveries", report.latency_bars)
    parts += _svg("Deliveries per second", report.second_bars)
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<title>Load test</title>\n'
        f"<style>{_STYLE}</style>\n<main>\n{body}\n</main>\n</html>\n"
    )


def _svg(title: str, bars: list[Bar]) -> Iterator[str]:
    if not bars:
        return
    tallest = max(size for _, size in bars)
    rows = []
    for row, (label, size) in enumerate(bars):
        y, width = row * 20, 480 * size / tallest
        rows.append(
            f'<text x="150" y="{y + 14}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="160" y="{y + 3}" width="{width:.1f}" height="14"/>'
            f'<text x="{168 + width:.1f}" y="{y + 14}">{size:,.0f}</text>'
        )
    yield f"<h2>{escape(title)}</h2>"
    yield (
        f'<svg viewBox="0 0 740 {len(bars) * 20}" role="img" aria-label="{escape(title)}">'
        + "\n".join(rows)
        + "</svg>"
    )


# --- Words ------------------------------------------------------------------------------------


def latency(histogram: Histogram) -> str:
    if not histogram.count:
        return "–"
    shown = [f"p{percent:g} {_ms(histogram.percentile(percent))}" for percent in (50, 90, 99, 99.9)]
    return f"{'  '.join(shown)}  max {_ms(histogram.largest)} ms"


def versions() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"Python {platform.python_version()}, {libraries}"


def _load(plan: LoadPlan) -> str:
    if plan.window:
        return f"{plan.window} unanswered by each of {plan.senders:,} senders, {plan.seconds:g} s"
    return f"{plan.rate:g}/s from {plan.senders:,} senders, {plan.seconds:g} s"


def _ms(microseconds: int) -> str:
    milliseconds = microseconds / 1000
    return f"{milliseconds:,.2f}" if milliseconds < 10 else f"{milliseconds:,.1f}"
