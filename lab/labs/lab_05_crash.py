"""Lab 5: a crash between two systems. A node dies after the commit, before it told the others."""

from .declaration import InconclusiveError, Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import PATIENCE, Scene

# What a node needs to start, and a page to come back.
RETURN_SECONDS = 30.0
RULES = ("lost", "duplicate", "gap", "inconsistent offset", "convergence")


async def prepare(scene: Scene) -> None:
    await scene.two_people()
    said = [f"This is number {number}" for number in range(1, scene.random.randint(2, 4))]
    await scene.say("ada", *said)
    await scene.all_at(scene["ada"].seq)


async def die_before_telling(scene: Scene) -> None:
    # On a slow machine everyone may have read the last message before its hint is on its way.
    last = scene["ada"].seq
    await scene.bench.events.find(
        lambda event: event.kind == "publish" and event.room == scene.room and event.seq == last,
        after=scene.began,
        seconds=PATIENCE,
    )
    edge, began = scene.bench.edges["redis-1"], scene.bench.events.last
    before = edge.dropped
    await scene.bench.fault("drop-next-hint", "redis-1")
    await scene.say("ada", "Last words")
    await scene.bench.fault("kill", "node-1")
    number = max(scene["ada"].records.numbers.values())
    if _was_told(scene, number, began):
        raise InconclusiveError("The hint was not lost in time. Reset this lab, and try again.")
    if edge.dropped == before:
        # The node died before it published anything: the next one is not to be lost for that.
        await scene.bench.fault("heal", "redis-1")


def _was_told(scene: Scene, number: int, began: int) -> bool:
    """Whether Redis got a hint of this message."""
    return any(
        event.kind == "publish" and event.seq == number and not event.lost
        for event in scene.bench.events.since(began)
        if event.room == scene.room
    )


async def start_again(scene: Scene) -> None:
    await scene.bench.fault("restart", "node-1")
    ada = scene["ada"]
    await scene.until(
        lambda: ada.connected, "Ada does not come back. Heal, and try again.", RETURN_SECONDS
    )
    await scene.say("ada", "I am back")
    await scene.settle()


async def judge(scene: Scene) -> Verdict:
    """Everyone has everything that was acknowledged, once, although a node died."""
    findings = await scene.findings(*RULES)
    if not findings:
        count = len(await scene.rows())
        return passed(f"All {count} messages are there once, on both screens.", scene.trace())
    examples = [f"{one.rule}: {example}" for one in findings for example in one.examples]
    bob = scene["bob"]
    return failed(
        f"Bob stands at {bob.seq} of {len(await scene.rows())}: he never saw Ada's last words.",
        [*examples[:8], *scene.trace()],
    )


LAB = Lab(
    number=5,
    title="Crash between two systems",
    question="A server loses its power between saving a message and telling the others. Who repairs"
    " what it left half done?",
    minutes=20,
    know_after=(
        "the dual-write problem, and why no order of two writes solves it",
        "how readers repair what a dead writer cannot",
        "what a crash may take, and what it may not",
    ),
    predict=Prediction(
        ask="Node 1 stores Ada's message, answers her, and dies before it tells node 2. Bob:",
        choices=(
            "Sees it within two seconds, without node 1",
            "Sees it when node 1 is back and tells him",
            "Never sees it",
        ),
        right=0,
        because="Node 2 does not depend on being told. It finds in the database that the log is"
        " longer than what it has, and reads the rest.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Send as Ada, and kill node 1 before it tells",
            die_before_telling,
            "The commit is made, and Ada has her answer. The hint never reaches Redis, as node 1"
            " is dead (`kill -9`). Watch node 2: its head is behind, then it is not.",
            ("node-1", "redis-1", "node-2", "timeline"),
        ),
        Step(
            "Start node 1 again, and go on",
            start_again,
            "Ada's page comes back by itself and resumes where it stood. Her next message has the"
            " next number. Compare the rooms.",
            ("node-1", "people-1", "people-2", "meter"),
        ),
    ),
    by_hand="Choose **Drop the next hint** on redis-1, type as Ada, then **Kill node 1** at once."
    " After a look at Bob's room choose **Restart**.",
    judge=judge,
    switch="gap-repair",
    without="Node 2 still notices that it is behind, and no longer reads what is missing. It waits"
    " for a hint that nobody will send.",
    why="""
The node had two things to do: write to PostgreSQL, and publish to Redis. No transaction spans both.
If it publishes first and dies, people see a message that does not exist. If it commits first and
dies, the message exists and nobody is told. This is the dual-write problem. Retrying does not help,
because the one who would retry is dead.

There are three known ways out. A transaction over both systems (two-phase commit) blocks when the
coordinator dies. A table of things still to be told (a transactional outbox) is written in the same
commit, and another process works it off. Or the log itself is that table: whoever needs to know
reads it from where they stand.

The chatroom takes the third way. Messages are numbered without holes, so a reader knows by itself
what is missing. [`GapRepair.expect`](chat/realtime/gap_repair.py) is called when the head is
further than what is held, and [`GapRepair._fill`](chat/realtime/gap_repair.py) reads the rest. It
does not ask who was to blame. A lost packet, a full queue and a dead node look the same, so there
is one repair for all of them, and it runs every day and not only in disasters.

The order “commit, answer, fan out, publish” is kept for the same reason. Each step may be the last,
and what has been done until then must be true. Webhooks and push notices cannot be read from the
log by their receivers. They go the second way: a job is enqueued in the commit itself.
""",
    adr="0002-the-channel-layer-is-a-hint.md",
    reading=(
        Reading(
            "Richardson: Transactional outbox",
            "https://microservices.io/patterns/data/transactional-outbox.html",
        ),
        Reading(
            "Candea, Fox: Crash-only software",
            "https://www.usenix.org/conference/hotos-ix/crash-only-software",
        ),
    ),
    think_on="The node may also die after the commit and before Ada's answer. What does her page"
    " know then, what does it do, and which lab have you seen that in?",
)
