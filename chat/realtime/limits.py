"""Rate limits: named policies over token buckets, held by each node for itself."""

import time
from collections.abc import Hashable
from dataclasses import dataclass, field

from django.conf import settings

from ..errors import RateLimited


@dataclass(frozen=True, slots=True)
class Policy:
    """`burst` at once, then `per_second`."""

    what: str
    per_second: float
    burst: int


# A person types slower than this; a pasted list of lines still goes through.
MESSAGES_BY_MEMBER = Policy("messages", per_second=5, burst=20)
# A classroom behind one address.
MESSAGES_BY_ADDRESS = Policy("messages from your network", per_second=50, burst=200)
# Someone who reports more than this is not reading what they report.
REPORTS_BY_MEMBER = Policy("reports", per_second=1 / 60, burst=10)
# Everyone behind one address reconnects at once after a deploy.
HANDSHAKES_BY_ADDRESS = Policy("connections from your network", per_second=10, burst=200)
# Every frame costs a decode, whatever it asks.
COMMANDS_BY_CONNECTION = Policy("commands", per_second=20, burst=100)


@dataclass(slots=True)
class Bucket:
    """Tokens of one policy for one taker; refilled by the clock, never by a timer."""

    policy: Policy
    tokens: float = field(init=False)
    filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.policy.burst
        self.filled_at = time.monotonic()

    def take(self, now: float) -> float:
        """Take a token; the seconds to wait for one if there is none, else 0."""
        policy = self.policy
        self.tokens = min(policy.burst, self.tokens + (now - self.filled_at) * policy.per_second)
        self.filled_at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        return (1 - self.tokens) / policy.per_second


class Limits:
    """The buckets of one node. A taker who reconnects finds the bucket as it was left."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[Policy, Hashable], Bucket] = {}

    def check(self, policy: Policy, taker: Hashable) -> None:
        """Raise RateLimited, with the time to wait, if the taker is over this policy."""
        if not settings.RATE_LIMITS:
            return
        bucket = self._buckets.get((policy, taker))
        if bucket is None:
            bucket = self._buckets[policy, taker] = Bucket(policy)
        self.check_bucket(bucket)

    def check_bucket(self, bucket: Bucket) -> None:
        """The same, for a bucket that the taker keeps."""
        if not settings.RATE_LIMITS:
            return
        wait = bucket.take(time.monotonic())
        if wait:
            retry_ms = int(wait * 1000) + 1
            raise RateLimited(f"Too many {bucket.policy.what} at once.", retry_ms=retry_ms)

    def forget_full(self) -> None:
        """Drop the buckets that have refilled: they say nothing any more."""
        now = time.monotonic()
        full = [
            key
            for key, bucket in self._buckets.items()
            if bucket.tokens + (now - bucket.filled_at) * bucket.policy.per_second
            >= bucket.policy.burst
        ]
        for key in full:
            del self._buckets[key]
