"""Facts: the rows of the chat, what holds for one of them, and the words for finding them."""

from .members import Member, ReadMark
from .messages import Change, Message
from .rooms import Room, RoomHead

__all__ = ["Change", "Member", "Message", "ReadMark", "Room", "RoomHead"]
