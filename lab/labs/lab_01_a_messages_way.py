"""Lab 1: where a message is between Enter and another screen, and what “sent” means."""

import asyncio
import time

import psycopg

from .declaration import InconclusiveError, Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import PATIENCE, Scene

# What travels between node 1 and PostgreSQL takes so long each way: time enough to see it. A node
# whose first connections are busy takes another one, and goes this way some seven times. With a
# longer way clients would give up before they are answered, and send again, for ever.
DELAY_MS = 250
TEXT = "Can you hear me?"


async def prepare(scene: Scene) -> None:
    await scene.two_people()


async def slow_down(scene: Scene) -> None:
    # Open beforehand, and on a way that is not slow: the look must not come late.
    url = scene.bench.stack.deployment.database_url
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    scene.on_close(connection.pgconn.finish)
    scene.notes["database"] = connection
    await scene.bench.fault("delay", "postgres-1", ms=DELAY_MS)


async def send(scene: Scene) -> None:
    ada = scene["ada"]
    ada.say(TEXT)
    await scene.until(
        lambda: ada.outbox.unsent == 0, "Ada got no answer. Heal, and try again.", PATIENCE
    )
    told = time.monotonic()
    scene.notes["saved when told"] = await _is_saved(scene)
    if scene.notes["saved when told"] and time.monotonic() - told > DELAY_MS / 1000:
        raise InconclusiveError("This machine was too busy to look in time. Try again.")
    while not await _is_saved(scene):
        if time.monotonic() - told > PATIENCE:
            raise InconclusiveError("The message never reached the database. Heal, and try again.")
        await asyncio.sleep(0.02)
    scene.notes["late"] = time.monotonic() - told
    await scene.bench.fault("heal", "postgres-1")
    await scene.settle()


async def _is_saved(scene: Scene) -> bool:
    rows = await scene.notes["database"].execute(
        "SELECT 1 FROM chat_message m JOIN chat_room r ON r.id = m.room_id"
        " WHERE r.key = %s AND m.body = %s",
        [scene.room, TEXT],
    )
    return await rows.fetchone() is not None


async def judge(scene: Scene) -> Verdict:
    """When Ada is told that it is sent, the database holds it."""
    trace = scene.trace()
    if scene.notes["saved when told"]:
        return passed("When Ada was told “sent”, the database held her message.", trace)
    late = scene.notes["late"]
    return failed(
        f"Ada was told “sent” {late:.1f} s before the database held her message.",
        [*trace, f"the row appeared {late * 1000:.0f} ms after Ada's answer"],
    )


LAB = Lab(
    number=1,
    title="A message's way",
    question="Ada presses Enter. A moment later her message is marked as sent. Where is it now?",
    minutes=15,
    know_after=(
        "the stations of a message, in order, and how long each takes",
        "what an acknowledgement promises, and what it does not",
        "why the other screen is not part of that promise",
    ),
    predict=Prediction(
        ask="The way to the database and back takes half a second. When is Ada told that her"
        " message is sent?",
        choices=(
            "At once; the database gets it later",
            "When the database has stored it",
            "When Bob has seen it",
        ),
        right=1,
        because="An answer is a promise. Before the commit there is nothing to promise: the node"
        " may die, the disk may be full. Bob's screen is no part of it, because Bob may be away.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Slow the way to the database",
            slow_down,
            "The edge between node 1 and PostgreSQL now shows its delay. Nothing else changes.",
            ("postgres-1",),
        ),
        Step(
            "Send as Ada",
            send,
            "Follow the message along the edges: Ada, node 1, PostgreSQL, back to node 1. Only then"
            " does the answer leave for Ada, and the hint for Redis, node 2 and Bob.",
            ("people-1", "postgres-1", "redis-1", "redis-2", "people-2", "timeline"),
        ),
    ),
    by_hand="Choose **Delay** on the edge postgres-1, type something as Ada, and watch the mark"
    " under her message. Then press its time to see the delivery trace.",
    judge=judge,
    switch="answer-after-commit",
    without="Node 1 now answers as soon as it has the message, and stores it afterwards, as many a"
    " chat does. It feels faster. Look at the order of “reply” and “commit” in the timeline.",
    why="""
A message passes through eight stations. The node takes it from the socket, checks it, and hands it
to the room's writer ([`RoomWriter.submit`](chat/realtime/writer.py)). The writer gathers what comes
while the previous commit is in flight, and has all of it stored by one transaction
([`Committer.commit`](chat/realtime/committer.py)). The database answers when the transaction is on
disk. Only now does the message exist.

Then three things happen, in this order. The author is told
([`RoomWriter._answer`](chat/realtime/writer.py)), so that a full room does not delay the answer.
The people of this node get it ([`RoomStream.fan_out`](chat/realtime/room_stream.py)). The other
nodes get a hint through Redis ([`Bus.publish`](chat/bus/broker.py)).

An answer before the commit saves the time of one write to disk, on average a few milliseconds. It
costs the meaning of the word “sent”. If the node dies in between, Ada's page has thrown her text
away, because it was told that it may. Nobody has it any more, and nobody knows. That is the worst
kind of loss: a silent one.

This is the end-to-end argument: only the far end can say that the work is done. TCP has
acknowledged Ada's bytes long before, but TCP knows only that a kernel holds them.
""",
    adr="0001-a-numbered-log-under-one-lock.md",
    reading=(
        Reading(
            "Saltzer, Reed, Clark: End-to-end arguments in system design",
            "https://web.mit.edu/Saltzer/www/publications/endtoend/endtoend.pdf",
        ),
        Reading(
            "PostgreSQL: Reliability and the write-ahead log",
            "https://www.postgresql.org/docs/current/wal-reliability.html",
        ),
    ),
    think_on="A messenger shows one tick for “sent” and two for “delivered”. Which station would"
    " have to answer for the second tick, and what would it cost in a room of 1,000 people?",
)
