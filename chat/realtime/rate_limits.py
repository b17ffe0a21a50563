"""Rate limits: named policies over token buckets, held by each process for itself.

Sockets and the threads of HTTP requests take from the same buckets (`LIMITS`).
"""

import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..accounts.addresses import network_of
from ..errors import RateLimited

Text = str | Promise


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """`burst` at once, then `per_second`. `refusal`: what someone beyond it is told."""

    refusal: Text
    per_second: float
    burst: int


# A person types slower than this; a pasted list of lines still goes through.
MESSAGES_BY_MEMBER = Policy(_("Too many messages at once."), per_second=5, burst=20)
# A classroom behind one address.
MESSAGES_BY_ADDRESS = Policy(
    _("Too many messages from your network at once."), per_second=50, burst=200
)
# Someone who reports more than this is not reading what they report.
REPORTS_BY_MEMBER = Policy(_("Too many reports at once."), per_second=1 / 60, burst=10)
# A moderator clears a page of reports; a script does not rule a room.
DECISIONS_BY_MEMBER = Policy(_("Too many decisions at once."), per_second=1, burst=30)
# A moderator opens a card or the queue, and reads it again after each decision.
MODERATION_READS_BY_MEMBER = Policy(_("Too many requests at once."), per_second=2, burst=40)
# Someone who looks for a person in a large room types, and scrolls.
SEARCHES_FOR_PEOPLE_BY_MEMBER = Policy(
    _("Too many searches for people at once."), per_second=2, burst=20
)
# Someone who sets up rooms, or adds people one after the other.
ROOM_CHANGES_BY_MEMBER = Policy(_("Too many changes of rooms at once."), per_second=1, burst=30)
# Someone who types into a search, and pages through lists.
LOOKS_BY_MEMBER = Policy(_("Too many requests at once."), per_second=5, burst=50)
# A classroom joins at once behind one address. A person who makes one guest after the other gets
# few names, and does not escape slow mode.
JOINS_BY_ADDRESS = Policy(
    _("Too many new names from your network at once."), per_second=1 / 12, burst=60
)
# Someone who looks for a name tries a few.
RENAMES_BY_MEMBER = Policy(_("Too many new names at once."), per_second=1 / 60, burst=10)
RENAMES_BY_ADDRESS = Policy(
    _("Too many new names from your network at once."), per_second=1, burst=60
)
# Guessing a password of the admin: 10 tries, then two a minute.
LOGINS_BY_ADDRESS = Policy(_("Too many attempts to sign in at once."), per_second=1 / 30, burst=10)
# A classroom signs in at once behind one address. Nobody guesses 79 bits at this pace.
SIGN_INS_BY_ADDRESS = Policy(_("Too many attempts to sign in at once."), per_second=1 / 6, burst=60)
# Guessing one account's password, from wherever: the owner's own browsers have their own budget.
PASSWORDS_BY_ACCOUNT = Policy(
    _("Too many attempts to sign in at once."), per_second=1 / 60, burst=20
)
PASSWORDS_BY_KNOWN_BROWSER = Policy(
    _("Too many attempts to sign in at once."), per_second=1 / 30, burst=10
)
# Someone who sets up an account looks at its devices and tries a passkey a few times.
ACCOUNT_CHANGES_BY_MEMBER = Policy(
    _("Too many changes of your account at once."), per_second=1 / 6, burst=30
)
# Someone who tries out how the own profile looks.
PROFILE_CHANGES_BY_MEMBER = Policy(
    _("Too many changes of your profile at once."), per_second=1 / 5, burst=20
)
# Someone who asks for a copy of their data, or takes a deletion back, does so a few times.
DATA_REQUESTS_BY_MEMBER = Policy(_("Too many requests at once."), per_second=1 / 60, burst=10)
# A link that gives a role is followed once.
INVITATIONS_BY_ADDRESS = Policy(
    _("Too many invitations from your network at once."), per_second=1 / 30, burst=20
)
# A class follows one link at once. Nobody guesses 144 bits at this pace.
INVITES_BY_ADDRESS = Policy(
    _("Too many invitations from your network at once."), per_second=1, burst=100
)
# Everyone behind one address reconnects at once after a deploy.
HANDSHAKES_BY_ADDRESS = Policy(
    _("Too many connections from your network at once."), per_second=10, burst=200
)
# People who read along without a name, a classroom of them: each page of a room is a query.
VISITOR_COMMANDS_BY_ADDRESS = Policy(
    _("Too many requests from your network at once."), per_second=20, burst=200
)
# Every frame costs a decode.
COMMANDS_BY_CONNECTION = Policy(_("Too many commands at once."), per_second=20, burst=100)


@dataclass(slots=True)
class Bucket:
    """Tokens of one policy for one taker; refilled by the clock, without a timer."""

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


class RateLimits:
    """The buckets of one process. A taker who reconnects finds the bucket as it was left."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[Policy, Hashable], Bucket] = {}
        # Two requests must not take one token.
        self._lock = threading.Lock()

    def check(self, policy: Policy, taker: Hashable) -> None:
        """Raise RateLimited, with the time to wait, if the taker is over this policy."""
        if not settings.RATE_LIMITS:
            return
        with self._lock:
            bucket = self._buckets.get((policy, taker))
            if bucket is None:
                bucket = self._buckets[policy, taker] = Bucket(policy)
            self.check_bucket(bucket)

    def check_address(self, policy: Policy, address: str) -> None:
        """The same for the network of this address: all of it shares one bucket."""
        self.check(policy, network_of(address) or address)

    def check_bucket(self, bucket: Bucket) -> None:
        """The same for a bucket that the taker keeps, and one thread at a time asks."""
        if not settings.RATE_LIMITS:
            return
        wait = bucket.take(time.monotonic())
        if wait:
            retry_ms = int(wait * 1000) + 1
            raise RateLimited(str(bucket.policy.refusal), retry_ms=retry_ms)

    def forget_full(self) -> None:
        """Drop the buckets that are full again: a new one would be the same."""
        now = time.monotonic()
        with self._lock:
            self._buckets = {
                key: bucket
                for key, bucket in self._buckets.items()
                if bucket.tokens + (now - bucket.filled_at) * bucket.policy.per_second
                < bucket.policy.burst
            }

    def forget_all(self) -> None:
        with self._lock:
            self._buckets = {}


LIMITS = RateLimits()
