"""Renders a hundred thousand bodies (`make fuzz-rendering`), and judges what comes of each."""

import argparse
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import django

django.setup()

from chat.messages import markup  # noqa: E402 - the settings come first
from chat.messages.highlighting import CLASSES  # noqa: E402
from chat.metrics import RENDER_FAILURES  # noqa: E402

from .bodies import body  # noqa: E402

# No body may take longer on a processor of its own.
SECONDS_MAX = 0.020

_TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-z]+)(?P<attributes>(?: [a-z]+="[^"<>]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_TEXT = re.compile(r"(?:[^<>&]|&(?:amp|lt|gt|quot|nbsp|#\d+);)*+")
_REL = "noopener noreferrer nofollow ugc"
_ALLOWED = {
    "a": {"href": r"(?i:https?://|mailto:)\S+", "rel": _REL},
    "blockquote": {"dir": "auto"},
    "br": {},
    "code": {},
    "em": {},
    "li": {"value": r"\d{1,9}"},
    "ol": {"start": r"\d{1,9}", "class": "parens", "dir": "auto"},
    "p": {"dir": "auto"},
    "pre": {"dir": "ltr"},
    "s": {},
    "span": {"class": "|".join(sorted(CLASSES))},
    "strong": {},
    "ul": {"dir": "auto"},
}


@dataclass
class Verdict:
    """What came of it; `str()` is for people."""

    seed: int
    bodies: int = 0
    rendered: int = 0
    failures: int = 0
    seconds: list[float] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings and not self.failures

    def __str__(self) -> str:
        times = sorted(self.seconds) or [0.0]
        shown = [f"{times[int(len(times) * share)] * 1000:.2f} ms" for share in (0.5, 0.99, 0.999)]
        return "\n".join(
            [
                f"{'sound' if self.ok else 'BROKEN'}: {self.bodies:,} bodies (seed {self.seed}),"
                f" {self.rendered:,} rendered, the others shown as typed;"
                f" {self.failures} because rendering failed",
                f"  half took less than {shown[0]}, 99 % {shown[1]}, 99.9 % {shown[2]},"
                f" the slowest {times[-1] * 1000:.2f} ms of a processor",
                *(f"  {finding}" for finding in self.findings[:20]),
            ]
        )


def judge(count: int, seed: int = 1) -> Verdict:
    verdict = Verdict(seed)
    before = _failures()
    for number in range(count):
        text = body(seed, number)
        html, seconds = _rendered(text)
        for _ in range(3):
            # Again, if something else may have been in the way.
            if seconds > SECONDS_MAX / 2:
                seconds = min(seconds, _rendered(text)[1])
        verdict.bodies += 1
        verdict.rendered += html is not None
        verdict.seconds.append(seconds)
        if seconds > SECONDS_MAX:
            verdict.findings.append(f"body {number} took {seconds * 1000:.1f} ms: {text[:60]!r}")
        verdict.findings += [
            f"body {number}: {fault}: {text[:60]!r}" for fault in faults(html or "")
        ]
        if number % 50 == 0 and _rendered(text)[0] != html:
            verdict.findings.append(f"body {number} is rendered otherwise the second time")
    verdict.failures = int(_failures() - before)
    return verdict


def faults(html: str) -> Iterator[str]:
    """What is wrong with this HTML: an element left open, a tag or an attribute not allowed."""
    opened: list[str] = []
    at = 0
    while at < len(html):
        if (text := _TEXT.match(html, at)) and text.end() > at:
            at = text.end()
        elif tag := _TAG.match(html, at):
            at = tag.end()
            name = tag["name"]
            if tag["end"]:
                if not opened or opened.pop() != name:
                    yield f"</{name}> closes what is not open"
                    return
            else:
                yield from _faults_of_tag(name, tag["attributes"])
                if name != "br":
                    opened.append(name)
        else:
            yield f"no HTML: {html[at : at + 30]!r}"
            return
    if opened:
        yield f"left open: {opened}"


def _faults_of_tag(name: str, attributes: str) -> Iterator[str]:
    if name not in _ALLOWED:
        yield f"<{name}>"
        return
    for attribute, value in _ATTRIBUTE.findall(attributes):
        form = _ALLOWED[name].get(attribute)
        if form is None or not re.fullmatch(form, value):
            yield f"<{name} {attribute}={value!r}>"


def _rendered(text: str) -> tuple[str | None, float]:
    markup.clear_cache()
    began = time.thread_time()
    html = markup.render(text)
    return html, time.thread_time() - began


def _failures() -> float:
    [metric] = RENDER_FAILURES.collect()
    return metric.samples[0].value


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.rendering", description=__doc__)
    parser.add_argument("--bodies", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1, help="The same seed makes the same bodies.")
    options = parser.parse_args()
    verdict = judge(options.bodies, options.seed)
    print(verdict)
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main())
