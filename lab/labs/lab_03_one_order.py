"""Lab 3: one order. People on two nodes write at the same moment."""

import asyncio

from .declaration import Lab, Prediction, Reading, Step, Verdict, failed, passed
from .scene import Scene

PEOPLE = {"ada": 1, "bob": 2, "carol": 1, "dan": 2}
EACH_SAYS = 6
# What would be wrong with the order (lab/checker/rules.py).
RULES = ("lost", "duplicate", "inconsistent offset", "gap", "inversion", "real time", "convergence")
FIRST_WORDS = "On three: one, two …"
SAID = 1 + len(PEOPLE) * EACH_SAYS


async def prepare(scene: Scene) -> None:
    await asyncio.gather(*(scene.enter(name, node) for name, node in PEOPLE.items()))
    await scene.say("ada", FIRST_WORDS)
    await scene.all_at(1)


async def all_at_once(scene: Scene) -> None:
    names = list(PEOPLE)
    scene.random.shuffle(names)
    await asyncio.gather(
        *(scene.say(name, *(f"{name} {n}" for n in range(1, EACH_SAYS + 1))) for name in names)
    )
    await scene.settle()


async def judge(scene: Scene) -> Verdict:
    """Everyone holds every message, in one order without a hole."""
    findings = await scene.findings(*RULES)
    count = len(await scene.rows())
    if not findings and count < SAID:
        # Two who took one number, of whom the database refused one: in order, and not everything.
        return failed(f"{SAID - count} of {SAID} messages are not in the log.", scene.trace())
    if not findings:
        return passed(f"{count} messages from two nodes, one order, no hole.", scene.trace())
    examples = [f"{one.rule}: {example}" for one in findings for example in one.examples]
    broken = ", ".join(f"{one.rule} ({one.count})" for one in findings)
    return failed(f"The order is broken: {broken}.", [*examples[:8], *scene.trace()])


LAB = Lab(
    number=3,
    title="One order for everyone",
    question="Two people press Enter at the same moment, on servers that do not know of each other."
    " Who was first, and do all agree?",
    minutes=20,
    know_after=(
        "why clocks cannot say who was first",
        "what a lock around “take the next number” buys, and what it costs",
        "why a number from a sequence is not an order that readers can follow",
    ),
    predict=Prediction(
        ask="Four people on two nodes send 24 messages as fast as they can. Afterwards:",
        choices=(
            "Each node shows its own people's messages first",
            "All four see the same order",
            "The order is that of the senders' clocks",
        ),
        right=1,
        because="A message gets its number in the transaction that stores it, under a lock of the"
        " room. The two nodes wait for each other there, and nowhere else.",
    ),
    prepare=prepare,
    steps=(
        Step(
            "Send as four people at once",
            all_at_once,
            "Both edges to PostgreSQL are busy. Compare the two rooms line by line, and watch"
            " “out of order” and “lost”.",
            ("postgres-1", "postgres-2", "meter", "timeline"),
        ),
    ),
    by_hand="Move the load slider up, and type in both rooms at the same time. Then compare them.",
    judge=judge,
    switch="room-lock",
    without="A number is now taken from a sequence first, and the message is stored a moment later."
    " So do many systems that number rows by an identity column, or by a counter in Redis.",
    why="""
There is no “at the same time” that two machines could agree on. Their clocks differ by
milliseconds, and nobody knows by how many. So an order must be **made**, by one place that everyone
passes. Here it is the row of the room's head. A transaction locks it, looks at the last number,
gives the next ones and stores the messages under them ([`commit_batch`](chat/messages/commit.py));
the plain post does all of it in one statement
([`SingleStatementCommit`](chat/messages/single_statement_commit.py)). The lock is held until the
commit, so number 7 is visible before number 8 can exist.

That last point is what a sequence does not give. Two writers take 7 and 8; the second one commits
first. A reader who comes in between sees 8, notes “I have read up to 8”, and will never ask for 7
again. No error, no conflict, no log line: one message is missing on some screens. The same trap
lies in “everything newer than this timestamp”.

The price of the lock is that a room's commits go one after the other. Each takes about as long as
one write to disk. The remedy is to commit together what comes together
([`RoomWriter.submit`](chat/realtime/writer.py)): the busier the room, the larger the batch. Rooms
do not wait for each other, because each has a head of its own. This is sharding by the unit of
order.
""",
    adr="0001-a-numbered-log-under-one-lock.md",
    reading=(
        Reading(
            "Lamport: Time, clocks, and the ordering of events in a distributed system",
            "https://lamport.azurewebsites.net/pubs/time-clocks.pdf",
        ),
        Reading(
            "Kreps: The log, what every software engineer should know",
            "https://engineering.linkedin.com/distributed-systems/log-what-every-software-engineer-should-know-about-real-time-datas-unifying",
        ),
    ),
    think_on="Which promise would you have to give up so that two data centres, 80 milliseconds"
    " apart, may both write to one room without asking each other?",
)
