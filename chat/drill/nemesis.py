"""The faults. Each is one blow, with its mending, to a site where people are talking."""

import asyncio
import http.client
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg
import redis

from .failover import lose_the_end
from .records import Ended, now
from .site import Site


@dataclass(frozen=True)
class Fault:
    """A kind of blow, and the people it needs."""

    name: str
    what: str
    blow: Callable[[Site], Awaitable[None]]
    rooms: int = 2
    pace: float = 0.5
    listeners: int = 0
    body_size: int = 0
    narrow: int = 0
    settle: float = 2.0


FAULTS: dict[str, Fault] = {}


def fault(what: str, **needs: Any) -> Callable[[Callable[[Site], Awaitable[None]]], Any]:
    def register(blow: Callable[[Site], Awaitable[None]]) -> Callable[[Site], Awaitable[None]]:
        name = blow.__name__.replace("_", "-")
        FAULTS[name] = Fault(name, what, blow, **needs)
        return blow

    return register


# --- Nodes ------------------------------------------------------------------------------------


@fault("kill -9 a node; it is back a second later")
async def kill(site: Site) -> None:
    node = site.any_node()
    await node.stop(signal.SIGKILL)
    await asyncio.sleep(1)
    await node.start()


@fault("freeze a node for two seconds, or for longer than its clients wait")
async def freeze(site: Site) -> None:
    node = site.any_node()
    node.send(signal.SIGSTOP)
    await asyncio.sleep(random.choice((2, 7)))  # noqa: S311
    node.send(signal.SIGCONT)


@fault("SIGTERM each node in turn, as a deploy does")
async def roll(site: Site) -> None:
    for node in site.nodes:
        await node.stop(signal.SIGTERM)
        await node.start()


@fault("kill -9 every node at once, with many clients; all come back", listeners=150, pace=1.0)
async def herd(site: Site) -> None:
    for node in site.nodes:
        node.send(signal.SIGKILL)
    for node in site.nodes:
        await node.stop(signal.SIGKILL)
    await asyncio.gather(*(node.start() for node in site.nodes))


# --- Redis ------------------------------------------------------------------------------------


@fault("Redis is restarted")
async def redis_restart(site: Site) -> None:
    await asyncio.to_thread(site.place.redis.stop)
    await asyncio.to_thread(site.place.redis.start)


@fault("Redis is killed; back a second later")
async def redis_kill(site: Site) -> None:
    await asyncio.to_thread(site.place.redis.stop, signal.SIGKILL)
    await asyncio.sleep(1)
    await asyncio.to_thread(site.place.redis.start)


@fault("Redis is gone for eight seconds", settle=3.0)
async def redis_gone(site: Site) -> None:
    await asyncio.to_thread(site.place.redis.stop, signal.SIGKILL)
    await asyncio.sleep(8)
    await asyncio.to_thread(site.place.redis.start)


@fault("Redis hangs up on all subscribers")
async def redis_hangs_up(site: Site) -> None:
    with redis.Redis.from_url(site.place.redis.url) as client:
        await asyncio.to_thread(client.execute_command, "CLIENT", "KILL", "TYPE", "pubsub")


@fault("Redis answers nothing for three seconds")
async def redis_pause(site: Site) -> None:
    with redis.Redis.from_url(site.place.redis.url) as client:
        await asyncio.to_thread(client.execute_command, "CLIENT", "PAUSE", "3000", "ALL")
    await asyncio.sleep(3)


@fault("the wire from one node to Redis swallows everything for six seconds", settle=4.0)
async def partition(site: Site) -> None:
    node = site.any_node()
    node.proxy.silent = True
    await asyncio.sleep(6)
    node.proxy.silent = False


@fault("the last hint of every room is lost, then silence", rooms=50, pace=0.0)
async def last_publish(site: Site) -> None:
    for node in site.nodes:
        node.proxy.drops_rooms = True
    speaker = random.choice([client for client in site.clients if client.connected])  # noqa: S311
    site.fell_now()
    for room in site.rooms:
        speaker.talk.say(room, f"the last word in {room}")
    await site.until(lambda: not speaker.talk.unsent)
    await asyncio.sleep(2.5)
    for node in site.nodes:
        node.proxy.drops_rooms = False


# --- PostgreSQL -------------------------------------------------------------------------------


@fault("PostgreSQL is restarted without being asked (immediate), and recovers", settle=3.0)
async def pg_restart(site: Site) -> None:
    await asyncio.to_thread(site.place.postgres.stop, signal.SIGQUIT)
    await asyncio.to_thread(site.place.postgres.start)


@fault("PostgreSQL ends every connection")
async def pg_terminate(site: Site) -> None:
    def terminate() -> None:
        with psycopg.connect(site.place.postgres.url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    await asyncio.to_thread(terminate)


@fault("a stranger holds the head row of a room for three seconds")
async def lock(site: Site) -> None:
    with psycopg.connect(site.place.postgres.url) as connection:
        await asyncio.to_thread(
            connection.execute,
            "SELECT 1 FROM chat_roomhead JOIN chat_room r ON r.id = room_id WHERE key = %s"
            " FOR UPDATE",
            [site.rooms[0]],
        )
        await asyncio.sleep(3)
        connection.rollback()


@fault("failover to a copy that lacks the end of the log; nobody says so", settle=4.0)
async def failover(site: Site) -> None:
    await lose_the_end(site, new_epoch=False)


@fault("the same, by an operator who starts a new epoch", settle=4.0)
async def failover_new_epoch(site: Site) -> None:
    await lose_the_end(site, new_epoch=True)


# --- People -----------------------------------------------------------------------------------


@fault("four clients read twenty frames a second, at most", body_size=1500, pace=0.2, narrow=4)
async def slow(site: Site) -> None:
    async def sleep() -> None:
        await asyncio.sleep(0.05)

    for client in site.clients[-4:]:
        client.before_read = sleep
    await asyncio.sleep(6)
    for client in site.clients[-4:]:
        client.before_read = None


@fault("four clients stop reading for 36 seconds", body_size=3600, pace=0.2, narrow=4, settle=4.0)
async def stalled(site: Site) -> None:
    go_on = asyncio.Event()
    for client in site.clients[-4:]:
        client.before_read = go_on.wait
    await asyncio.sleep(36)
    for client in site.clients[-4:]:
        client.before_read = None
    go_on.set()


@fault("someone leaves on one node, and has sockets on another", listeners=20, settle=4.0)
async def leave(site: Site) -> None:
    here = [c for c in site.clients if c.connected and c.talk.silent]
    if not here:
        await asyncio.sleep(1)
        return
    client = random.choice(here)  # noqa: S311
    elsewhere = next((node for node in site.nodes if node is not client.node), client.node)
    await asyncio.to_thread(_leave, elsewhere.port, elsewhere.origin, client.cookie)
    site.note(Ended(t=now(), actor="nemesis", sender=client.member))


def _leave(port: int, origin: str, cookie: str) -> None:
    token = "t" * 32
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {
        "Cookie": f"{cookie}; csrftoken={token}",
        "Origin": origin,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    asking.request("POST", "/leave/", urlencode({"csrfmiddlewaretoken": token}), headers)
    answer = asking.getresponse()
    asking.close()
    if answer.status not in (302, 303):
        raise AssertionError(f"leaving was answered with {answer.status}")
