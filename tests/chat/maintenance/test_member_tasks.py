"""Copies of members' data and their deletion: in steps, by whichever node is there."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.accounts.account_models import Device
from chat.accounts.models import Member
from chat.errors import Forbidden, InvalidText
from chat.maintenance import data_export, data_requests, erasure, log_integrity, member_tasks
from chat.maintenance.erasure import Choices
from chat.maintenance.models import MemberTask
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation import room_actions
from chat.moderation.authorization import Actor
from chat.moderation.models import AuditEntry
from chat.rooms import direct_rooms, memberships, room_list
from chat.rooms.models import Membership, Room

from ..messages import logs
from ..messages.logs import react, say

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db


def file_of(member: Member) -> zipfile.ZipFile:
    task = data_requests.latest(member, data_requests.DOWNLOAD)
    assert task is not None
    assert task.finished_at is not None
    pieces = [bytes(part.data) for part in task.parts.order_by("number")]
    assert sum(map(len, pieces)) == member_tasks.size_of(task)
    file = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert file.testzip() is None
    return file


def messages_in(file: zipfile.ZipFile) -> list[dict[str, Any]]:
    pages = [json.loads(file.read(name)) for name in file.namelist() if name[-5:] == ".json"]
    return [message for page in pages for message in page.get("messages", [])]


def stop_after(steps: int) -> Any:
    """What a node asks after each step: it stops after so many."""
    left = iter(range(steps))
    return lambda: next(left, None) is None


def test_a_file_holds_what_one_said_and_nothing_of_others(
    garden: Room, alice: Member, bob: Member
) -> None:
    say(garden, alice, "what I <said>")
    say(garden, bob, "what Bob said")
    say(garden, alice, "what I took back")
    commit.commit_operation(garden, commit.Delete(alice.pk, 3))
    commit.commit_operation(garden, react(alice, 2))
    data_requests.ask_download(member=alice)

    member_tasks.work("north")

    file = file_of(alice)
    assert [message["text"] for message in messages_in(file)] == ["what I <said>"]
    everything = b"".join(file.read(name) for name in file.namelist())
    assert b"what Bob said" not in everything
    assert b"took back" not in everything
    page = next(name for name in file.namelist() if name.startswith("messages/") and "html" in name)
    html = file.read(page).decode()
    assert "what I &lt;said&gt;" in html
    assert "Garden" in html
    assert "👍" in html
    assert f'href="{page}"' in file.read("index.html").decode()
    about = json.loads(file.read("data.json"))
    assert about["profile"]["name"] == alice.name
    assert AuditEntry.objects.filter(action="exported", member=alice, actor=alice).exists()


@pytest.mark.parametrize("stops", [1, 2, 3, 5])
def test_a_file_that_was_interrupted_goes_on_and_is_the_same(
    garden: Room, alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch, stops: int
) -> None:
    monkeypatch.setattr(data_export, "WINDOW", 3)
    monkeypatch.setattr(data_export, "MESSAGES_OF_PART", 2)
    for number in range(12):
        say(garden, alice, f"mine {number}")
        say(garden, bob, "his")
    task = data_requests.ask_download(member=alice)
    while task.finished_at is None:
        member_tasks.work("a node", stop_after(stops))
        task.refresh_from_db()
        assert task.leased_until is None

    said = messages_in(file_of(alice))

    assert [message["text"] for message in said] == [f"mine {number}" for number in range(12)]
    assert task.done == task.total == 12


def test_a_node_that_was_killed_is_replaced_once_its_lease_is_over(
    garden: Room, alice: Member
) -> None:
    say(garden, alice, "mine")
    task = data_requests.ask_download(member=alice)
    assert member_tasks.take("killed") == task

    assert member_tasks.take("another") is None
    assert not member_tasks.is_due()

    MemberTask.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert member_tasks.take("another") == task


def test_a_node_that_lost_its_lease_adds_nothing(garden: Room, alice: Member) -> None:
    say(garden, alice, "mine")
    data_requests.ask_download(member=alice)
    slow = member_tasks.take("slow")
    assert slow is not None
    MemberTask.objects.update(worker="another")

    with pytest.raises(member_tasks.LostLeaseError):
        member_tasks.run(slow)

    assert not slow.parts.exists()


def test_asking_twice_makes_one_file(alice: Member) -> None:
    first = data_requests.ask_download(member=alice)

    assert data_requests.ask_download(member=alice) == first


def test_a_file_is_removed_after_some_days(garden: Room, alice: Member) -> None:
    say(garden, alice, "mine")
    task = data_requests.ask_download(member=alice)
    member_tasks.work("north")
    MemberTask.objects.update(finished_at=timezone.now() - timedelta(days=8))
    assert member_tasks.is_due()

    member_tasks.work("north")

    assert not MemberTask.objects.filter(pk=task.pk).exists()


def test_a_room_that_one_may_not_see_now_has_no_name_in_the_file(
    alice: Member, bob: Member
) -> None:
    room = room_actions.create(actor=Actor(bob), name="Secret garden", kind="private")
    memberships.add(room, [alice.pk])
    say(room, alice, "mine")
    memberships.remove(room, alice.pk)
    data_requests.ask_download(member=alice)

    member_tasks.work("north")

    file = file_of(alice)
    everything = b"".join(file.read(name) for name in file.namelist())
    assert b"mine" in everything
    assert b"Secret garden" not in everything


# --- The deletion -----------------------------------------------------------------------------


def delete(member: Member, **choices: bool) -> MemberTask:
    """A guest's deletion, which begins at once."""
    return data_requests.ask_deletion(
        member=member, device=0, typed=member.name, choices=Choices(**choices)
    )


@pytest.mark.parametrize("stops", [1, 2, 4])
@pytest.mark.parametrize("keeps_name", [True, False])
@pytest.mark.parametrize("keeps_texts", [True, False])
def test_a_deletion_that_is_interrupted_again_and_again_ends_as_it_was_chosen(
    garden: Room,
    alice: Member,
    bob: Member,
    monkeypatch: pytest.MonkeyPatch,
    keeps_name: bool,
    keeps_texts: bool,
    stops: int,
) -> None:
    monkeypatch.setattr(erasure, "BATCH", 2)
    monkeypatch.setattr(erasure, "WINDOW", 4)
    name = alice.name
    for number in range(5):
        say(garden, alice, f"a secret {number}")
    say(garden, bob, "his")
    commit.commit_operation(garden, react(alice, 6))
    task = delete(alice, keeps_name=keeps_name, keeps_texts=keeps_texts)

    while task.finished_at is None:
        member_tasks.work("a node", stop_after(stops))
        task.refresh_from_db()

    said = Message.objects.filter(author=alice).order_by("seq")
    assert [message.seq for message in said] == [1, 2, 3, 4, 5]
    shown = name if keeps_name else "Deleted member"
    assert {message.author_name for message in said} == {shown}
    assert Member.objects.get(pk=alice.pk).name == shown
    everything = str([*Message.objects.values(), *Change.objects.values()])
    assert ("secret" in everything) is keeps_texts
    if not keeps_name:
        assert f"'{name}'" not in everything
    assert task.done == (task.total if not (keeps_name and keeps_texts) else 0)
    assert log_integrity.inspect(garden).fault_count == 0
    assert not Member.objects.live().filter(pk=alice.pk).exists()
    assert AuditEntry.objects.filter(action="erased", member=alice).count() == 1


def test_the_name_is_typed_first(alice: Member) -> None:
    with pytest.raises(InvalidText, match="Type your name"):
        data_requests.ask_deletion(member=alice, device=0, typed="yes", choices=Choices())

    assert not MemberTask.objects.exists()


def test_the_only_owner_of_a_room_is_told_what_to_do_first(alice: Member, bob: Member) -> None:
    room = room_actions.create(actor=Actor(alice), name="Orchard", kind="private")
    memberships.add(room, [bob.pk])
    alice.refresh_from_db()

    with pytest.raises(Forbidden, match="only owner of Orchard"):
        delete(alice)

    memberships.change(room, bob.pk, role=Membership.Role.OWNER)
    delete(alice)
    member_tasks.work("north")
    assert Room.objects.get(pk=room.pk).kind == Room.Kind.PRIVATE


def test_the_only_owner_of_the_site_is_told_what_to_do_first(alice: Member, bob: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(office="owner")
    alice.refresh_from_db()

    with pytest.raises(Forbidden, match="only owner of this site"):
        delete(alice)

    Member.objects.filter(pk=bob.pk).update(office="owner")
    delete(alice)


def test_a_deletion_waits_if_the_other_owner_goes_meanwhile(alice: Member, bob: Member) -> None:
    room = room_actions.create(actor=Actor(alice), name="Orchard", kind="private")
    memberships.add(room, [bob.pk], Membership.Role.OWNER)
    task = delete(alice)
    memberships.change(room, bob.pk, role=Membership.Role.MEMBER)

    member_tasks.work("north")

    task.refresh_from_db()
    assert task.cursor is None
    assert "Orchard" in task.problem
    assert task.due_at > timezone.now()
    assert Member.objects.live().filter(pk=alice.pk).exists()


def test_a_private_room_in_which_nobody_else_is_goes_too(alice: Member) -> None:
    room = room_actions.create(actor=Actor(alice), name="Diary", kind="private")
    say(room, alice, "dear diary")
    delete(alice, keeps_texts=True)

    member_tasks.work("north")

    assert Room.objects.get(pk=room.pk).kind == Room.Kind.DELETED
    assert not Message.objects.filter(room=room, body__contains="diary").exists()


def test_a_direct_conversation_stays_with_the_other_one_and_is_closed(
    alice: Member, bob: Member
) -> None:
    room = direct_rooms.open_for(alice, [bob.pk])
    say(room, alice, "hello Bob")
    delete(alice)

    member_tasks.work("north")

    lists = room_list.load([bob.pk])
    entry = room_list.entry(lists.rooms[room.pk], lists.joined[bob.pk][room.pk], None)
    assert entry.name == "Deleted member"
    assert entry.archived


def test_a_deletion_can_be_called_off_until_it_begins(alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(kind=Member.Kind.ACCOUNT)
    alice.refresh_from_db()
    task = data_requests.ask_deletion(member=alice, device=0, typed=alice.name, choices=Choices())
    assert task.due_at > timezone.now() + timedelta(days=6)
    assert not member_tasks.is_due()

    data_requests.call_off(member=alice)

    assert not MemberTask.objects.exists()
    assert AuditEntry.objects.filter(action="deletion_undone", actor=alice).exists()


def test_nothing_signs_in_after_a_deletion(alice: Member) -> None:
    Device.objects.create(member=alice, label="Firefox")
    delete(alice)

    member_tasks.work("north")

    assert not Device.objects.filter(member=alice).exists()
    assert Member.objects.get(pk=alice.pk).session != alice.session
