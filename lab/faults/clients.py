"""Faults of clients: slow and stalled readers, and a sign-out."""

import asyncio
import http.client
import random
from urllib.parse import urlencode

from ..checker.records import Ended, now
from ..drill.scenario import ClusterScenario
from .fault import fault

# Sockets with narrow buffers at the end of the list (`narrow`).
SLOW_READERS = 4
READS = 100


@fault("four clients read twenty times a second, at most", body_size=1500, pace=0.2, narrow=4)
async def slow(scenario: ClusterScenario) -> None:
    readers = scenario.clients[-SLOW_READERS:]
    for _ in range(READS):
        for client in readers:
            client.pause_reading()
        await asyncio.sleep(0.05)
        for client in readers:
            client.resume_reading()
        # Long enough for one read.
        await asyncio.sleep(0.001)


# A node closes a socket to which it could write nothing for 20 seconds.
@fault("four clients stop reading until they are cut off", body_size=3600, pace=0.2, narrow=4)
async def stalled(scenario: ClusterScenario) -> None:
    readers = scenario.clients[-SLOW_READERS:]
    for client in readers:
        client.pause_reading()
    await asyncio.sleep(24)
    for client in readers:
        client.resume_reading()


@fault(
    "a member signs out on one node, and has sockets on another",
    listeners=10,
    reserve=90,
    settle=1.0,
)
async def leave(scenario: ClusterScenario) -> None:
    here = [client for client in scenario.clients if client.connected and client.outbox.silent]
    client = random.choice(here)  # noqa: S311
    elsewhere = next((node for node in scenario.nodes if node is not client.node), client.node)
    await asyncio.to_thread(_leave, elsewhere.port, elsewhere.origin, client.cookie)
    scenario.record(Ended(t=now(), actor="nemesis", sender=client.member))
    await scenario.wait_until(lambda: client.signed_out)
    if scenario.deployment.cookies:
        scenario.add_clients(1, 0, "listener")


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
