"""Who may do what: four roles in order, and the least that each power asks for."""

from enum import StrEnum


class Role(StrEnum):
    """Each may do all that those before it may."""

    GUEST = "guest"
    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"


class Permission(StrEnum):
    """What can be done in the house, beyond changing what one said oneself."""

    WRITE = "write"
    REPORT = "report"
    WRITE_UNBOUND = "write where a room is locked or slow"
    DELETE = "delete what others said"
    RESTORE = "restore what a moderator deleted"
    MUTE = "mute"
    BAN = "ban"
    SET_RULES = "set a room’s rules"
    REVIEW = "see the reports and who did what"
    APPOINT = "make someone moderator or owner"


_LEAST: dict[Permission, Role] = {
    Permission.WRITE: Role.GUEST,
    Permission.REPORT: Role.GUEST,
    Permission.WRITE_UNBOUND: Role.MODERATOR,
    Permission.DELETE: Role.MODERATOR,
    Permission.RESTORE: Role.MODERATOR,
    Permission.MUTE: Role.MODERATOR,
    Permission.BAN: Role.MODERATOR,
    Permission.SET_RULES: Role.MODERATOR,
    Permission.REVIEW: Role.MODERATOR,
    Permission.APPOINT: Role.OWNER,
}
_RANK = {role: rank for rank, role in enumerate(Role)}
# Used against someone, these need a role above theirs.
_OVER_OTHERS = {Permission.DELETE, Permission.MUTE, Permission.BAN, Permission.APPOINT}


def is_allowed(role: Role, power: Permission, against: Role | None = None) -> bool:
    """Whether whoever has this role has this power, over someone of that role if one is given."""
    if _RANK[role] < _RANK[_LEAST[power]]:
        return False
    return against is None or power not in _OVER_OTHERS or _RANK[role] > _RANK[against]
