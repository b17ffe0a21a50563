"""Many who commit at once, in processes of their own, and write down what they saw.

`python -m tests.chat.messages.concurrent_commits` reads a Task as JSON, and writes one Call as
JSON a line.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection
from msgspec import Struct

ROOT = Path(__file__).resolve().parents[3]
THREADS = 8
PROCESSES = 2


class Task(Struct):
    """Commit in these rooms for so long. Each thread is a member; `shared` is all of them."""

    process: int
    seconds: float
    rooms: list[int]
    members: list[int]
    shared: int


class Said(Struct, array_like=True):
    """One operation of a call, and its answer: a number and an id, or the code of a refusal."""

    author: int
    client_id: str
    body: str
    seq: int
    id: str
    code: str = ""


class Call(Struct, array_like=True):
    """One commit: by whom, in which room, when it began and when it was answered."""

    caller: str
    room: int
    began: int
    answered: int
    said: list[Said]


def commit_at_once(database: dict[str, Any], tasks: Sequence[Task]) -> list[Call]:
    """Run the tasks together, on the database that this connection is to."""
    environment = os.environ | {"DATABASE_URL": url_of(database), "REDIS_URL": ""}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.chat.messages.concurrent_commits"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in tasks
    ]  # fmt: skip
    # Both are up before either begins.
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process, task in zip(running, tasks, strict=True):
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        process.stdin.flush()
    calls: list[Call] = []
    for process in running:
        written, _ = process.communicate(timeout=300)
        assert process.returncode == 0
        calls += (msgspec.json.decode(line, type=Call) for line in written.splitlines())
    return calls


def url_of(database: dict[str, Any]) -> str:
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    user = f"{database['USER']}:{database['PASSWORD']}@" if database["USER"] else ""
    return f"postgres://{user}{database['HOST']}:{database['PORT']}/{database['NAME']}"


def main() -> None:
    import django

    django.setup()
    print("ready", flush=True)
    task = msgspec.json.decode(sys.stdin.readline(), type=Task)
    deadline = time.monotonic() + task.seconds
    from .loop_commits import general_path, loop_commits

    with loop_commits() as as_a_node:
        ways = [general_path, as_a_node]
        committers = [Committer(task, place, deadline, ways) for place in range(THREADS)]
        for committer in committers:
            committer.start()
        for committer in committers:
            committer.join()
    for committer in committers:
        if committer.failed:
            raise committer.failed
        for call in committer.calls:
            sys.stdout.write(msgspec.json.encode(call).decode() + "\n")


class Committer(threading.Thread):
    """Says things of its own in order, says some again, and says what others say under one key."""

    def __init__(
        self, task: Task, place: int, deadline: float, ways: list[Callable[..., Any]]
    ) -> None:
        super().__init__()
        self.task = task
        self.ways = ways
        self.member = task.members[place]
        self.caller = f"{task.process}-{place}"
        self.deadline = deadline
        self.random = random.Random(self.caller)
        self.calls: list[Call] = []
        self.sent: dict[int, int] = dict.fromkeys(task.rooms, 0)
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            while time.monotonic() < self.deadline:
                self.commit()
        except BaseException as error:
            self.failed = error
        finally:
            connection.close()

    def commit(self) -> None:
        from chat.errors import ChatError
        from chat.messages import commit
        from chat.rooms.models import Room

        room = self.random.choice(self.task.rooms)
        operations = [self.operation(room) for _ in range(self.random.choice([0, 1, 1, 2, 5, 20]))]
        changes: list[commit.Operation] = []
        if self.random.random() < 0.2:
            on = self.random.random() < 0.5
            changes = [commit.React(self.member, self.random.randint(1, 50), "👍", on)]

        began = time.monotonic_ns()
        commit_batch = self.random.choice(self.ways)
        outcomes = commit_batch(Room(pk=room, key=str(room)), [*operations, *changes])
        answered = time.monotonic_ns()

        # Nothing sound is refused because of who else was committing.
        assert not [
            o for o in outcomes[len(operations) :] if getattr(o, "code", "") == "invalid_text"
        ]
        said = [
            Said(post.author_id, post.client_id, post.body, 0, "", outcome.code)
            if isinstance(outcome, ChatError)
            else Said(post.author_id, post.client_id, post.body, outcome.seq, str(outcome.id))
            for post, outcome in zip(operations, outcomes[: len(operations)], strict=True)
        ]
        self.calls.append(Call(self.caller, room, began, answered, said))

    def operation(self, room: int) -> Any:
        from chat.messages.operations import Post

        chance = self.random.random()
        author, key = self.member, f"{self.caller}-{self.sent[room]:06}"
        if chance < 0.1:
            # What everyone says: the first one wins, and each gets the same answer.
            author, key = self.task.shared, f"shared-{self.random.randrange(30)}"
        elif chance < 0.25 and self.sent[room]:
            key = f"{self.caller}-{self.random.randrange(self.sent[room]):06}"
        else:
            self.sent[room] += 1
        body = f"{key} in {room}"
        if chance < 0.02:
            body = "refused \0" if chance < 0.01 else f"not {body}"
        return Post(author, key, body)


if __name__ == "__main__":
    main()
