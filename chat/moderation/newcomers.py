"""The queue of newcomers: who asked to come in, and what moderators decide about them.

The browser of a newcomer holds a secret, and its digest is the row. A decision is good for a day;
an approved newcomer comes in once.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import change_numbers, site_settings
from ..accounts.addresses import address_hash
from ..accounts.challenges import digest_of
from ..accounts.models import Member
from ..accounts.names import clean_name
from ..accounts.permissions import Permission
from ..accounts.site_models import NOTE_MAX_LENGTH, Newcomer
from ..errors import Forbidden, NotFound, RateLimited
from ..messages.text import clean_line
from .audit import clean_reason, record
from .authorization import Actor
from .models import WAITING_SHOWN, AuditEntry

VALID = timedelta(days=1)
RETRY_MS = 600_000
Decision = Newcomer.Decision

_ACTION = {
    Decision.APPROVED.value: AuditEntry.Action.LET_IN,
    Decision.REFUSED.value: AuditEntry.Action.KEPT_OUT,
    "": AuditEntry.Action.WAITS_AGAIN,
}


def ask(
    *,
    name: str,
    note: str = "",
    address: str = "",
    rules: int = 0,
    instead_of: Newcomer | None = None,
) -> str:
    """Wait under this name; the secret of the browser that asks. No name is looked up.

    `instead_of`: whom this browser was in the queue before.

    RateLimited if the queue is full, or this network waits with too many already.
    """
    name, note = clean_name(name), clean_line(note, NOTE_MAX_LENGTH)
    secret, origin, now = secrets.token_urlsafe(24), address_hash(address), timezone.now()
    with transaction.atomic():
        # Its row is locked until the end, so that two at once do not exceed the bounds.
        change_numbers.record_moderation_change()
        Newcomer.objects.filter(until__lt=now).delete()
        if instead_of is not None:
            Newcomer.objects.waiting().filter(pk=instead_of.pk).delete()
        waiting = Newcomer.objects.waiting()
        if waiting.count() >= settings.NEWCOMERS_MAX:
            raise RateLimited(gettext("Too many people wait already."), retry_ms=RETRY_MS)
        if origin and waiting.filter(address_hash=origin).count() >= settings.NEWCOMERS_PER_NETWORK:
            refusal = gettext("Too many people of your network wait already.")
            raise RateLimited(refusal, retry_ms=RETRY_MS)
        Newcomer.objects.create(
            digest=digest_of(secret),
            name=name,
            note=note,
            address_hash=origin,
            rules_version=rules,
            until=now + VALID,
        )
    return secret


def of_secret(secret: str) -> Newcomer | None:
    """Who waits in the browser with this secret; None if nobody does, or not any more."""
    return Newcomer.objects.unexpired().filter(digest=digest_of(secret)).first() if secret else None


def is_approved(newcomer: Newcomer | None) -> bool:
    """Whether this newcomer may come in: once."""
    approved = newcomer is not None and newcomer.decision == Decision.APPROVED
    return approved and newcomer is not None and newcomer.member_id is None


def come_in(secret: str, member: Member) -> None:
    """Note who the newcomer is now. Call it in the transaction that makes the member."""
    approved = Newcomer.objects.unexpired().filter(
        digest=digest_of(secret), decision=Decision.APPROVED, member_id=None
    )
    if not approved.update(member_id=member.pk):
        raise Forbidden(gettext("Someone came in with this already. Ask again."))


def give_up(secret: str) -> None:
    """The newcomer does not wait any more."""
    with transaction.atomic():
        if Newcomer.objects.filter(digest=digest_of(secret), member_id=None).delete()[0]:
            change_numbers.record_moderation_change()


# --- What moderators do -----------------------------------------------------------------------


def decision_of(said: str) -> str:
    """What a form said, if it is a decision."""
    if said not in _ACTION:
        raise NotFound(gettext("There is no such decision."))
    return said


def waiting_for(member: Member) -> int | None:
    """How many wait, up to WAITING_SHOWN + 1, for those who decide where newcomers wait."""
    if not (member.office and Actor(member).may(Permission.REVIEW)):
        return None
    count = len(Newcomer.objects.waiting().values_list("pk")[: WAITING_SHOWN + 1])
    return count if count or site_settings.current().approval else None


def decide(*, actor: Actor, newcomer_id: int, decision: str, reason: str = "") -> Newcomer:
    """Let them in, refuse them, or with an empty decision have them wait again.

    Of two moderators at once, the second is told what the first decided.
    """
    actor.require(Permission.REVIEW)
    reason = clean_reason(reason)
    with transaction.atomic():
        rows = Newcomer.objects.unexpired().select_for_update(no_key=True)
        newcomer = rows.filter(pk=newcomer_id).first()
        if newcomer is None:
            raise NotFound(gettext("They do not wait any more."))
        if newcomer.member_id is not None:
            raise Forbidden(gettext("They came in already. Mute or ban them instead."))
        if newcomer.decision == decision:
            return newcomer
        if newcomer.decision and decision:
            raise Forbidden(_decided(newcomer))
        newcomer.decision, newcomer.reason = decision, reason
        newcomer.decided_at = timezone.now() if decision else None
        newcomer.until = timezone.now() + VALID
        newcomer.save(update_fields=["decision", "reason", "decided_at", "until"])
        record(actor, _ACTION[decision], reason=reason, newcomer=newcomer.name)
        # Last: who comes in locks their row before the numbers.
        change_numbers.record_moderation_change()
        return newcomer


def _decided(newcomer: Newcomer) -> str:
    if newcomer.decision == Decision.APPROVED:
        return gettext("Someone else let them in a moment ago.")
    return gettext("Someone else refused them a moment ago.")
