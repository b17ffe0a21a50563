"""What the server writes stands together as the browser would put it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chat import protocol
from chat.web import message_grouping

CASES = json.loads(Path("tests/message_grouping.json").read_text("utf-8"))


def said(seq: int, case: dict[str, Any]) -> protocol.WireMessage:
    return protocol.WireMessage(
        id=uuid4(),
        seq=seq,
        updated_seq=seq,
        author=protocol.MemberRef(case["author"], f"Member {case['author']}"),
        body="" if case.get("deleted") else f"said {seq}",
        created_at=datetime.fromisoformat(case["at"]).replace(tzinfo=UTC),
        client_id=f"c-{seq}",
        reply_to=case.get("reply_to"),
        deleted=case.get("deleted", False),
    )


def lines(messages: list[protocol.WireMessage], focus: int | None = None) -> list[str]:
    """As in tests/js/message-grouping.test.js: a plus where a group begins."""
    shown = []
    for line in message_grouping.group_messages(messages, focus):
        shown += ["day"] if line.starts_day else []
        shown += [f"deleted {line.deletions}"] if line.deletions else []
        if not line.is_collapsed:
            shown.append(f"{'+' if line.starts_group else ' '}{line.message.seq}")
    return shown


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_the_server_arranges_messages_as_the_browser_does(case: dict[str, Any]) -> None:
    messages = [said(seq, message) for seq, message in enumerate(case["messages"], 1)]

    assert lines(messages) == case["lines"]


def test_a_deleted_message_that_is_asked_for_is_shown() -> None:
    gone = {"at": "2026-03-01T10:00", "author": 1, "deleted": True}

    assert lines([said(1, gone), said(2, gone)], focus=2) == ["day", "+1", " 2"]
