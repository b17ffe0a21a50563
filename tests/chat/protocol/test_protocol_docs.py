"""docs/reference/protocol.md: its examples are frames of the protocol, and nothing is left out."""

import inspect
import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from django.conf import settings

from chat import errors, protocol
from chat.realtime import rate_limits

pytestmark = pytest.mark.once

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "protocol.md").read_text(
    "utf-8"
)
BLOCKS = re.findall(r"^```json\n(.*?)^```", DOCUMENT, re.M | re.S)
EXAMPLES = [line.split(" ", 1) for block in BLOCKS for line in block.splitlines()]

COMMANDS = set(get_args(protocol.Command))
SPOKEN = {
    struct
    for _, struct in inspect.getmembers(protocol, inspect.isclass)
    if issubclass(struct, msgspec.Struct)
    and struct is not msgspec.Struct
    and struct.__struct_config__.tag is not None
}
REPLIES = {struct for struct in SPOKEN - COMMANDS if "ref" in struct.__struct_fields__}
EVENTS = SPOKEN - COMMANDS - REPLIES


def tag(struct: Any) -> str:
    return str(struct.__struct_config__.tag)


def examples(arrow: str) -> list[str]:
    return [example for by, example in EXAMPLES if by == arrow]


def test_every_example_has_an_arrow() -> None:
    assert {arrow for arrow, _ in EXAMPLES} == {"→", "←", "⇐"}


@pytest.mark.parametrize("example", examples("→"))
def test_what_goes_to_the_server_is_a_command(example: str) -> None:
    command = protocol.decode_command(example)

    encoded = json.loads(protocol.encode(command))
    assert json.loads(example).items() <= encoded.items()


@pytest.mark.parametrize(
    ("arrow", "example"),
    [(arrow, example) for arrow, example in EXAMPLES if arrow != "→"],
)
def test_what_comes_from_the_server_is_as_it_would_encode_it(arrow: str, example: str) -> None:
    spoken: Any = {tag(struct): struct for struct in (REPLIES if arrow == "←" else EVENTS)}
    frame = json.loads(example)

    event = msgspec.json.decode(example, type=spoken[frame["type"]])

    assert json.loads(protocol.encode(event)) == frame
    assert next(iter(frame)) == "type"
    for message in frame.get("messages", []):
        decoded = msgspec.convert(message, protocol.WireMessage)
        assert json.loads(protocol.encode(decoded)) == message


def test_the_numbers_of_the_examples_add_up() -> None:
    frames = [json.loads(example) for _, example in EXAMPLES]

    for frame in frames:
        if frame["type"] == "room.changes":
            numbers = [message["updated_seq"] for message in frame["messages"]]
            assert numbers == sorted(numbers)
            assert all(frame["from"] <= number <= frame["to"] for number in numbers)


@pytest.mark.parametrize("struct", sorted(SPOKEN, key=tag), ids=tag)
def test_every_frame_has_an_example(struct: Any) -> None:
    assert tag(struct) in {json.loads(example)["type"] for _, example in EXAMPLES}


def test_every_refusal_is_listed() -> None:
    codes = {
        error.code
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, errors.ChatError) and error is not errors.ChatError
    }

    assert codes <= listed("Refusals")


def test_every_close_code_is_listed() -> None:
    codes = {str(value) for name, value in vars(protocol).items() if name.startswith("CLOSE_")}

    assert codes <= listed("The end of a connection")


def listed(section: str) -> set[str]:
    """The first column of the tables in this section."""
    text = DOCUMENT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `?(\w+)`? \|", text, re.M))


@pytest.mark.parametrize(
    "number",
    [
        protocol.CLIENT_FRAME_MAX,
        protocol.SERVER_FRAME_MAX,
        settings.MESSAGE_MAX_LENGTH,
        settings.ROOMS_PER_CONNECTION,
        settings.SOCKETS_PER_MEMBER,
        settings.REACTION_MAX_EMOJI,
        settings.REACTION_MAX_TOTAL,
    ],
)
def test_every_limit_is_as_it_is_set(number: int) -> None:
    assert f"{number:,}" in DOCUMENT.split("\n## Limits\n")[1]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (rate_limits.MESSAGES_BY_MEMBER, "{rate} a second, {burst} at once for each member"),
        (rate_limits.MESSAGES_BY_ADDRESS, "{rate} and {burst} for each address"),
        (
            rate_limits.COMMANDS_BY_CONNECTION,
            "{rate} a second, {burst} at once for each connection",
        ),
        (
            rate_limits.SEARCHES_FOR_PEOPLE_BY_MEMBER,
            "| searches for people | {rate} a second, {burst} at once for each member",
        ),
        (
            rate_limits.MODERATION_READS_BY_MEMBER,
            "members, reports | {rate} a second, {burst} at once for each member",
        ),
        (rate_limits.HANDSHAKES_BY_ADDRESS, "{rate} a second, {burst} at once for each address"),
    ],
)
def test_every_rate_is_as_it_is_set(policy: rate_limits.Policy, said: str) -> None:
    assert said.format(rate=f"{policy.per_second:g}", burst=policy.burst) in DOCUMENT
