"""A sound history, to be told wrongly."""

from collections.abc import Callable

import msgspec

from lab.checker.check import check
from lab.checker.history import History
from lab.checker.records import AnyRecord, Deliver, Edit, Final, Head, Row, Seen, Send

ALICE, BOB = 1, 2
SECOND = 1_000_000_000


class Story:
    """Three messages and an edit in one room, said by Alice, followed by her and Bob."""

    def __init__(self) -> None:
        self.records: list[AnyRecord] = []
        self.t = 0
        for actor in ("alice", "bob"):
            self.deliver(actor, 1, 0, [], source="page")
        for seq in (1, 2, 3):
            self.say(seq)
        self.edit(2, 4)
        self.end(4)

    def tick(self) -> int:
        self.t += SECOND // 10
        return self.t

    def say(self, seq: int, **changed: object) -> None:
        self.send("invoke", f"a-{seq}")
        for actor in ("alice", "bob"):
            self.deliver(actor, seq, seq, [seen(seq)])
        self.send("ok", f"a-{seq}", seq=seq, id=f"id-{seq}")
        self.records.append(row(seq))

    def send(self, type_: str, cid: str, **fields: object) -> None:
        body = {"hash": f"hash-{cid}", "actor": "alice", "sender": ALICE, "room": "lobby"}
        self.add(Send, type=type_, cid=cid, **body | fields)

    def edit(self, target: int, seq: int) -> None:
        body = {"actor": "alice", "room": "lobby", "target": target, "hash": "edited"}
        self.add(Edit, type="invoke", **body)
        edited = Seen(target, seq, f"id-{target}", ALICE, f"a-{target}", "edited", 0)
        for actor in ("alice", "bob"):
            self.deliver(actor, seq, seq, [edited])
        self.add(Edit, type="ok", seq=seq, **body)
        self.change(Row, 1, updated_seq=seq, hash="edited")
        self.records.append(
            Row(t=0, actor="database", room="lobby", seq=seq, id=f"id-{seq}", kind="change")
        )

    def deliver(
        self, actor: str, first: int, last: int, messages: list[Seen], **fields: object
    ) -> None:
        sender = {"alice": ALICE, "bob": BOB}[actor]
        frame = {"room": "lobby", "epoch": "one", "node": "north", "source": "live"} | fields
        stretch = {"first": first, "last": last, "messages": messages}
        self.add(Deliver, actor=actor, sender=sender, **frame | stretch)

    def end(self, head: int) -> None:
        self.records = [r for r in self.records if not isinstance(r, Head | Final)]
        self.records.append(Head(t=0, actor="database", room="lobby", epoch="one", head=head))
        for actor in ("alice", "bob"):
            self.add(Final, actor=actor, room="lobby", epoch="one", seq=head)

    def add(self, kind: Callable[..., AnyRecord], **fields: object) -> None:
        self.records.append(kind(t=self.tick(), **fields))

    def change(self, kind: type[AnyRecord], number: int, **fields: object) -> None:
        """Rewrite the record with this index among those of its kind."""
        at = [i for i, record in enumerate(self.records) if isinstance(record, kind)][number]
        self.records[at] = msgspec.structs.replace(self.records[at], **fields)

    def drop(self, kind: type[AnyRecord], number: int) -> None:
        del self.records[[i for i, r in enumerate(self.records) if isinstance(r, kind)][number]]

    def findings(self) -> dict[str, list[str]]:
        # Through the files' own format, as a drill does.
        lines = [msgspec.json.encode(record) for record in self.records]
        records = [msgspec.json.decode(line, type=AnyRecord) for line in lines]
        return {f.rule: f.examples for f in check(History(records))}


def seen(seq: int, **fields: object) -> Seen:
    message = Seen(seq, seq, f"id-{seq}", ALICE, f"a-{seq}", f"hash-a-{seq}", 0)
    return msgspec.structs.replace(message, **fields)


def row(seq: int) -> Row:
    return Row(
        t=0,
        actor="database",
        room="lobby",
        seq=seq,
        id=f"id-{seq}",
        kind="message",
        updated_seq=seq,
        sender=ALICE,
        cid=f"a-{seq}",
        hash=f"hash-a-{seq}",
    )
