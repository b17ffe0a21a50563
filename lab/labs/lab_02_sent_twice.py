"""Lab 2: idempotence. The answer to a post is lost, and the page sends it again."""

from .declaration import InconclusiveError, Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import Scene

TEXT = "I ordered the pizza"


async def prepare(scene: Scene) -> None:
    await scene.two_people()


async def lose_the_answer(scene: Scene) -> None:
    before = scene.bench.edges["people-1"].dropped
    await scene.bench.fault("cut-after-commit", "people-1")
    await scene.say("ada", TEXT)
    if scene.bench.edges["people-1"].dropped == before:
        raise InconclusiveError("No answer was lost. Reset this lab, and try again.")
    # Bob is told of everything that came of it.
    await scene.all_at(max(row.updated_seq for row in await scene.rows()))


async def judge(scene: Scene) -> Verdict:
    """What was sent twice is in the log once."""
    rows = await scene.rows_saying(TEXT)
    numbers = ", ".join(str(row.seq) for row in rows)
    trace = scene.trace()
    if len(rows) == 1:
        return passed(f"Sent twice, stored once, as number {numbers}.", trace)
    if not rows:
        return failed("It was sent twice, and is nowhere.", trace)
    return failed(f"The same message is in the log {len(rows)} times: as {numbers}.", trace)


LAB = Lab(
    number=2,
    title="Sent twice, said once",
    question="In a tunnel the phone sends a message, and loses the network before the answer comes."
    " Why do some chats show it twice?",
    minutes=15,
    know_after=(
        "the three outcomes of a request: done, not done, unknown",
        "why a retry needs a key that the sender chooses",
        "why “exactly once” is at least once with a memory",
    ),
    predict=Prediction(
        ask="The message is stored; the answer is lost; Ada's page sends it again. Then Bob sees:",
        choices=("It once", "It twice", "It once, and an error at Ada's"),
        right=0,
        because="Ada's page gave the message an id before it sent it the first time. The node finds"
        " a message with this id in the room, and gives the same answer as before.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Send as Ada, and lose the answer",
            lose_the_answer,
            "The post goes up, the commit is made, and the edge to Ada breaks before the answer"
            " gets through. Ada's page connects again and sends the same thing once more.",
            ("people-1", "timeline", "meter"),
        ),
    ),
    by_hand="At the fault desk choose **Cut after commit** on people-1, then type as Ada. Watch how"
    " her page returns, and count what Bob sees.",
    judge=judge,
    switch="idempotency-key",
    without="Node 1 no longer looks whether it has this message already. The page does exactly what"
    " it did before. Count again.",
    why="""
A request over a network has three outcomes. It was done. It was not done. Or you do not know: the
connection broke after you had asked and before you were told. No protocol takes the third one away,
because the last message of any exchange may be the one that is lost (the two generals).

There are two honest ways to deal with it. Do not try again: then some messages are lost (at most
once). Or try again: then some are done twice (at least once). To try again safely, doing it twice
must have the effect of doing it once. That property is called idempotence.

The page gives each message a `client_id` when it enters the outbox
([`Outbox.add`](static/js/models/outbox.js)), before the first attempt, and keeps it across reloads.
The node looks for the author's ids among the room's messages
([`find_repeats`](chat/messages/idempotency.py)), and it does so **under the room's lock**. Without
the lock two attempts that arrive together would both find nothing. A repeat takes no number, and
gets the answer that the first attempt would have got. The same id with another text is refused,
because one of the two must be a mistake.

The look-up costs one index probe a message. The unique index under it is the last line of defence.
Payment services do the same with an `Idempotency-Key` header.
""",
    adr="0001-a-numbered-log-under-one-lock.md",
    reading=(
        Reading(
            "Stripe: Designing robust and predictable APIs with idempotency",
            "https://stripe.com/blog/idempotency",
        ),
        Reading("Two Generals' Problem", "https://en.wikipedia.org/wiki/Two_Generals%27_Problem"),
    ),
    think_on="For how long must the server remember an id? What happens to a phone that sends its"
    " outbox after a month, when old messages have been deleted by retention?",
)
