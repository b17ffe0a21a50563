"""The admin on a log of ten million messages."""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ..kit.launcher import launch
from .seed import seed

MESSAGES = 10_000_000
MEMBERS = 10_000
TIMES = 20


def browsing(folder: Path) -> Iterator[str]:
    """What the pages of the admin cost on ten million messages by ten thousand members."""
    with launch(folder, members=MEMBERS, durable=False) as deployment:
        began = time.monotonic()
        size = seed(deployment, MESSAGES)
        yield f"filled in {time.monotonic() - began:.0f} s, {size / 1e9:.1f} GB with all indexes"
        yield from deployment.shell(
            "from lab.benchmarks import admin_pages; admin_pages.browse()"
        ).splitlines()


# --- In a process whose Django is on that database (see `browsing`) -----------------------------


def browse() -> None:
    """Print how long each page takes, and how many queries it asks."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from chat.accounts.users import User

    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_superuser("measured"))
    for name, address in _pages().items():
        asked: list[float] = []
        with connection.execute_wrapper(partial(_timed, asked)):
            page = client.get(address, follow=True)
        if page.status_code != 200:
            raise ValueError(f"{address}: {page.status_code}")
        took = []
        for _ in range(TIMES):
            began = time.perf_counter()
            client.get(address, follow=True)
            took.append(1000 * (time.perf_counter() - began))
        print(
            f"{name}: p50 {statistics.median(took):.0f} ms, longest {max(took):.0f} ms;"
            f" {len(asked)} queries, {sum(asked):.0f} ms"
        )


def _timed(asked: list[float], execute: Callable[..., object], *query: object) -> object:
    began = time.perf_counter()
    try:
        return execute(*query)
    finally:
        asked.append(1000 * (time.perf_counter() - began))


def _pages() -> dict[str, str]:
    from chat.accounts.models import Member
    from chat.messages.models import Message
    from chat.rooms.models import Room

    room, member = Room.objects.get(key="room-0"), Member.objects.earliest("pk")
    messages, members = "/admin/chat/message/", "/admin/chat/member/"
    timeline = f"/admin/chat/room/{room.pk}/timeline/"
    middle = Message.objects.get(room=room, seq=MESSAGES // 2)
    return {
        "the front page": "/admin/",
        "the newest messages": messages,
        "messages in the middle": f"{messages}?before={middle.pk}",
        "a room’s messages in the middle": (
            f"{messages}?room__id__exact={room.pk}&before={middle.pk}"
        ),
        "a member’s messages": f"{messages}?author__id__exact={member.pk}",
        "search by author": f"{messages}?q=measured+77",
        "search by room and number": f"{messages}?q=room-0/{middle.seq}",
        "one message": f"{messages}{middle.pk}/change/",
        "a timeline around a number": f"{timeline}?at={middle.seq}",
        "a timeline around a time": f"{timeline}?at={middle.created_at:%Y-%m-%dT%H:%M}",
        "members": members,
        "members by name": f"{members}?q=measured+77",
    }
