"""The fast path for whole text frames hears what autobahn hears, whatever comes in what pieces."""

from random import Random

import pytest

from tests.fuzz.frames import cut, stream
from tests.fuzz.wire_server import Fast, Plain, Wire

pytestmark = pytest.mark.once


def test_both_paths_hear_and_answer_the_same() -> None:
    for seed in range(2_000):
        random = Random(seed)
        pieces = cut(random, stream(random))

        assert Wire(Fast).feed(pieces) == Wire(Plain).feed(pieces), f"seed {seed}"


def test_a_length_of_eight_bytes_is_not_taken_for_one_of_one() -> None:
    """A frame of 65,536 bytes begins like one of 127 (found by Autobahn's case 9.5.3)."""
    long = b"\x81\xff" + (65_536).to_bytes(8) + bytes(4) + b"x" * 65_536

    assert Wire(Fast).feed([long]) == [("text", "x" * 65_536)]
