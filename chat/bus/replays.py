"""Finds hints that come again: somebody who can write into Redis may send an old one once more."""

import time

# A hint may be overtaken by so many of its sender's; an older one counts as a repeat.
NUMBERS_REMEMBERED = 1024
_ALL_SEEN = (1 << NUMBERS_REMEMBERED) - 1


class Senders:
    """What has come from each sender, by the numbers that senders give to what they send."""

    def __init__(self, forget_seconds: float) -> None:
        """A silent sender is forgotten after this time: what is older, nobody takes any more."""
        self._forget_seconds = forget_seconds
        self._heard: dict[str, _Heard] = {}

    def is_new(self, sender: str, number: int) -> bool:
        """Whether this number comes for the first time; also if others overtook it."""
        heard = self._heard.get(sender)
        now = time.monotonic()
        if heard is None:
            oldest = now - self._forget_seconds
            self._heard = {name: one for name, one in self._heard.items() if one.at > oldest}
            heard = self._heard[sender] = _Heard(number)
        heard.at = now
        return heard.is_new(number)


class _Heard:
    """Which numbers of one sender have come: each counts once, and none from before the first."""

    __slots__ = ("_highest", "_seen", "at")

    def __init__(self, first: int) -> None:
        self.at = 0.0
        self._highest = first - 1
        # A bit for each of the last numbers, the lowest bit for the highest of them.
        self._seen = _ALL_SEEN

    def is_new(self, number: int) -> bool:
        ahead = number - self._highest
        if ahead > 0:
            self._seen = (self._seen << min(ahead, NUMBERS_REMEMBERED) | 1) & _ALL_SEEN
            self._highest = number
            return True
        if -ahead >= NUMBERS_REMEMBERED or self._seen >> -ahead & 1:
            return False
        self._seen |= 1 << -ahead
        return True
