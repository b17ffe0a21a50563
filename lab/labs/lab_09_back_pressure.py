"""Lab 9: back-pressure. Some readers stop reading, and the room talks on."""

import asyncio

from .declaration import InconclusiveError, Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import Scene

READERS = 3
# What a node may hold for one reader: about one frame of the largest kind.
BOUND_BYTES = 128 * 1024
# Its HTML is much longer than the text, which fills the kernel's buffers sooner.
TEXT = "*a* " * 999
# Together much more than the kernels hold for a socket that is not read.
MESSAGES = 160
AUTHORS = 4


async def prepare(scene: Scene) -> None:
    await asyncio.gather(
        *(scene.enter(f"author-{number}", 2) for number in range(1, AUTHORS + 1)),
        *(scene.enter(f"reader-{number}", 1) for number in range(1, READERS + 1)),
    )
    await scene.say("author-1", "Here comes the whole book.")
    await scene.all_at(1)


async def stop_reading(scene: Scene) -> None:
    scene.notes["closed before"] = (await scene.node_status(1))["closed_as_slow"]
    await scene.bench.fault("stop-reading", "people-1")


async def talk(scene: Scene) -> None:
    authors = [scene[f"author-{number}"] for number in range(1, AUTHORS + 1)]
    for _ in range(MESSAGES // AUTHORS):
        for author in authors:
            author.say(TEXT)
    await scene.until(
        lambda: not any(author.outbox.unsent for author in authors),
        "The authors got no answer.",
        60,
    )
    last = max(author.seq for author in authors)
    scene.notes["last"] = last
    await scene.until(
        lambda: all(author.seq >= last for author in authors), "The authors are behind."
    )
    # The node on which nobody reads has heard everything, and kept what it keeps. A room whose
    # readers are all closed is not followed any more.
    status = await scene.node_status(1)
    while status["heads"].get(scene.room, last) < last:
        await asyncio.sleep(0.05)
        status = await scene.node_status(1)
    scene.notes["held"] = status["unsent_bytes"]
    scene.notes["unwritable"] = status["unwritable"]
    scene.notes["closed"] = status["closed_as_slow"] - scene.notes["closed before"]


async def judge(scene: Scene) -> Verdict:
    """What a node holds for those who do not read is bounded."""
    held, bound = scene.notes["held"], BOUND_BYTES * READERS
    shown = f"{held / 1024:,.0f} KiB for {READERS} readers who do not read"
    if held > bound:
        return failed(
            f"Node 1 holds {shown}, and more with every message. The bound is"
            f" {bound / 1024:,.0f} KiB.",
            [f"after {scene.notes['last']} messages: {held:,} bytes wait in the process"],
        )
    if closed := scene.notes["closed"]:
        return passed(f"Node 1 closed {closed} of them as too slow, and holds {shown}.")
    if not scene.notes["unwritable"]:
        raise InconclusiveError("The sockets never filled up: the kernel's buffers are too large.")
    return passed(f"Node 1 holds {shown}, and not a byte more with every message.")


LAB = Lab(
    number=9,
    title="Readers that stop",
    question="Someone closes the lid of a laptop in the middle of a busy day. How much does the"
    " server write for a screen that nobody reads?",
    minutes=20,
    know_after=(
        "where bytes wait on their way: two kernels and one process",
        "why a queue without a bound is a memory leak that waits for its day",
        "why a log makes the queue unnecessary",
    ),
    predict=Prediction(
        ask="Three readers stop reading; the others send some megabytes. Node 1 keeps for them:",
        choices=(
            "Everything, until they read again",
            "About one frame each, whatever is said",
            "Nothing; it closes them at once",
        ),
        right=1,
        because="A socket that does not drain is skipped. The node remembers only how far that"
        " reader has come, and reads the rest from the log when there is room again.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Stop reading at node 1",
            stop_reading,
            "The sockets stay open, and nobody takes what comes. That is what a sleeping laptop"
            " looks like from here.",
            ("people-1",),
        ),
        Step(
            "Talk a lot on node 2",
            talk,
            "The authors notice nothing. Node 1 writes until the kernels are full. Then look at"
            " “unsent” on node 1.",
            ("node-1", "people-1", "people-2"),
        ),
    ),
    by_hand="Choose **Stop reading** on people-1, and move the load slider up. Watch the bytes that"
    " wait in node 1; then choose **Heal**, and see the room catch up.",
    judge=judge,
    switch="bounded-sockets",
    without="Node 1 now believes that every socket takes everything, as a plain loop over"
    " `send()` does in most frameworks. What the kernel refuses waits in the process.",
    why="""
Between a `write` and an eye there are several buffers: the process, the kernel of the server, the
kernel of the reader, the browser. TCP stops the sender when the reader's kernel is full (flow
control). Then the server's kernel fills, and then it is the application's turn to decide. It can
wait, and everyone in the room waits for the slowest. It can keep everything, and its memory belongs
to the slowest. It can throw something away, and must then know **what** was thrown away.

Most frameworks keep everything and do not say so. Daphne and Twisted buffer without a bound, and
Node's `ws` does the same. All goes well until a train enters a tunnel with a hundred readers in it.

The chatroom throws the frames away, and keeps the position. The room is a numbered log, so a
connection needs a cursor and a flag: may I write
([`DaphneSocket.pause`](chatroom/server/websocket.py))? [`Fanout.sweep`](chat/realtime/fanout.py)
writes only to sockets that have everything before and can take more. When one drains, it is fed
from the last frames in memory, or from the database. When it takes nothing for 20 seconds, it is
closed with a code that says so ([`close_slow_consumers`](chat/realtime/slow_consumers.py)), and the
page resumes later.

This is back-pressure turned around. The producer is not slowed, because the log holds what the
consumer has yet to take. Kafka works the same way, and so does every replica of a database.
""",
    adr="0003-a-cursor-for-each-socket.md",
    reading=(
        Reading(
            "websockets: Broadcasting, and what it does to slow clients",
            "https://websockets.readthedocs.io/en/stable/topics/broadcast.html",
        ),
        Reading(
            "Brooker: Fixing retries and queues: metastable failures",
            "https://brooker.co.za/blog/2021/05/24/metastable.html",
        ),
    ),
    think_on="A log needs no queue because it is stored anyway. What would you do with typing"
    " notices and presence, which nobody stores?",
)
