"""What the server writes stands together as the browser would put it."""

from datetime import UTC, datetime
from uuid import uuid4

from chat import protocol
from chat.web import message_grouping

ANN = protocol.MemberRef(1, "Ann")
BEN = protocol.MemberRef(2, "Ben")


def said(
    seq: int, time: str, author: protocol.MemberRef = ANN, reply_to: int | None = None
) -> protocol.WireMessage:
    moment = datetime.fromisoformat(time).replace(tzinfo=UTC)
    return protocol.WireMessage(
        id=uuid4(),
        seq=seq,
        updated_seq=seq,
        author=author,
        body=f"said {seq}",
        created_at=moment,
        client_id=f"c-{seq}",
        reply_to=reply_to,
    )


def lines(*messages: protocol.WireMessage) -> list[str]:
    """As in tests/js/layout.test.js: a plus where a group begins."""
    return [
        f"{'day ' if line.starts_day else ''}{'+' if line.starts_group else ' '}{line.message.seq}"
        for line in message_grouping.group_messages(messages)
    ]


def test_messages_of_one_author_within_five_minutes_are_a_group() -> None:
    assert lines(
        said(1, "2026-03-01T10:58"),
        said(2, "2026-03-01T11:02"),
        said(3, "2026-03-01T11:04"),
        said(4, "2026-03-01T11:04", BEN),
    ) == ["day +1", " 2", "+3", "+4"]


def test_a_reply_begins_a_group() -> None:
    answer = said(2, "2026-03-01T10:01", reply_to=1)

    assert lines(said(1, "2026-03-01T10:00"), answer) == ["day +1", "+2"]


def test_a_day_begins_at_midnight_in_utc() -> None:
    assert lines(said(1, "2026-03-01T23:59"), said(2, "2026-03-02T00:01")) == ["day +1", "day +2"]
