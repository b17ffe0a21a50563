"""The ref of a frame is found, whatever else is wrong with the frame."""

import json
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.protocol.refs import find_ref

pytestmark = pytest.mark.once

NOT_SOUND = {
    "a half of a pair, first": '{"type":"ping","ref":"R","x":"\\ud83d"}',
    "a half of a pair, second": '{"x":"\\ude00 late","ref":"R","type":"ping"}',
    "a number out of range": '{"type":"ping","ref":"R","x":-1e999}',
    "a number of many digits": '{"x":' + "7" * 6000 + ',"ref":"R"}',
    "a number with a leading zero": '{"ref":"R","x":007}',
    "not a number": '{"x":NaN,"y":-Infinity,"ref":"R"}',
    "deep objects": '{"ref":"R","x":' + '{"a":' * 2000 + "1" + "}" * 2000 + "}",
    "deep lists before it": '{"x":' + "[" * 3000 + "]" * 3000 + ',"ref":"R"}',
    "an escape that JSON has not": '{"type":"ping","x":"\\q \\u12","ref":"R"}',
    "a raw line end in a text": '{"x":"a\nb","ref":"R"}',
    "words that are no value": '{"x":undefined,"ref":"R","y":nil}',
    "a comma too many": '{"type":"ping","ref":"R",}',
    "a comma too few": '{"type":"ping""ref":"R"}',
    "a byte order mark": '\ufeff{"type":"ping","ref":"R"}',
    "a comment": '{"type":"ping", /* why not */ "ref":"R"}',
    "something behind it": '{"type":"ping","ref":"R"} and more "ref":"no"',
    "no end": '{"type":"message.send","ref":"R","body":"and th',
    "no end after a backslash": '{"ref":"R","body":"\\',
    "no beginning": '"type":"ping","ref":"R"}',
    "a bracket that opens nothing": '{"type":["ping","ref":"R"}',
    "a bracket that closes too early": '{"type":}"ping","ref":"R"}',
    "a quote too few, before": '{"type":"ping,"ref":"R"}',
    "a quote too few, after": '{"type":"ping","ref":"R","x":"y}',
    "two quotes too few": '{"type\\":"ping","ref":"R",x":"y"}',
    "an escape in its name": '{"type":"ping","r\\u0065f":"R","x":1e999}',
    "an escape in itself": '{"type":"ping","ref":"\\u0052","x":1e999}',
    "white space around it": '{ "ref"\t:\n "R" , "x":1e999 }',
}


@pytest.mark.parametrize("frame", NOT_SOUND.values(), ids=NOT_SOUND.keys())
def test_it_is_found_in_what_no_strict_reader_takes(frame: str) -> None:
    assert find_ref(frame) == "R"


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"ping","since":{"ref":"no"},"x":1e999}',
        '{"type":"ping","x":[{"ref":"no"}],"y":"\\ud83d"}',
        '{"body":"\\"ref\\":\\"no\\"","x":1e999}',
        '{"body":"say \\"ref\\":\\"no\\" to it',
        '{"type":"ref","x":"no","y":1e999}',
        '{"Ref":"no","reference":"no","x":1e999}',
        '[{"ref":"no"}]',
        '"ref"',
        "",
    ],
)
def test_a_ref_inside_a_text_or_a_nested_value_is_not_taken_for_it(frame: str) -> None:
    assert find_ref(frame) is None


def test_the_own_one_is_found_among_those_that_are_not() -> None:
    frame = (
        '{"since":{"ref":"no"},"body":"\\"ref\\":\\"no\\"","ref":"R","x":{"ref":"no"},"y":1e999}'
    )

    assert find_ref(frame) == "R"


@pytest.mark.parametrize("rest", ["", ',"x":1e999', ',"x":"\\ud83d"'])
def test_of_several_the_last_counts_as_for_json_parse(rest: str) -> None:
    assert find_ref('{"ref":"first","ref":"last"' + rest + "}") == "last"


@pytest.mark.parametrize(
    "ref",
    ["7", "null", "true", '["R"]', '{"ref":"R"}', '"\\ud83d"', '"a\\qb"', '"' + "x" * 65 + '"'],
)
@pytest.mark.parametrize("rest", ["", ',"x":1e999'])
def test_one_that_no_answer_could_bear_is_none(ref: str, rest: str) -> None:
    assert find_ref('{"type":"ping","ref":' + ref + rest + "}") is None
    assert find_ref('{"ref":"usable","ref":' + ref + rest + "}") == "usable"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=64))
def test_whatever_it_says_it_comes_back(ref: str) -> None:
    for ensure_ascii in (True, False):
        frame = json.dumps({"type": "ping", "ref": ref}, ensure_ascii=ensure_ascii)

        assert find_ref(frame) == ref
        assert find_ref(frame[:-1] + ',"x":1e999}') == ref


@given(st.text())
def test_no_text_does_more_than_hold_none(frame: str) -> None:
    find_ref(frame)
    find_ref('{"ref":"' + frame)


PIECES = (
    '{"ref":"', '"ref":', '"ref":""', '"\\', '\\"', "[", "]", "{}", '[""]', '"ref"   ', "\\u0065",
    '{"ref":"a\\ud800",', '"r\\u0065f":"",', "a", " ", '"', "\\",
)  # fmt: skip


def test_the_time_grows_with_the_length_and_no_faster() -> None:
    random = Random(7)
    for _ in range(60):
        pattern = "".join(random.choices(PIECES, k=random.randint(1, 4)))
        short, long = (pattern * (size // len(pattern)) for size in (16_000, 256_000))
        took = {}
        for frame in (short, long):
            tries = []
            for _ in range(3):
                began = time.thread_time()
                find_ref(frame)
                tries.append(time.thread_time() - began)
            took[frame] = min(tries)

        # Sixteen times the length; a square would be 256.
        assert took[long] < 64 * took[short] + 0.05, pattern
