"""Lab 7: durability. PostgreSQL dies the moment after it said “committed”."""

from .declaration import Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import Scene

# PostgreSQL is killed after so many answers, while the rest is on its way.
ANSWERED = 20
MESSAGES = 60


async def prepare(scene: Scene) -> None:
    await scene.two_people()


async def talk_and_kill(scene: Scene) -> None:
    ada, told = scene["ada"], scene["ada"].records.numbers
    enough = len(told) + ANSWERED + scene.random.randint(0, 5)
    for part in range(1, MESSAGES + 1):
        ada.say(f"This is important, part {part}")
    await scene.until(lambda: len(told) >= enough, "Ada got no answers. Heal, and try again.")
    # In the middle of talking: what was answered last is what is in danger.
    await scene.bench.fault("kill", "postgres")
    scene.notes["numbers"] = dict(told)


async def recover(scene: Scene) -> None:
    await scene.bench.fault("restart", "postgres")
    scene.notes["rows"] = {row.cid: row.seq for row in await scene.rows()}


async def judge(scene: Scene) -> Verdict:
    """Each message that was acknowledged is in the database, under its number."""
    told, rows = scene.notes["numbers"], scene.notes["rows"]
    gone = {message: seq for message, seq in told.items() if rows.get(message) != seq}
    if not gone:
        return passed(f"All {len(told)} acknowledged messages survived.", scene.trace())
    numbers = ", ".join(map(str, sorted(gone.values())[:10]))
    return failed(
        f"{len(gone)} of {len(told)} messages that Ada was told are sent are gone: {numbers}.",
        scene.trace(*gone),
    )


LAB = Lab(
    number=7,
    title="Durable means on the disk",
    question="The database said “committed”. A moment later its process dies. What is left?",
    minutes=15,
    know_after=(
        "what a commit waits for: the log on the disk, not the tables",
        "what `synchronous_commit = off` trades, exactly",
        "which failures a disk protects from, and which only a second machine does",
    ),
    predict=Prediction(
        ask="PostgreSQL dies after it acknowledged some 20 messages. After recovery, of those:",
        choices=("All are there", "The last few are gone", "The room is damaged"),
        right=0,
        because="PostgreSQL writes a commit to its log and waits until the disk has it. After the"
        " crash it reads the log, and repeats what the tables lack.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Send as Ada, and kill PostgreSQL meanwhile",
            talk_and_kill,
            "Some twenty messages have their answers when the process dies. Look at the commit"
            " time on the edge: that is the disk.",
            ("postgres", "postgres-1", "timeline"),
        ),
        Step(
            "Start PostgreSQL again",
            recover,
            "It finds that it was not shut down, and replays its log. Compare its head with the"
            " last number that Ada was told.",
            ("postgres", "meter"),
        ),
    ),
    by_hand="Move the load slider up for some seconds, choose **Kill** for PostgreSQL, then"
    " **Restart**. Look at “lost”.",
    judge=judge,
    switch="fsync",
    without="PostgreSQL now says “committed” as soon as the commit is in its memory, and writes it"
    " to disk a little later. Commits become much faster. Do the same again.",
    why="""
“Durable” is a sentence about a failure: what survives **what**? PostgreSQL keeps a write-ahead log.
A commit appends to it and waits for `fsync`, by which the kernel hands the bytes to the disk. The
tables may be written minutes later, since the log can rebuild them. Recovery after a crash is
nothing but reading that log.

With `synchronous_commit = off` the answer does not wait. The log is written by a background process
some hundred milliseconds later at most. The data cannot be damaged by that, because the log is
still written in order. But whatever was acknowledged within this time is gone after a crash. That
is a fair trade for page counters. It is not for a message, because the page has thrown the text
away.

Two settings with similar names differ much. `fsync = off` never waits for the disk, and after a
power failure the whole cluster may be damaged. The tests of this project do that on servers that
they throw away ([`postgres`](lab/kit/servers.py)); the lab's own PostgreSQL is durable.

Waiting for the disk costs about a millisecond a **commit**, not a message. So messages that come
together share one ([`RoomWriter.submit`](chat/realtime/writer.py)), which is called group commit.
And a disk protects only from the loss of the process or the power. From the loss of the disk
protects a copy on another machine, and then the same question is asked again: does the commit wait
for the copy? That is the next lab.
""",
    adr="0001-a-numbered-log-under-one-lock.md",
    reading=(
        Reading(
            "PostgreSQL: Asynchronous commit",
            "https://www.postgresql.org/docs/current/wal-async-commit.html",
        ),
        Reading(
            "Rebello and others: Can applications recover from fsync failures?",
            "https://www.usenix.org/conference/atc20/presentation/rebello",
        ),
    ),
    think_on="A cloud's managed database promises “multi-zone durability”. Which sentences in its"
    " manual would you look for before you believe that an acknowledged commit survives?",
)
