"""Facts: the rows of the chat, what holds for one of them, and the words for finding them."""

from .members import Member, ReadMark
from .messages import Change, Message
from .moderation import AuditEntry, Ban, Invitation, Report, Rulings, SessionChange
from .nodes import NodeBeat
from .roles import Power, Role
from .rooms import Room, RoomHead

__all__ = [
    "AuditEntry",
    "Ban",
    "Change",
    "Invitation",
    "Member",
    "Message",
    "NodeBeat",
    "Power",
    "ReadMark",
    "Report",
    "Role",
    "Room",
    "RoomHead",
    "Rulings",
    "SessionChange",
]
