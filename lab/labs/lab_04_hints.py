"""Lab 4: hints are not truth. Redis stops just as the last message is sent."""

import time

from ..bench.waiting import wait_until
from .declaration import Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import Scene

# What is promised while Redis is silent (docs/learn/reliability.md).
PROMISED_SECONDS = 3.5
TEXT = "The door is open, come in"


async def prepare(scene: Scene) -> None:
    await scene.two_people()


async def pause_redis(scene: Scene) -> None:
    await scene.bench.fault("pause", "redis")


async def send_the_last_message(scene: Scene) -> None:
    await scene.say("ada", TEXT)
    began = time.monotonic()
    bob, last = scene["bob"], scene["ada"].seq
    scene.notes["last"] = last
    scene.notes["seen"] = await wait_until(lambda: bob.seq >= last, PROMISED_SECONDS)
    scene.notes["seconds"] = time.monotonic() - began


async def judge(scene: Scene) -> Verdict:
    """Bob has the last message in time, although no hint came."""
    last, seconds = scene.notes["last"], scene.notes["seconds"]
    if scene.notes["seen"]:
        return passed(
            f"Bob saw message {last} after {seconds:.2f} s, without Redis.", scene.trace()
        )
    behind = last - scene["bob"].seq
    return failed(
        f"Bob is {behind} behind after {seconds:.1f} s. Ada was told long ago that it is sent.",
        [*scene.trace(), f"Bob stands at {scene['bob'].seq}, the log ends at {last}"],
    )


LAB = Lab(
    number=4,
    title="Hints are not truth",
    question="Redis stops just as the last message of the day is sent. Will Bob ever see it?",
    minutes=20,
    know_after=(
        "why a lost last message is the hardest one to notice",
        "the difference between a hint and the truth",
        "what a periodic comparison (anti-entropy) costs, and what it buys",
    ),
    predict=Prediction(
        ask="Redis stands still, Ada sends one message, and nobody speaks after her. Bob sees it:",
        choices=("When somebody speaks again", "Within a few seconds", "At once"),
        right=1,
        because="Node 2 asks the database once a second how far its rooms have come. It needs no"
        " hint to notice that it is behind.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Pause Redis",
            pause_redis,
            "Redis is still there and its connections are open; it only says nothing. Nobody gets"
            " an error. Soon both nodes miss their own probes and call themselves degraded.",
            ("redis", "redis-1", "redis-2"),
        ),
        Step(
            "Send the last message as Ada",
            send_the_last_message,
            "Ada is told at once that it is sent, because Redis is not on that way. The hint for"
            " node 2 goes nowhere. Watch node 2's head, and “seconds behind”.",
            ("node-1", "node-2", "meter", "timeline"),
        ),
    ),
    by_hand="Choose **Pause Redis**, type as Ada, then hold still. Nobody may speak: the next"
    " message would give the gap away.",
    judge=judge,
    switch="head-poll",
    without="Node 2 no longer asks how far the rooms have come. It believes what it hears, and it"
    " hears nothing.",
    why="""
Redis pub/sub delivers at most once: a subscriber that is away, slow or cut off misses what was
published, and neither side is told. So a hint may speed things up, and may never be the only way by
which something is learnt. The truth is the log in PostgreSQL.

Most lost hints betray themselves. The next one begins with a number that does not follow, and
[`GapRepair.expect`](chat/realtime/gap_repair.py) reads from the database what is missing. The
**last** message has no successor. No later hint reveals the gap, so only a comparison can:
[`HeadPoller.heads`](chat/realtime/head_poller.py) asks for the heads of all rooms that someone here
has open, with one query a second. In large systems this is called anti-entropy.

A node notices a dead Redis too. It publishes a probe to itself each second, and when the probes do
not come back it calls itself degraded and asks more often. This needs no knowledge of **why** Redis
is silent. A paused server, a lost route and a broken switch look the same from here: a failure
detector can only be a timeout, and a timeout can only suspect.

The price is one small query a second for each node, whatever the number of rooms up to some
hundreds. The gain is that Redis costs latency and never correctness: it may be restarted, emptied
or replaced at noon.
""",
    adr="0002-the-channel-layer-is-a-hint.md",
    reading=(
        Reading(
            "Redis: Pub/Sub delivery semantics", "https://redis.io/docs/latest/develop/pubsub/"
        ),
        Reading(
            "Demers and others: Epidemic algorithms for replicated database maintenance",
            "https://dl.acm.org/doi/10.1145/41840.41841",
        ),
    ),
    think_on="You could have each node ask every 50 milliseconds, and do without Redis. At how many"
    " nodes and rooms does that become the worse bargain, and how would you find out?",
)
