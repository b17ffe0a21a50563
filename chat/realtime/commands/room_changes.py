"""Commands about rooms themselves: make, change, join, invite, look around."""

from datetime import datetime

from ... import protocol
from ..connection import Connection
from ..node import Node
from ..room_handler import RoomChange, RoomQuestion
from .handler import Table, Work


def change(node: Node, connection: Connection, command: RoomChange, received: datetime) -> Work:
    return node.room_handler.change(connection, command)


def answer(node: Node, connection: Connection, command: RoomQuestion, received: datetime) -> Work:
    return node.room_handler.answer(connection, command)


ROOM_CHANGES: Table = {
    protocol.CreateRoom: change,
    protocol.UpdateRoom: change,
    protocol.ArchiveRoom: change,
    protocol.DeleteRoom: change,
    protocol.JoinRoom: change,
    protocol.QuitRoom: change,
    protocol.OpenDirect: change,
    protocol.AddMembers: change,
    protocol.RemoveMember: change,
    protocol.BlockMember: change,
    protocol.UnblockMember: change,
    protocol.CreateInvitation: change,
    protocol.RevokeInvitation: change,
    protocol.SetNotify: change,
    protocol.BrowseRooms: answer,
    protocol.ListMembers: answer,
    protocol.ListInvitations: answer,
    protocol.FindMembers: answer,
    protocol.ListBlocked: answer,
}
