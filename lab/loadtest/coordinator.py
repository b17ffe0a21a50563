"""Starts the processes of a load test, tells them to start and stop, and gathers their figures."""

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing import connection
from typing import cast

from . import generator
from .plan import LoadPlan, LoadProgress, now_us
from .results import Figures

# Between the last socket's entry and the first message, for presence to settle.
SETTLE_SECONDS = 0.5
# After the last message: listen until everything has come, or nothing has for so long.
PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.1


class GeneratorError(Exception):
    """A process of the generator ended before its time: there are no figures to trust."""


def run(plan: LoadPlan, show: Callable[[str, float, LoadProgress], None]) -> Figures:
    """Carry the plan out. `show` is told the phase, how much of it is done (0…1), and the counts.

    Ctrl+C ends it early, with what was counted so far.
    """
    # Not forked: this process has database connections, and perhaps threads.
    context = multiprocessing.get_context("spawn")
    processes = []
    pipes: list[connection.Connection] = []
    for number in range(plan.processes):
        pipe, child_pipe = context.Pipe()
        process = context.Process(
            target=generator.main, args=(plan, number, child_pipe), daemon=True
        )
        process.start()
        child_pipe.close()
        processes.append(process)
        pipes.append(pipe)
    group = _Processes(plan, pipes, show)
    try:
        group.open()
        group.send()
    except KeyboardInterrupt:
        pass
    figures = group.stop()
    for process in processes:
        process.join()
    return figures


class _Processes:
    """The processes as one."""

    def __init__(
        self,
        plan: LoadPlan,
        pipes: list[connection.Connection],
        show: Callable[[str, float, LoadProgress], None],
    ) -> None:
        self.plan = plan
        self.pipes = pipes
        self.show = show
        self.progress_of = dict.fromkeys(pipes, LoadProgress())
        self.figures: dict[connection.Connection, Figures] = {}

    @property
    def progress(self) -> LoadProgress:
        return sum(self.progress_of.values(), LoadProgress())

    def open(self) -> None:
        while (progress := self.progress).opened + progress.failed < self.plan.sockets:
            self.show("Opening", (progress.opened + progress.failed) / self.plan.sockets, progress)
            self._listen()

    def send(self) -> None:
        if not self.progress.opened:
            return
        start = now_us() + int(SETTLE_SECONDS * 1_000_000)
        for pipe in self.pipes:
            pipe.send(start)
        until = start + int(self.plan.seconds * 1_000_000)
        while (now := now_us()) < until:
            done = max(0.0, (now - start) / 1_000_000 / self.plan.seconds)
            self.show("Sending", done, self.progress)
            self._listen()
        self._wait_for_deliveries()

    def _wait_for_deliveries(self) -> None:
        changed_at = time.monotonic()
        # What was under way when the last message went out comes with the next report but one.
        reports_at = changed_at + 2 * generator.REPORT_SECONDS
        before = self.progress
        while time.monotonic() < changed_at + PATIENCE_SECONDS:
            self._listen()
            now = self.progress
            expected = now.accepted * now.opened
            self.show("Listening", min(1.0, now.received / max(expected, 1)), now)
            all_there = now.answered >= now.sent and now.received >= expected
            if all_there and time.monotonic() > reports_at:
                return
            if now != before:
                before, changed_at = now, time.monotonic()

    def stop(self) -> Figures:
        """Have all processes end, and add up what they counted."""
        for pipe in self.pipes:
            if pipe not in self.figures:
                pipe.send(None)
        while len(self.figures) < len(self.pipes):
            self._listen()
        total = Figures()
        for figures in self.figures.values():
            total.merge(figures)
        return total

    def _listen(self) -> None:
        waiting = [pipe for pipe in self.pipes if pipe not in self.figures]
        for pipe in cast(list[connection.Connection], connection.wait(waiting, POLL_SECONDS)):
            try:
                received = pipe.recv()
            except EOFError:
                raise GeneratorError("A process of the load generator has died.") from None
            if isinstance(received, LoadProgress):
                self.progress_of[pipe] = received
            else:
                self.figures[pipe] = received
