"""The operators' desk: everything can be found, what is done goes through the services."""

from . import member_admin, message_admin, moderation_admin, room_admin, user_admin

__all__ = ["member_admin", "message_admin", "moderation_admin", "room_admin", "user_admin"]
