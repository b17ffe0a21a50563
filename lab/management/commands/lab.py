"""The lab from the shell: its list, its runs, its verdicts, its page, and new labs."""

import asyncio
import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

PORT = 8100


class Command(BaseCommand):
    help = "Guided labs on two nodes, a PostgreSQL and a Redis of their own. See docs/learn."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="Say which labs there are.")
        run = actions.add_parser("run", help="Do one lab in the terminal, step by step.")
        run.add_argument("number", type=int)
        run.add_argument("--seed", type=int, default=1)
        check = actions.add_parser(
            "check", help="Judge labs: with the guarantee they must PASS, without it FAIL."
        )
        check.add_argument("numbers", nargs="*", type=int, metavar="N")
        check.add_argument("--all", action="store_true", help="Every lab.")
        check.add_argument("--seed", type=int, default=1, help="What all chance comes from.")
        check.add_argument("--seeds", type=int, default=1, help="So many seeds, from that one on.")
        check.add_argument("--json", action="store_true", help="Print verdicts as JSON.")
        new = actions.add_parser("new", help="Write a new lab from the template.")
        new.add_argument("name", help="Such as slow-disk.")
        serve = actions.add_parser("serve", help="Serve the lab's page (make lab).")
        serve.add_argument("--port", type=int, default=PORT)
        serve.add_argument("--no-browser", action="store_true", help="Open no browser.")
        nodes = actions.add_parser(
            "nodes", help="Serve plain nodes for the chapters of docs/learn."
        )
        nodes.add_argument("--count", type=int, default=2)
        nodes.add_argument("--first-port", type=int, default=8001)
        nodes.add_argument(
            "--origin",
            action="append",
            default=[],
            metavar="URL",
            help="What people type, if a proxy stands before the nodes.",
        )
        nodes.add_argument("--members", type=int, default=50, help="Cookies for load tests.")
        reset = actions.add_parser("reset", help="Forget what was done of one lab, or of all.")
        reset.add_argument("number", nargs="?", type=int)

    def handle(self, *, action: str, **options: Any) -> None:
        try:
            from lab.kit.servers import NoServerError
            from lab.labs import check_labs, registry  # noqa: F401
        except ModuleNotFoundError as error:
            raise CommandError(
                f"{error}. The lab needs more than the chatroom does: "
                "pip install -r requirements/test.txt"
            ) from None
        try:
            getattr(self, f"_{action}")(**options)
        except (NoServerError, LookupError) as error:
            raise CommandError(str(error)) from None

    def _list(self, **_: Any) -> None:
        from lab.labs.progress import Progress
        from lab.labs.registry import labs

        progress = Progress()
        for lab in labs():
            done = "done" if progress.of(lab.number).done else ""
            self.stdout.write(f"{lab.number:>3}  {lab.title:<28}{lab.switch:<18}{done}")
            self.stdout.write(f"     {lab.question}")

    def _run(self, *, number: int, seed: int, **_: Any) -> None:
        from lab.labs.registry import lab
        from lab.labs.terminal import in_terminal

        asyncio.run(in_terminal(lab(number), seed, self.stdout))

    def _check(
        self, *, numbers: list[int], all: bool, seed: int, seeds: int, json: bool, **_: Any
    ) -> None:
        from lab.labs.check_labs import check, report
        from lab.labs.registry import lab, labs

        if not (numbers or all):
            raise CommandError("Name labs by number, or say --all.")
        chosen = list(labs()) if all else [lab(number) for number in numbers]
        tell = (lambda line: None) if json else self._tell
        results = asyncio.run(check(chosen, range(seed, seed + seeds), tell))
        if json:
            self.stdout.write(report(results).decode())
        if any(not result.ok for result in results):
            raise CommandError("Not every verdict was as it must be.", returncode=1)

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _new(self, *, name: str, **_: Any) -> None:
        from lab.labs.new import write_new

        path = write_new(name)
        self.stdout.write(f"Wrote {path.relative_to(Path.cwd())}. It runs: manage.py lab list")

    def _reset(self, *, number: int | None, **_: Any) -> None:
        from lab.labs.progress import Progress

        Progress().reset(number)

    def _nodes(
        self, *, count: int, first_port: int, origin: list[str], members: int, **_: Any
    ) -> None:
        from django.core.management import call_command

        from lab.labs.plain_nodes import PlainNodes, serve

        call_command("collectstatic", interactive=False, verbosity=0)
        ended = threading.Event()
        for asked in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asked, lambda *_: ended.set())
        serve(PlainNodes(count, first_port, origin, members), self._tell, ended)

    def _serve(self, *, port: int, no_browser: bool, **_: Any) -> None:
        from lab.web.serve import run

        run(port, open_browser=not no_browser)
