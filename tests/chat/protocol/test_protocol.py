"""Frames: what is a command decodes to itself; what is none is refused, whatever it is."""

import inspect
import json
import string
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat import protocol
from chat.errors import BadCommand, BadFrame, Busy
from chat.protocol.refs import find_ref
from chat.realtime.sockets import Frame

pytestmark = pytest.mark.once

COMMANDS = get_args(protocol.Command)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
REF = st.text(st.characters(exclude_categories=["Cs"]), max_size=64)
ROOM = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)
SEQ = st.integers(0, 2**53 - 1)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "ref": REF,
    "room": ROOM,
    "since": st.none() | st.builds(protocol.Position, REF, SEQ, st.none() | st.uuids()),
    "client_id": st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=64),
    "body": TEXT,
    "reply_to": st.none() | SEQ,
    "waited_ms": SEQ,
    "seq": SEQ,
    "before": SEQ,
    "emoji": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=32),
    "on": st.booleans(),
    "only": st.booleans(),
    "confirmed": st.booleans(),
    "limit": st.integers(1, 100),
    "reason": st.text(st.characters(exclude_categories=["Cs"]), max_size=500),
    "member": SEQ,
    "pronouns": st.none() | REF,
    "about": st.none() | REF,
    "time_zone": st.none() | REF,
    "handle": st.none() | REF,
    "text": REF,
    "until": st.none() | st.datetimes(timezones=st.just(UTC)),
    "part": st.sampled_from(["picture", "texts"]),
    "seconds": st.integers(0, 2**31 - 1),
    "network": st.booleans(),
    "office": st.sampled_from(["moderator", "owner", ""]),
    "locked": st.booleans(),
    "slow_s": st.integers(0, 2**31 - 1),
    "report": SEQ,
    "newcomer": SEQ,
    "decision": st.sampled_from(["approved", "refused", ""]),
    "number": SEQ,
    "name": REF,
    "topic": REF,
    "kind": st.sampled_from(["public", "private"]),
    "inviters": st.sampled_from(["members", "moderators"]),
    "archived": st.booleans(),
    "members": st.lists(SEQ, min_size=1, max_size=50),
    "numbers": st.lists(SEQ, min_size=1, max_size=100),
    "uses": st.none() | st.integers(1, 10_000),
    "invitation": SEQ,
    "notify": st.sampled_from(["all", "mentions", "none"]),
    "query": ROOM,
    "after": st.none() | st.builds(protocol.PresentMember, SEQ, REF, st.none() | st.just("owner")),
}
# Where a field of this name is another thing.
FIELDS_OF: dict[Any, dict[str, st.SearchStrategy[Any]]] = {
    protocol.LoadReports: {"after": st.none() | SEQ},
    protocol.BrowseRooms: {"after": st.text(string.ascii_lowercase, max_size=64)},
    protocol.ListMembers: {"after": SEQ},
    protocol.LoadInbox: {"since": st.none() | SEQ, "before": st.none() | SEQ},
    protocol.AppointMember: {"room": st.none() | ROOM},
}


def _any(command: Any) -> st.SearchStrategy[Any]:
    fields = FIELDS | FIELDS_OF.get(command, {})
    return st.builds(command, **{name: fields[name] for name in command.__struct_fields__})


ANY_COMMAND = st.one_of(*map(_any, COMMANDS))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(ANY_COMMAND)
def test_a_command_decodes_to_itself(command: protocol.Command) -> None:
    encoded = protocol.encode(command)

    assert protocol.decode_command(encoded) == command
    assert protocol.decode_command(encoded.decode()) == command


@given(ANY_COMMAND, st.dictionaries(st.text().filter(lambda name: name not in FIELDS), JSON))
def test_fields_that_nobody_knows_are_ignored(
    command: protocol.Command, unknown: dict[str, Any]
) -> None:
    unknown.pop("type", None)
    known = json.loads(protocol.encode(command))

    assert protocol.decode_command(json.dumps(known | unknown)) == command
    assert protocol.decode_command(json.dumps(unknown | known)) == command


def refused(frame: str | bytes) -> type[Exception] | None:
    try:
        protocol.decode_command(frame)
    except (BadFrame, BadCommand) as error:
        text = frame if isinstance(frame, str) else frame.decode(errors="replace")
        protocol.encode(protocol.rejection(error, find_ref(text)))
        return type(error)
    return None


@given(st.binary() | st.text())
@example(b"")
@example(b"\xff\xfe{}")
@example(b'{"type":"ping","ref":"\xff"}')
@example(b'{"type":"ping","ref":"\xed\xa0\xbd"}')
@example("[" * 200_000)
@example('{"type":"ping","ref":' + "[" * 200_000)
@example('{"type":"ping","ref":"1"} {"type":"ping"}')
@example('{"type":"ping","ref":NaN}')
def test_no_bytes_do_more_than_be_refused(frame: bytes | str) -> None:
    assert refused(frame) in (BadFrame, BadCommand)


@given(JSON)
@example({"type": "ping"})
@example({"type": ["ping"], "ref": "1"})
@example({"type": "reboot", "ref": "1"})
@example({"type": "ping", "ref": 1})
@example({"type": "ping", "ref": "x" * 65})
def test_json_that_is_no_command_is_a_bad_command(value: Any) -> None:
    assert refused(json.dumps(value)) is BadCommand


@given(st.sampled_from(COMMANDS), st.data())
def test_a_command_with_anything_in_its_fields_is_a_command_or_is_refused(
    command: Any, data: st.DataObject
) -> None:
    names = st.sampled_from(command.__struct_fields__)
    fields = data.draw(st.dictionaries(names, JSON | st.sampled_from([-1, 2**53, 1.0, "1"])))

    refused(json.dumps({"type": command.__struct_config__.tag} | fields))


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "read.mark", "room": "lobby", "seq": -1},
        {"type": "read.mark", "room": "lobby", "seq": 2**53},
        {"type": "read.mark", "room": "lobby", "seq": 1.5},
        {"type": "read.mark", "room": "lobby", "seq": "1"},
        {"type": "read.mark", "room": "", "seq": 1},
        {"type": "read.mark", "room": "x" * 65, "seq": 1},
        {"type": "message.send", "ref": "1", "room": "lobby", "client_id": "", "body": "x"},
        {"type": "message.send", "ref": "1", "room": "lobby", "client_id": "a b", "body": "x"},
        {"type": "message.send", "ref": "1", "room": "lobby", "client_id": "a\n", "body": "x"},
        {"type": "message.send", "ref": "1", "room": "lobby", "client_id": "a" * 65, "body": "x"},
        {"type": "history.load", "ref": "1", "room": "lobby", "before": 1, "limit": 0},
        {"type": "history.load", "ref": "1", "room": "lobby", "before": 1, "limit": 101},
        {"type": "reaction.set", "ref": "1", "room": "lobby", "seq": 1, "emoji": "👍", "on": 1},
    ],
)
def test_values_beyond_their_bounds_are_a_bad_command(frame: dict[str, Any]) -> None:
    assert refused(json.dumps(frame)) is BadCommand


# --- What the server says ---------------------------------------------------------------------

SPOKEN = [
    struct
    for _, struct in inspect.getmembers(protocol, inspect.isclass)
    if issubclass(struct, msgspec.Struct)
    and struct.__struct_config__.tag is not None
    and struct not in COMMANDS
]
RAW = msgspec.Raw(b'{"id":"0"}')
INVITATION = protocol.InvitationEntry(id=1, expires_at=datetime(2026, 1, 1, tzinfo=UTC))
FACE = protocol.MemberFace(id=1, name="Alice", handle="alice", status=protocol.ShownStatus("🌴"))
SAMPLES: dict[Any, Any] = {
    str: "text", int: 7, bool: True, UUID: UUID(int=1), datetime: datetime(2026, 1, 1, tzinfo=UTC),
    list[msgspec.Raw]: [RAW], list[str]: ["Alice"], dict[str, int]: {"lobby": 7},
    list[protocol.MemberRef]: [protocol.MemberRef(1, "Alice")],
    protocol.MemberFace: FACE,
    list[protocol.MemberFace]: [FACE],
    protocol.ProfileTexts: protocol.ProfileTexts("she/her"),
    list[protocol.PastName]: [protocol.PastName("Al", datetime(2026, 1, 1, tzinfo=UTC))],
    list[protocol.PresentMember]: [protocol.PresentMember(1, "Alice", "owner")],
    list[protocol.ReportedMessage]: [],
    list[protocol.NewcomerEntry]: [],
    protocol.SiteTerms: protocol.SiteTerms(comes_in="accounts"),
    protocol.MemberRef: protocol.MemberRef(1, "Alice"),
    list[protocol.ListEntry]: [protocol.ListEntry(room="a", name="A", kind="public", head=7)],
    protocol.ListEntry: protocol.ListEntry(room="a", name="A", kind="public", head=7),
    list[protocol.BrowsedRoom]: [protocol.BrowsedRoom(room="a", name="A", members=1)],
    list[protocol.InboxEntry]: [
        protocol.InboxEntry(
            number=1,
            kind="mention",
            room="lobby",
            seq=7,
            author=protocol.MemberRef(1, "Alice"),
            text="hello",
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    ],
    list[protocol.InboxPlace]: [protocol.InboxPlace(1, "lobby", 7)],
    list[protocol.RoomMember]: [protocol.RoomMember(1, "Alice", "owner")],
    protocol.InvitationEntry: INVITATION,
    list[protocol.InvitationEntry]: [INVITATION],
    protocol.Trace: protocol.Trace(*[datetime(2026, 1, 1, tzinfo=UTC)] * 3),
}  # fmt: skip


def sample(struct: Any) -> Any:
    """One of these with every field filled."""
    values = {}
    for field in msgspec.structs.fields(struct):
        options = [kind for kind in get_args(field.type) if kind is not type(None)]
        values[field.name] = SAMPLES[field.type if field.type in SAMPLES else options[0]]
    return struct(**values)


@pytest.mark.parametrize("struct", SPOKEN, ids=lambda struct: struct.__struct_config__.tag)
def test_every_reply_and_event_is_an_object_that_says_its_type_first(struct: Any) -> None:
    encoded = json.loads(protocol.encode(sample(struct)))

    assert next(iter(encoded.items())) == ("type", struct.__struct_config__.tag)
    assert set(encoded) == {"type", *struct.__struct_encode_fields__}


def test_what_does_not_hold_is_absent() -> None:
    when = datetime(2026, 1, 1, 12, tzinfo=UTC)
    message = protocol.WireMessage(UUID(int=1), 1, 1, protocol.MemberRef(1, "A"), "hi", when, "key")

    encoded = json.loads(protocol.encode(message))

    assert list(encoded) == [
        "id", "seq", "updated_seq", "author", "body", "created_at", "client_id",
    ]  # fmt: skip
    assert encoded["created_at"] == "2026-01-01T12:00:00Z"


def test_a_refusal_says_when_to_come_again() -> None:
    refusal = protocol.rejection(Busy("later", retry_ms=1000), "7")

    assert json.loads(protocol.encode(refusal)) == {
        "type": "command.rejected", "ref": "7", "code": "busy", "detail": "later", "retry_ms": 1000,
    }  # fmt: skip


# --- The frame on the wire --------------------------------------------------------------------


@given(st.integers(0, 70_000))
@example(0)
@example(125)
@example(126)
@example(127)
@example(65_535)
@example(65_536)
def test_a_frame_is_one_final_unmasked_text_frame(size: int) -> None:
    payload = b"x" * size

    wire = Frame.of(payload).wire

    assert wire[0] == 0x81  # FIN, no extension, text
    length, rest = wire[1], wire[2:]  # the mask bit would make it 128 or more
    if length >= 126:
        width = 2 if length == 126 else 8
        length, rest = int.from_bytes(rest[:width]), rest[width:]
        assert length > (125 if width == 2 else 0xFFFF), "RFC 6455: the shortest form"
    assert (length, rest) == (size, payload)
