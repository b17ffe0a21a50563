"""Emoji: one rule for what is one. The page's picker has the same (static/js/helpers/emoji.js).

The rule is the form of a sequence, not a list, so that new emoji are accepted, and an old server
agrees with a new browser.
"""

import re

# Unicode's Extended_Pictographic (emoji-data.txt 15.1): all emoji, and the places kept for others.
PICTOGRAPHIC = (
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u2388\u23cf"
    r"\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2605"
    r"\u2607-\u2612\u2614-\u2685\u2690-\u2705\u2708-\u2712\u2714\u2716\u271d\u2721\u2728\u2733"
    r"\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2767\u2795-\u2797\u27a1\u27b0\u27bf"
    r"\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
    r"\U0001f000-\U0001f0ff\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f171"
    r"\U0001f17e\U0001f17f\U0001f18e\U0001f191-\U0001f19a\U0001f1ad-\U0001f1e5"
    r"\U0001f201-\U0001f20f\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f23c-\U0001f23f"
    r"\U0001f249-\U0001f3fa\U0001f400-\U0001f53d\U0001f546-\U0001f64f\U0001f680-\U0001f6ff\U0001f774-\U0001f77f"
    r"\U0001f7d5-\U0001f7ff\U0001f80c-\U0001f80f\U0001f848-\U0001f84f\U0001f85a-\U0001f85f"
    r"\U0001f888-\U0001f88f\U0001f8ae-\U0001f8ff\U0001f90c-\U0001f93a\U0001f93c-\U0001f945"
    r"\U0001f947-\U0001faff\U0001fc00-\U0001fffd"
)

# UTS #51: a picture with its presentation or tone, joined to others, or tagged as a flag; a flag of
# two letters; a key cap; a tone alone. Each text matches in one way only, so matching is fast.
TONES = r"\U0001f3fb-\U0001f3ff"
_PICTURE = rf"[{PICTOGRAPHIC}](?:\ufe0f|[{TONES}])?"
_ONE = (
    rf"{_PICTURE}(?:\u200d{_PICTURE})*(?:[\U000e0020-\U000e007e]+\U000e007f)?"
    r"|[\U0001f1e6-\U0001f1ff]{2}"
    r"|[0-9#*]\ufe0f?\u20e3"
    rf"|(?<![{PICTOGRAPHIC}])[{TONES}]"
)
_EMOJI = re.compile(rf"(?:{_ONE})+")
_JOINED = re.compile(rf"{_PICTURE}(?:\u200d{_PICTURE})+")


def is_emoji(text: str) -> bool:
    """Whether this is one emoji or several, and nothing else."""
    return _EMOJI.fullmatch(text) is not None


def joiners_in(text: str) -> set[int]:
    """The positions of zero-width joiners that join pictures to one emoji."""
    return {
        at
        for found in _JOINED.finditer(text)
        for at in range(*found.span())
        if text[at] == "\u200d"
    }
