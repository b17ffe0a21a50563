"""The promises as rules: functions over a history that yield a sentence for each violation.

A restore that takes the end of a log back (`Restored`) excuses what it took, and nothing else.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from .history import History
from .records import Added, Deliver, Ended, Enter, Final, Head, Key, Removed, Send

# After this long nothing may reach a member whose session has ended.
LEAK_NS = 2_000_000_000
# A client that is further behind may be told to start anew (settings.CATCH_UP_MAX).
CATCH_UP_MAX = 500


# --- What was promised to the sender ----------------------------------------------------------


def lost(history: History) -> Iterator[str]:
    """An acknowledged message is in the log, and with everyone whose cursor has passed it."""
    for ok in history.of(Send):
        if ok.type != "ok" or history.cuts(ok.room, ok.seq, ok.t):
            continue
        row = history.log[ok.room].get(ok.seq)
        if row is None or row.id != ok.id or row.cid != ok.cid:
            there = row.cid if row else "nothing"
            yield f"{ok.actor} was told that {ok.cid} is {ok.room}/{ok.seq}; there is {there}"
    for final, first, held in history.holdings:
        for seq, row in history.log[final.room].items():
            if (
                row.kind == "message"
                and first <= seq
                and row.updated_seq <= final.seq
                and seq not in held
            ):
                yield f"{final.actor} is at {final.room}/{final.seq} and has never seen {seq}"


def duplicate(history: History) -> Iterator[str]:
    """One number for each message, and each number comes once."""
    rows: dict[Key, list[int]] = defaultdict(list)
    for room, log in history.log.items():
        for seq, row in log.items():
            if row.kind == "message":
                rows[room, row.sender, row.cid].append(seq)
    for (room, sender, cid), sends in history.sends.items():
        oks = [send for send in sends if send.type == "ok"]
        seqs = {ok.seq for ok in oks if not history.cuts(room, ok.seq, ok.t)}
        seqs |= set(rows[room, sender, cid]) if oks else set()
        if len(seqs) > 1:
            yield f"{cid} of member {sender} has the numbers {sorted(seqs)} in {room}"
    for before, frame in history.continued():
        if frame.first <= before.last:
            yield (
                f"{frame.actor} at {frame.room}/{before.last} got {frame.first}–{frame.last} again"
            )


def unknowns(history: History) -> Iterator[str]:
    """A message with an unknown outcome is there once or not at all."""
    times: dict[Key, int] = defaultdict(int)
    for room, log in history.log.items():
        for row in log.values():
            times[room, row.sender, row.cid] += row.kind == "message"
    for (room, sender, cid), sends in history.sends.items():
        count = times[room, sender, cid]
        if count > 1 and not any(send.type == "ok" for send in sends):
            yield f"{cid} of member {sender}, never answered, is in {room} {count} times"


# --- One log for everyone ---------------------------------------------------------------------


def inconsistent_offset(history: History) -> Iterator[str]:
    """All clients see the same under one number, and in the end what the database holds."""
    seen: dict[tuple[str, str, int], dict[tuple[int, str, str], int]] = defaultdict(dict)
    for frame in history.of(Deliver):
        for message in frame.messages:
            state = message.seq, message.id, message.hash
            seen[frame.room, frame.epoch, message.updated_seq].setdefault(state, frame.t)
    for (room, _, seq), states in seen.items():
        if len(states) > 1 + history.cuts(room, seq, min(states.values())):
            yield f"{room}/{seq} was seen as {' and as '.join(map(str, states))}"
    for final, _, held in history.holdings:
        for seq, message in held.items():
            row = history.log[final.room].get(seq)
            if row is None or row.updated_seq > final.seq:
                continue
            shown = message.id, message.updated_seq, message.hash
            if (row.id, row.updated_seq, row.hash) != shown:
                yield (
                    f"{final.actor} holds {final.room}/{seq} as {message.id[:8]} "
                    f"of {message.updated_seq}, the database as {row.id[:8]} of {row.updated_seq}"
                )


def gap(history: History) -> Iterator[str]:
    """A log is 1…head without a hole, and so is what a client is given."""
    for head in history.of(Head):
        rows = history.log[head.room]
        missing = [seq for seq in range(1, head.head + 1) if seq not in rows]
        beyond = [seq for seq in rows if seq > head.head]
        if missing or beyond:
            yield f"{head.room} ends at {head.head}, lacks {missing[:5]}, and has {beyond[:5]}"
    for before, frame in history.continued():
        if frame.first > before.last + 1:
            yield f"{frame.actor} at {frame.room}/{before.last} got {frame.first}–{frame.last}"


def inversion(history: History) -> Iterator[str]:
    """Numbers come in order, and one sender's messages stand in the order of sending."""
    for frame in history.of(Deliver):
        numbers = [message.updated_seq for message in frame.messages]
        if frame.source in ("page", "reset"):
            numbers = [message.seq for message in frame.messages]
        covered = [seq for seq in numbers if frame.first <= seq <= frame.last]
        if covered != sorted(set(numbers)):
            stretch = f"{frame.room}/{frame.first}–{frame.last}"
            yield f"{frame.actor} got the numbers {numbers} in a frame of {stretch}"
    last: dict[tuple[str, int], tuple[int, str]] = {}
    for (room, sender, cid), seq in history.numbers.items():
        before, before_cid = last.get((room, sender), (0, ""))
        if seq < before:
            yield f"{cid} of member {sender} is {room}/{seq}, before {before_cid} at {before}"
        last[room, sender] = seq, cid


def real_time(history: History) -> Iterator[str]:
    """What was sent after an acknowledgement has a higher number than what was acknowledged."""
    numbers = history.numbers
    begun: set[Key] = set()
    acknowledged: dict[str, tuple[int, str]] = {}
    for send in history.of(Send):
        key = send.room, send.sender, send.cid
        if send.type == "invoke" and key not in begun:
            begun.add(key)
            after, cid = acknowledged.get(send.room, (0, ""))
            if key in numbers and numbers[key] < after:
                yield f"{send.cid} is {send.room}/{numbers[key]}; {cid} was already at {after}"
        elif send.type == "ok" and key in numbers:
            number = numbers[key], send.cid
            acknowledged[send.room] = max(acknowledged.get(send.room, (0, "")), number)


# --- Nothing but the log ----------------------------------------------------------------------


def aborted_read(history: History) -> Iterator[str]:
    """What was refused for good is never shown."""
    refused = {
        key
        for key, sends in history.sends.items()
        if any(s.type == "fail" for s in sends) and not any(s.type == "ok" for s in sends)
    }
    for frame in history.of(Deliver):
        for message in frame.messages:
            if (frame.room, message.sender, message.cid) in refused:
                yield f"{frame.actor} was shown {message.cid}, which had been refused"


def ghost(history: History) -> Iterator[str]:
    """What is shown has been sent before, and is in the log."""
    for frame in history.of(Deliver):
        for message in frame.messages:
            sends = history.sends.get((frame.room, message.sender, message.cid))
            where = f"{frame.actor} was shown {message.cid} as {frame.room}/{message.seq}"
            if not sends or sends[0].t > frame.t:
                yield f"{where}, which nobody had sent"
                continue
            bodies = {send.hash for send in sends} | history.bodies[frame.room, message.seq]
            if message.hash not in bodies:
                yield f"{where} with a text that nobody wrote"
            row = history.log[frame.room].get(message.seq)
            if (row is None or row.id != message.id) and not history.cuts(
                frame.room, message.updated_seq, sends[0].t
            ):
                yield f"{where}, which the database does not hold"


def leak(history: History) -> Iterator[str]:
    """Nothing reaches a member whose session ended, or who was removed from the room, and that was
    announced two seconds ago.
    """
    ended = {record.sender: record.t for record in history.of(Ended)}
    removed: dict[tuple[int, str], int] = {}
    for frame in history.records:
        if isinstance(frame, Removed):
            removed[frame.sender, frame.room] = frame.t
        elif isinstance(frame, Added):
            removed.pop((frame.sender, frame.room), None)
        if not isinstance(frame, Deliver):
            continue
        late = frame.t - removed.get((frame.sender, frame.room), frame.t)
        if late > LEAK_NS:
            yield (
                f"{frame.actor} got {frame.room}/{frame.first}–{frame.last}"
                f" {late / 1e9:.1f} s after the removal"
            )
        late = frame.t - ended.get(frame.sender, frame.t)
        if late > LEAK_NS:
            yield (
                f"{frame.actor} got {frame.room}/{frame.first}–{frame.last}"
                f" {late / 1e9:.1f} s after the session's end"
            )


# --- The end of it ----------------------------------------------------------------------------


def convergence(history: History) -> Iterator[str]:
    """After the drill every client is connected, and at the head of its logs."""
    heads = {head.room: head for head in history.of(Head)}
    for final in history.of(Final):
        head = heads.get(final.room)
        if not final.connected:
            yield f"{final.actor} is not connected"
        elif head and (final.epoch, final.seq) != (head.epoch, head.head):
            yield f"{final.actor} stands at {final.room}/{final.seq}; it ends at {head.head}"


def honesty(history: History) -> Iterator[str]:
    """“Start anew” is said only to those whose position cannot be continued."""
    asked: dict[tuple[str, str], Enter] = {}
    began = history.records[0].t if history.records else 0
    for record in history.records:
        if isinstance(record, Enter):
            asked[record.actor, record.room] = record
        elif isinstance(record, Deliver) and record.source == "reset":
            since = asked[record.actor, record.room]
            was_cut = history.cuts(record.room, since.seq, began) > history.cuts(
                record.room, since.seq, record.t
            )
            holds = {
                "epoch": since.epoch != record.epoch,
                "ahead": since.seq > record.last and was_cut,
                "mismatch": was_cut,
                "too_far": record.last - since.seq > CATCH_UP_MAX,
            }
            if not holds.get(record.reason, False):
                yield (
                    f"{record.actor} at {record.room}/{since.seq} was told “{record.reason}”"
                    f" by a log that ends at {record.last}"
                )


Rule = Callable[[History], Iterator[str]]

RULES: list[Rule] = [
    lost,
    duplicate,
    inconsistent_offset,
    gap,
    inversion,
    aborted_read,
    ghost,
    real_time,
    leak,
    convergence,
    unknowns,
    honesty,
]
