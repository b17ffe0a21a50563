"""Lab 10: a deploy, and the herd that comes after it."""

import asyncio
import contextlib

from .declaration import InconclusiveError, Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import Scene
from .tabs import Tab, most_within

TABS = 300
MEMBERS = 20
# So many are opened at once.
TOGETHER = 50
WINDOW_SECONDS = 0.1
# More than this share of all tabs within one window is a herd.
HERD_SHARE = 0.25
MOVED_SECONDS = 45.0


async def prepare(scene: Scene) -> None:
    await scene.two_people()
    cookies = await scene.bench.cookies(MEMBERS)
    has_jitter = scene.bench.switches["jitter"]
    tabs = [
        Tab(cookies[number % MEMBERS], scene.room, has_jitter=lambda: has_jitter.on)
        for number in range(TABS)
    ]
    scene.notes["tabs"] = tabs
    for tab in tabs:
        scene.on_close(tab.abort)
    for at in range(0, TABS, TOGETHER):
        await asyncio.gather(*(tab.open(scene.bench.nodes[0]) for tab in tabs[at : at + TOGETHER]))


async def drain(scene: Scene) -> None:
    tabs: list[Tab] = scene.notes["tabs"]
    moving = asyncio.gather(*(tab.move(scene.bench.nodes[1]) for tab in tabs))
    await scene.bench.fault("drain", "node-1")
    # Who is not back by then is told of by the assertion.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(MOVED_SECONDS):
            await moving


async def judge(scene: Scene) -> Verdict:
    """Those who were sent away do not all come back in the same moment."""
    tabs: list[Tab] = scene.notes["tabs"]
    lost = sum(not tab.is_back for tab in tabs)
    moments = [tab.due_at for tab in tabs if tab.due_at]
    if len(moments) < len(tabs):
        raise InconclusiveError(
            f"{len(tabs) - len(moments)} tabs were not sent away in time. Heal, and try again."
        )
    most, spread = most_within(moments, WINDOW_SECONDS), max(moments) - min(moments)
    share = most / len(tabs)
    trace = _histogram(moments)
    if share > HERD_SHARE:
        return failed(
            f"A herd: {most} of {len(tabs)} tabs came to node 2 within 0.1 s.",
            trace,
        )
    if lost:
        raise InconclusiveError(f"{lost} tabs found no way back. Heal, and try again.")
    return passed(
        f"{len(tabs)} tabs came back over {spread:.1f} s; at most {most} within 0.1 s.", trace
    )


def _histogram(moments: list[float]) -> list[str]:
    """How many came in each fifth of a second."""
    first = min(moments)
    fifths = [int((moment - first) * 5) for moment in moments]
    return [
        f"{fifth / 5:4.1f} s {fifths.count(fifth):4} {'▪' * (fifths.count(fifth) // 4)}"
        for fifth in range(max(fifths) + 1)
    ]


LAB = Lab(
    number=10,
    title="A deploy and its herd",
    question="You restart a server at noon, politely. A second later the other one is on its knees."
    " What happened?",
    minutes=20,
    know_after=(
        "what a drain is, step by step",
        "why many polite clients make one impolite crowd",
        "what jitter does, and why it must be full",
    ),
    predict=Prediction(
        ask="Node 1 is drained, with 300 tabs on it. They knock at node 2:",
        choices=(
            "All at once, as soon as they are closed",
            "Spread over some seconds",
            "Only when node 1 is back",
        ),
        right=1,
        because="Node 1 says goodbye to a few at a time, and tells each of them another time to"
        " come back.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Drain node 1",
            drain,
            "Its sockets go down in steps, not at once. Watch those of node 2 rise, and its"
            " latency. Ada's page comes back as well, with what she had not sent.",
            ("node-1", "node-2", "people-1", "people-2"),
        ),
    ),
    by_hand="Move the load slider to many people, then choose **Drain** for node 1. Do the same"
    " again with **Kill**, and compare the rise on node 2.",
    judge=judge,
    switch="jitter",
    without="Node 1 now sends everyone away in one moment, and tells all of them the same time."
    " Each of them is as polite as before.",
    why="""
A rolling update replaces nodes one by one. The old one must end without breaking anything: it says
“not ready” so that the balancer sends nobody new, closes its listener, answers what was begun, and
says goodbye to each socket ([`drain`](chatroom/server/drain.py)). The goodbye carries a code, 4000,
and a time to wait.

What comes then is a question of arithmetic. A connection costs a node some milliseconds: TLS, the
session, the first page of the room. Three hundred at once are a second in which it does nothing
else. Those who wait too long give up and try again, so the load grows by itself. When the crowd is
large enough the node never recovers, even though the first cause is long gone. This is called a
metastable failure.

The cure is chance. [`_let_everyone_go`](chatroom/server/drain.py) sends away a part every tenth of
a second, and gives each a random time to come back. A page whose socket breaks without a word waits
a random time between nothing and a growing ceiling ([`Backoff`](static/js/realtime/backoff.js)). It
must be **full** jitter. A fixed wait with a little noise moves the crowd, and does not thin it out.

The opposite danger is waiting too long. A single person after a short break should be back at once,
so the ceiling starts at half a second and grows only with failures. The time that a server tells
depends on how many it sends away, since only the server knows that.
""",
    adr="0013-two-clouds-without-stickiness.md",
    reading=(
        Reading(
            "Brooker: Exponential backoff and jitter",
            "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/",
        ),
        Reading(
            "Bronson and others: Metastable failures in distributed systems",
            "https://sigops.org/s/conferences/hotos/2021/papers/hotos21-s11-bronson.pdf",
        ),
    ),
    think_on="Ten thousand phones get the same push notice in the same second. Which of these cures"
    " helps there, and which one do you not have?",
)
