"""All models of the app, for Django. Each is defined in the package of its subject."""

from .accounts.models import Member, Rulings, SessionChange
from .accounts.permissions import Permission, Role
from .accounts.users import User
from .maintenance.models import NodeBeat
from .messages.models import Change, Message
from .moderation.models import AuditEntry, Ban, Invitation, Report
from .rooms.models import ReadMark, Room, RoomHead

__all__ = [
    "AuditEntry",
    "Ban",
    "Change",
    "Invitation",
    "Member",
    "Message",
    "NodeBeat",
    "Permission",
    "ReadMark",
    "Report",
    "Role",
    "Room",
    "RoomHead",
    "Rulings",
    "SessionChange",
    "User",
]
