"""Some thousand frames of `make fuzz`, on every run of the tests; and what its judge would find."""

from random import Random

import pytest

from chat import protocol
from chat.errors import NotFound
from chat.protocol.refs import find_ref

from .commands import Author, command_in
from .hostile import Plan, attack
from .judge import Judge
from .mutations import readable_ref


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.slow
async def test_whatever_is_said_a_node_answers_by_the_contract() -> None:
    verdict = await attack(Plan(frames=3_000, attackers=12, neighbours=4))

    assert verdict.ok, str(verdict)
    # Much was refused, much was done, and many were thrown out.
    assert verdict.judge.answers["bad_command"] > 100, str(verdict)
    assert verdict.judge.answers["message.accepted"] > 20, str(verdict)
    assert verdict.judge.closes[protocol.CLOSE_PROTOCOL] > 10, str(verdict)


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.slow
async def test_each_damaged_command_has_one_answer_with_its_ref_if_that_can_be_read() -> None:
    verdict = await attack(Plan(frames=4_000, attackers=12, neighbours=2, only_mutates=True))

    assert verdict.ok, str(verdict)
    assert verdict.judge.refs > 2_500, str(verdict)
    assert verdict.judge.answers["bad_frame"] > 1_000, str(verdict)
    # One in forty commands is a message, and few survive the damage.
    assert verdict.judge.answers["message.accepted"] > 3, str(verdict)


def test_what_is_said_on_every_run_finds_its_ref_as_another_reader_does() -> None:
    author = Author(Random("refs"), "room", "pit", "mallory", only_mutates=True)
    said = [author.frame() for _ in range(8_000)]

    read = [(frame, ref) for frame in said if (ref := readable_ref(frame)) is not None]
    assert len(read) > 5_000
    assert [frame for frame, ref in read if find_ref(frame) != ref] == []


def frames(seed: str, count: int) -> list[str]:
    author = Author(Random(seed), "room", "pit", "mallory")
    return [author.frame() for _ in range(count)]


def test_a_seed_says_the_same_again_and_another_something_else() -> None:
    assert frames("1", 300) == frames("1", 300)
    assert frames("1", 300) != frames("2", 300)


def test_every_command_is_said_and_about_half_of_what_is_said_is_one() -> None:
    said = [command_in(frame) for frame in frames("1", 3_000)]

    commands = [command for command in said if command is not None]
    assert {type(command) for command in commands} == set(protocol.Command.__args__)
    assert 0.4 < len(commands) / len(said) < 0.7


@pytest.mark.parametrize(
    "frame",
    [
        b"nonsense",
        b'{"type":"no.such"}',
        b'{"type":"pong","ref":"1"}',
        b'{"type":"pong","ref":"1","time":"2026-01-05T09:30:00Z","secret":1}',
        b'{"type":"history.page","ref":"1","room":"r","messages":[{"id":1}],"more":false}',
        protocol.encode(protocol.Ping("1")),
        protocol.encode(
            protocol.CommandRejected(ref="1", code="unavailable", detail="Something went wrong.")
        ),
    ],
)
def test_what_is_no_frame_of_the_contract_is_found(frame: bytes) -> None:
    judge = Judge()

    judge.hear(frame, "mallory")

    assert judge.findings.total() == 1
    assert "mallory" in str(judge)


def test_a_frame_of_the_contract_is_heard() -> None:
    judge = Judge()
    refusal = protocol.rejection(NotFound("There is no such room."), "1")

    assert judge.hear(protocol.encode(refusal), "mallory") == refusal
    assert not judge.findings
