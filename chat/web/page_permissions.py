"""What the page says of the reader's permissions, before the socket does."""

from typing import Any

from ..accounts import site_settings
from ..accounts.models import Member
from ..moderation import newcomers, reports
from ..rooms.models import Room


def permissions_of(room: Room, member: Member | None) -> dict[str, Any]:
    """The member's role, mute and the room's rules, in the form of the socket's event."""
    return {
        "role": (member and member.office) or None,
        "muted_until": member.muted_until if member else None,
        "locked": room.locked,
        "slow_s": room.slow_seconds,
        "reports": reports.waiting_for(member) if member and member.office else None,
        "newcomers": newcomers.waiting_for(member) if member else None,
        "guest": member is not None and member.kind == Member.Kind.GUEST,
        "guests_read": site_settings.current().guests_read_only,
    }
