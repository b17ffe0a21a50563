"""What a node does for access, as realtime/node.py joins it: the real permission cache, changes of
rooms and memberships, and the ends of subscriptions.
"""

from typing import Any

from chat.realtime.connection_registry import ConnectionRegistry
from chat.realtime.joined_roles import JoinedRoles
from chat.realtime.list_changes import ListChanges
from chat.realtime.list_reader import ListReader
from chat.realtime.permission_cache import PermissionCache
from chat.realtime.room_access import RoomAccess

from .simulation import World


def watch_access(world: World) -> PermissionCache:
    """Keep the room of this world to those who may see it. Returns who may write there."""
    hub, scheduler = world.hub, world.scheduler
    database: Any = world.database
    nobody_listens: Any = None
    registry = ConnectionRegistry(database, nobody_listens)
    lists = ListReader(database, world.head_poller, scheduler, registry)
    changes = ListChanges(database, hub, registry, lists)
    permissions = PermissionCache(
        database, world.head_poller, scheduler, hub, registry, JoinedRoles(lists)
    )
    access = RoomAccess(database, hub, hub.leave)
    changes.on_access = access.refresh
    permissions.on_access = changes.follow

    async def look_at_all() -> None:
        if outdated := await access.outdated():
            await changes.look_at(outdated)

    permissions.on_read = look_at_all
    hub.on_changed = changes.look_at
    world.listeners.append(permissions.on_message)
    scheduler.every(1, lambda _: permissions.look())
    permissions.hint()
    return permissions
