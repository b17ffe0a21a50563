"""Lab 6: unavailable beats wrong. The database is away, and someone writes."""

from .declaration import InconclusiveError, Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import Scene

TEXT = "Please confirm the order by noon"
# A node without its database answers at the latest after this.
ANSWER_SECONDS = 20.0


async def prepare(scene: Scene) -> None:
    await scene.two_people()


async def write_without_database(scene: Scene) -> None:
    await scene.bench.fault("kill", "postgres")
    before = scene.bench.events.last
    message = scene["ada"].say(TEXT)
    try:
        answer = await scene.bench.events.find(
            lambda event: event.kind == "reply" and event.message == message,
            after=before,
            seconds=ANSWER_SECONDS,
        )
    except TimeoutError:
        raise InconclusiveError(
            f"Ada had no answer within {ANSWER_SECONDS:.0f} s, good or bad. Her client asks again"
            " after five, so an answer must come sooner."
        ) from None
    scene.notes["message"] = message
    scene.notes["answer"] = answer.text


async def bring_it_back(scene: Scene) -> None:
    await scene.bench.fault("restart", "postgres")
    ada = scene["ada"]
    await scene.until(
        lambda: ada.outbox.unsent == 0, "Ada's message is not answered. Heal, and try again.", 30
    )
    await scene.settle()


async def judge(scene: Scene) -> Verdict:
    """What Ada was told is sent is in the database."""
    rows = await scene.rows_saying(TEXT)
    trace = scene.trace(scene.notes["message"])
    if rows:
        return passed(
            f"Ada was told “not now” at first, and “sent” once it was stored, as {rows[0].seq}.",
            [f"the first answer: {scene.notes['answer']}", *trace],
        )
    return failed(
        "Ada was told that her message is sent. It is nowhere, and nobody will send it again.",
        [f"the first answer: {scene.notes['answer']}", *trace],
    )


LAB = Lab(
    number=6,
    title="Unavailable beats wrong",
    question="The database is away for a minute. Should the chat take messages meanwhile, so that"
    " nobody notices?",
    minutes=15,
    know_after=(
        "what a system may do when it cannot keep its promise: wait, refuse, or lie",
        "what CAP says, and what it does not",
        "where unsent text is safe: with the one who wrote it",
    ),
    predict=Prediction(
        ask="PostgreSQL is dead, and Ada writes. What does her page show?",
        choices=(
            "“Sent”; the node stores it later",
            "“Waiting”; it is sent when the database is back",
            "An error; her text is gone",
        ),
        right=1,
        because="The node answers “unavailable”, which means “not done, try again”. The page keeps"
        " the text in its outbox and does so by itself.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Kill PostgreSQL, and write as Ada",
            write_without_database,
            "The node is alive, its sockets are open, and reading still works. Look at the mark"
            " under Ada's message, and at Bob's room: nothing is there.",
            ("postgres", "postgres-1", "people-1"),
        ),
        Step(
            "Start PostgreSQL again",
            bring_it_back,
            "The outbox sends again, without a click. The message gets its number now.",
            ("postgres", "people-1", "people-2", "meter"),
        ),
    ),
    by_hand="Choose **Kill** for PostgreSQL and type as Ada. Reload her page, and see that the text"
    " is still there. Then choose **Restart**.",
    judge=judge,
    switch="refuse-unsaved",
    without="The node now takes the message all the same, gives it the number that it expects, and"
    " shows it to everyone. It looks much better, until the database is back.",
    why="""
When a part is away there are three answers: wait, refuse, lie. A queue in the node's memory would
be a lie, because it says “sent” of something that one power failure takes away. It would also give
numbers that the database never gave, so that other nodes may give them to other messages.

The node refuses with a code that says what it means. `unavailable` is not “wrong” but “not done,
try again”: the database error becomes that code in [`Unavailable`](chat/errors.py), and a commit
whose outcome is unknown is tried once more as the same batch before anyone is told
([`_unanswered`](chat/messages/commit.py)). The page keeps the text
([`Outbox.add`](static/js/models/outbox.js)) and tries again with a growing pause. So the wait is
moved to the one place where it is honest: before the eyes of the one who wrote it.

CAP is often quoted for this. It says that during a **partition** a system cannot be both
linearizable and available at every node. It does not say that one has to choose once for all. The
chatroom chooses for each operation: writing needs the database, so it waits; reading what a node
holds, who is here and who is typing go on. That is why the room stays open, and only the button
waits.

An operator sees it as well. `/readyz` says what is missing, so a balancer may send people
elsewhere, while `/healthz` stays green, because a restart of the node would help nobody.
""",
    adr="0025-readiness-when-nothing-can-be-written.md",
    reading=(
        Reading(
            "Gilbert, Lynch: Perspectives on the CAP theorem",
            "https://groups.csail.mit.edu/tds/papers/Gilbert/Brewer2.pdf",
        ),
        Reading(
            "Google SRE book: Addressing cascading failures",
            "https://sre.google/sre-book/addressing-cascading-failures/",
        ),
    ),
    think_on="A shop takes orders while its stock database is away, and apologises by mail where it"
    " sold too much. Why may that be right for a shop and wrong for a chat?",
)
