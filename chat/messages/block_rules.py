"""Blocks of markup: which lines are quotes, lists and code.

markdown-it parses them. The rules here run before its own and are stricter, because people do not
mean markup with a single `- 5 degrees`, with `>_<`, `+ 1` or `2024. A good year`.
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, list_block

Rule = Callable[[StateBlock, int, int, bool], bool]

# An item with some text. A number with a leading zero is no item: it is a name, such as 007.
_ITEM = re.compile(r"([-*]|(?:0|[1-9]\d{0,8})([.)]))[ \t]+\S")
_QUOTE = re.compile(r">(?:[ \t]|$)")
# `> 5 degrees` means "more than", and is no quote.
_COMPARISON = re.compile(r">[ \t]*[-+]?[\d.]*\d")
# The opening of code, with its language. After tildes there is none: a line of them may be drawn.
_FENCE = re.compile(r"(`{3,}[ \t]*[\w+#.-]{0,24}|~{3,})[ \t]*$")


def set_up(markdown: MarkdownIt) -> MarkdownIt:
    """Make the parser find blocks by these rules only. It leaves their text alone."""
    markdown.core.ruler.enableOnly(["normalize", "block"])
    rules: dict[str, tuple[Rule, list[str]]] = {
        "fence": (_fence, ["paragraph", "reference", "blockquote", "list"]),
        "blockquote": (_quote, ["paragraph", "reference", "blockquote", "list"]),
        "list": (_list, ["paragraph", "reference", "blockquote"]),
    }
    for name, (rule, may_interrupt) in rules.items():
        markdown.block.ruler.at(name, rule, {"alt": may_interrupt})
    markdown.block.ruler.enable(list(rules))
    return markdown


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = _line(state, start)
    if not _QUOTE.match(line):
        return False
    if _COMPARISON.match(line) and not (start + 1 < end and _line(state, start + 1)[:1] == ">"):
        return False
    return blockquote(state, start, end, silent)


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    item = _ITEM.match(_line(state, start))
    if item is None:
        return False
    # Inside a list, a single item is a list.
    if state.blkIndent == 0 and not _has_second_item(state, start, end, item[2] or item[1]):
        return False
    return list_block(state, start, end, silent)


def _has_second_item(state: StateBlock, start: int, end: int, kind: str) -> bool:
    """Whether another item of this kind follows before the list ends, or one inside the first item.

    Each search ends at the next item of any kind, so all searches together read the text once.
    """
    for number in range(start + 1, end):
        line = _line(state, number)
        if item := _ITEM.match(line):
            return (item[2] or item[1]) == kind or state.sCount[number] > state.sCount[start]
        if line and state.isEmpty(number - 1) and state.sCount[number] <= state.sCount[start]:
            return False
    return False


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    opening = _FENCE.match(_line(state, start))
    if opening is None or start + 1 >= end:
        return False
    # An unclosed line of tildes is more often a drawn line than code.
    if opening[1].startswith("~") and not _is_closed(state, start, end, opening[1]):
        return False
    return fence(state, start, end, silent)


def _is_closed(state: StateBlock, start: int, end: int, mark: str) -> bool:
    return any(
        line.startswith(mark) and not line.strip("~ \t")
        for line in (_line(state, number) for number in range(start + 1, end))
    )


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
