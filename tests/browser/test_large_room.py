"""A room that has been talked in for years, and one in which everybody talks at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.clients import Node
from tests.sockets import Client

from .conftest import Visit

pytestmark = pytest.mark.browser

MANY = 100_000
FILL = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from chat.models import Member, Message, Room, RoomHead
room = Room.objects.get(key={key!r})
author = Member.objects.first()
start = timezone.now() - timedelta(days=30)
for first in range(1, {many}, 5_000):
    Message.objects.bulk_create([
        Message(
            room=room, seq=seq, uid=uuid4(), updated_seq=seq, author=author,
            author_name=author.name, client_id=f"c-{{seq}}", body=f"message {{seq}}",
            created_at=start + timedelta(seconds=25 * seq),
        )
        for seq in range(first, first + 5_000)
    ])
RoomHead.objects.filter(room=room).update(head={many})
"""


@pytest.fixture(scope="module")
def years(node: Node) -> str:
    """The address of a room with 100,000 messages."""
    key = next(node.rooms)
    node.manage("shell", "-c", FILL.format(key=key, many=MANY))
    return f"{node.origin}/rooms/{key}/"


def test_a_room_of_100000_messages_opens_at_its_last(years: str, join: Visit) -> None:
    reader = join("Reader", years)

    expect(reader.page.get_by_text(f"message {MANY}", exact=True)).to_be_in_viewport()
    assert reader.messages.count() <= 100


def test_scrolling_back_through_years_holds_few_messages_and_moves_nobody(
    years: str, join: Visit
) -> None:
    reader = join("Reader", years)
    timeline = reader.page.locator("message-list")
    most = 0
    for _ in range(18):
        oldest = reader.messages.first.get_attribute("data-seq") or ""
        timeline.evaluate("list => { list.scrollTop = 0; }")
        expect(reader.messages.first).not_to_have_attribute("data-seq", oldest)
        most = max(most, reader.messages.count())

    assert most <= 400
    assert int(reader.messages.first.get_attribute("data-seq") or MANY) < MANY - 800
    reader.page.goto(f"{years}#m77")
    expect(reader.page.locator("#m77")).to_be_in_viewport()
    assert reader.messages.count() <= 400


def test_while_fifty_messages_a_second_arrive_one_can_write_and_the_page_holds_few(
    join: Visit, room: str, node: Node
) -> None:
    reader = join("Reader", room)
    key = room.split("/")[-2]
    talkers = [node.connect() for _ in range(5)]
    for talker in talkers:
        talker.enter(key)

    with talking(talkers, key, per_second=50):
        expect(reader.page.locator("#m400")).to_be_visible()
        reader.composer.press_sequentially("still here")
        expect(reader.composer).to_have_value("still here")

    last = talkers[0].enter(key)["head"]
    expect(reader.page.locator(f"#m{last}")).to_be_in_viewport()
    assert reader.messages.count() <= 400


@contextmanager
def talking(talkers: list[Client], key: str, per_second: int) -> Iterator[None]:
    """All of them talk, all the time."""
    done = threading.Event()
    pause = len(talkers) / per_second

    def talk(talker: Client) -> None:
        for number in range(10_000):
            begun = time.monotonic()
            talker.say(key, f"said {number}: the quick brown fox jumps over the lazy dog")
            if done.wait(max(0, begun + pause - time.monotonic())):
                return

    threads = [threading.Thread(target=talk, args=[talker]) for talker in talkers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()
