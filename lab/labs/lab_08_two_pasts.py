"""Lab 8: two pasts. A standby without the end of the log takes over."""

import asyncio
import time

from ..checker.records import hash_of
from .declaration import Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import Scene

# So long after a fault every screen may differ from the database (docs/learn/reliability.md).
CONVERGED_SECONDS = 6.0
RETURN_SECONDS = 30.0


async def prepare(scene: Scene) -> None:
    await scene.two_people()


async def take_a_copy(scene: Scene) -> None:
    await scene.bench.fault("copy", "postgres")
    scene.notes["ends lost"] = scene.random.randint(2, 4)
    await scene.say("ada", *(f"Only in the old past: {n}" for n in range(scene.notes["ends lost"])))
    await scene.all_at(2 + scene.notes["ends lost"])


async def fail_over_and_go_on(scene: Scene) -> None:
    await scene.bench.fault("fail-over", "postgres")
    # As many as were lost and one more: the numbers of the old past are given again.
    texts = [f"Only in the new past: {n}" for n in range(scene.notes["ends lost"] + 1)]
    bob = scene["bob"]
    for text in texts:
        bob.say(text)
    await scene.until(
        lambda: bob.outbox.unsent == 0, "Bob cannot write. Heal, and try again.", RETURN_SECONDS
    )


async def judge(scene: Scene) -> Verdict:
    """Every screen shows what the database holds, and nothing else."""
    deadline = time.monotonic() + CONVERGED_SECONDS
    while differing := await _differing(scene):
        if time.monotonic() > deadline:
            names = " and ".join(sorted({name for name, _ in differing}))
            return failed(
                f"Two pasts are mixed on the screens of {names}.",
                [text for _, text in differing][:10] + scene.trace(),
            )
        await asyncio.sleep(0.1)
    return passed("Every screen shows the log of the new database, and only that.", scene.trace())


async def _differing(scene: Scene) -> list[tuple[str, str]]:
    """Who shows what otherwise than the database has it."""
    rows = {row.seq: row.hash for row in await scene.rows()}
    found = []
    for name, person in scene.people.items():
        for seq in sorted(rows.keys() | person.bodies.keys()):
            body = person.bodies.get(seq)
            if rows.get(seq) != (hash_of(body) if body is not None else None):
                there = "another message" if seq in rows else "nothing"
                found.append((name, f"{name} shows {seq} as “{body}”; the database has {there}"))
    return found


LAB = Lab(
    number=8,
    title="Two pasts",
    question="The database fails over to its standby, which was one second behind. What do people"
    " see who have already read that second?",
    minutes=25,
    know_after=(
        "why an asynchronous standby may lose the end of the log",
        "why a number alone does not say where you are",
        "what an epoch is for, and why “start anew” is a good answer",
    ),
    predict=Prediction(
        ask="Ada's page has read what the new database does not know. After the fail-over:",
        choices=(
            "It keeps them, and shows the new ones below",
            "It drops them, and shows what the new database has",
            "It sends them to the server again",
        ),
        right=1,
        because="Her page says where it stands by number and id. The id is not in the new log, so"
        " the node answers `reset`: forget what you have, here is the truth.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Copy the database, then talk on",
            take_a_copy,
            "The copy is what a standby would hold. What Ada says now is on both screens, and not"
            " in the copy.",
            ("postgres", "node-1", "node-2"),
        ),
        Step(
            "Fail over to the copy, and write as Bob",
            fail_over_and_go_on,
            "The log is shorter than what everyone has read. Bob's messages get numbers that have"
            " been given before. Compare the rooms, line by line.",
            ("postgres", "people-1", "people-2", "meter"),
        ),
    ),
    by_hand="Choose **Take a copy**, type some messages, choose **Fail over**, and type others."
    " Reload one of the rooms, and compare it with the other.",
    judge=judge,
    switch="id-check",
    without="Nodes and pages now compare numbers only. Number 4 is number 4, they think.",
    why="""
A standby that is fed asynchronously is always a little behind. When the primary dies, what was on
the way is lost, although it had been acknowledged and read. You may forbid that (wait for the
standby at each commit) and pay with latency, and with standing still when the standby is away. Or
you accept it, and then you owe people the truth about it.

The danger is not the loss alone. The new log gives the **same numbers** to other messages. A page
that stands at 5 asks “what is new after 5?” and hears “6”. It keeps 3, 4 and 5 of a past that never
was, under a 6 that answers something it has never seen. Two people look at one room, and each of
them sees a different conversation. Nothing reports an error.

So a position is a number **and** what was there: epoch, number and the id of that row.
[`_reason_to_reset`](chat/messages/catch_up.py) looks whether the log still holds this id under this
number. If so, everything before it agrees too, because numbers are given in order. If not, the
answer is `reset`. The nodes do the same with what they hold in memory
([`GapRepair.check_conflict`](chat/realtime/gap_repair.py)), so that they do not hand on a dead
past.

Raft calls it the log matching property, Kafka has leader epochs, and git compares hashes of
commits. The idea is always the same: to agree on history, compare identities and not lengths. An
operator who restores a backup starts a new epoch as well, which makes the answer certain for
everyone at once.
""",
    adr="0001-a-numbered-log-under-one-lock.md",
    reading=(
        Reading(
            "Ongaro, Ousterhout: In search of an understandable consensus algorithm (section 5.3)",
            "https://raft.github.io/raft.pdf",
        ),
        Reading(
            "GitHub: October 21 post-incident analysis",
            "https://github.blog/news-insights/company-news/oct21-post-incident-analysis/",
        ),
    ),
    think_on="Ada's lost messages were hers, and her page still had them a second ago. Should it"
    " offer to send them again? What could go wrong?",
)
