"""Permissions: four roles in order, and the lowest role that has each permission."""

from enum import StrEnum


class Role(StrEnum):
    """Each role has all permissions of the roles before it."""

    GUEST = "guest"
    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"


class Permission(StrEnum):
    """Everything that a role may permit. Changing one's own messages needs no permission."""

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


_LOWEST_ROLE: dict[Permission, Role] = {
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


def higher(one: Role, other: Role) -> Role:
    return max(one, other, key=_RANK.__getitem__)


# Used against a member, these need a role above the member's.
_OVER_OTHERS = {Permission.DELETE, Permission.MUTE, Permission.BAN, Permission.APPOINT}


def is_allowed(role: Role, permission: Permission, against: Role | None = None) -> bool:
    """Whether this role has the permission; over a member with the role `against`, if given."""
    if _RANK[role] < _RANK[_LOWEST_ROLE[permission]]:
        return False
    return against is None or permission not in _OVER_OTHERS or _RANK[role] > _RANK[against]
