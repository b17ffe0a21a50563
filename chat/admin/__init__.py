"""The admin for operators. It finds everything; actions use the same functions as members do."""

from . import (
    member_admin,
    member_task_admin,
    message_admin,
    moderation_admin,
    room_admin,
    site_admin,
    user_admin,
)

__all__ = [
    "member_admin",
    "member_task_admin",
    "message_admin",
    "moderation_admin",
    "room_admin",
    "site_admin",
    "user_admin",
]
