"""The audit record: who did what, to whom and why. It only grows."""

from typing import Any

from django.utils.translation import gettext

from ..accounts.models import Member
from ..errors import TooLong
from ..messages.text import check_reason
from ..rooms.models import Room
from .authorization import Actor
from .models import REASON_MAX_LENGTH, AuditEntry


def record(
    actor: Actor,
    action: AuditEntry.Action,
    *,
    member: Member | None = None,
    room: Room | None = None,
    seq: int | None = None,
    reason: str = "",
    **details: Any,
) -> None:
    """Add an entry. Call it in the transaction of the action, so that both are stored or neither.

    TooLong or InvalidText if the reason cannot be stored.
    """
    AuditEntry.objects.create(
        action=action,
        actor=actor.member,
        staff=actor.staff,
        member=member,
        room=room,
        seq=seq,
        reason=clean_reason(reason),
        details=details or None,
    )


def clean_reason(reason: str) -> str:
    """The reason on one line. TooLong or InvalidText if it cannot be stored."""
    reason = " ".join(reason.split())
    if len(reason) > REASON_MAX_LENGTH:
        raise TooLong(
            gettext("A reason may have {limit} characters.").format(limit=REASON_MAX_LENGTH)
        )
    check_reason(reason)
    return reason
