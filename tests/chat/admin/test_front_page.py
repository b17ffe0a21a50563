"""The operators' front page: reports, members, timelines, exports, and what is going on."""

import csv
import io
import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.test import AsyncClient, Client
from django.utils import timezone

from chat.accounts.models import Member
from chat.accounts.users import User
from chat.admin import streamed_exports
from chat.maintenance import node_status
from chat.maintenance.models import NodeBeat
from chat.messages import activity_stats, admin_history, commit
from chat.messages.models import Message
from chat.moderation import message_moderation, moderation_state, reports
from chat.moderation.authorization import SYSTEM
from chat.moderation.models import AuditEntry
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room

from ..messages import logs
from .test_admin import act, say, staff

garden, bob = logs.garden, logs.bob
__all__ = ["staff"]


# --- Reports and members ----------------------------------------------------------------------


def waiting(staff: Client, **query: str) -> list[int]:
    listed = staff.get("/admin/chat/report/", query).context["cl"].result_list
    return [report.seq for report in listed]


def test_the_queue_is_what_waits(
    staff: Client, lobby: Room, alice: Member, mallory: Member
) -> None:
    say(lobby, mallory, "rude", "ruder", "rudest")
    filed = [reports.report(member=alice, room=lobby, seq=seq, reason="Rude") for seq in (1, 2, 3)]
    assert sorted(waiting(staff)) == [1, 2, 3]

    act(staff, "report", "delete_messages", filed[0])
    act(staff, "report", "dismiss", filed[1], reason="Harmless")

    assert waiting(staff) == [3]
    assert sorted(waiting(staff, state="closed")) == [1, 2]
    assert Message.objects.get(seq=1).deleted_at is not None
    assert Message.objects.get(seq=2).deleted_at is None


def test_the_author_of_two_reported_messages_is_banned_once(
    staff: Client, lobby: Room, alice: Member, mallory: Member
) -> None:
    say(lobby, mallory, "rude", "ruder")
    filed = [reports.report(member=alice, room=lobby, seq=seq, reason="Rude") for seq in (1, 2)]

    act(staff, "report", "mute_authors", *filed)
    act(staff, "report", "ban_authors", *filed, reason="Rude twice")

    actions = AuditEntry.objects.order_by("pk").values_list("action", "reason")
    assert list(actions) == [("muted", ""), ("banned", "Rude twice")]


@pytest.mark.parametrize(
    ("action", "recorded"),
    [
        ("mute_for_an_hour", ["muted"]),
        ("mute_for_a_day", ["muted"]),
        ("unmute", []),
        ("ban_for_a_day", ["banned"]),
        ("ban_for_good", ["banned"]),
        ("ban_with_network", ["banned"]),
        ("unban", []),
        ("sign_out", ["signed_out"]),
        ("make_moderator", ["appointed"]),
        ("make_owner", ["appointed"]),
        ("dismiss", []),
    ],
)
def test_what_is_done_to_a_member_is_recorded_with_who_did_it(
    staff: Client, mallory: Member, action: str, recorded: list[str]
) -> None:
    act(staff, "member", action, mallory, reason="Because")

    entries = AuditEntry.objects.filter(member=mallory, staff__username="morgan", reason="Because")
    assert [entry.action for entry in entries] == recorded


def test_bans_are_lifted_and_members_found_by_what_is_the_matter(
    staff: Client, alice: Member, mallory: Member, bob: Member
) -> None:
    act(staff, "member", "ban_for_good", mallory)
    act(staff, "member", "mute_for_a_day", bob)
    act(staff, "member", "make_owner", alice)

    def found(standing: str) -> list[str]:
        listed = staff.get("/admin/chat/member/", {"standing": standing}).context["cl"]
        return [member.name for member in listed.result_list]

    assert [found(what) for what in ("office", "muted", "banned")] == [
        ["Alice"], ["Bob"], ["Mallory"],
    ]  # fmt: skip
    [ban] = staff.get("/admin/chat/ban/").context["cl"].result_list
    act(staff, "ban", "lift", ban)
    assert (found("banned"), moderation_state.load().banned) == ([], {})


def test_members_are_found_by_the_beginning_of_a_name_that_looks_like_it(
    staff: Client, alice: Member, mallory: Member
) -> None:
    def found(beginning: str) -> list[str]:
        listed = staff.get("/admin/chat/member/", {"q": beginning}).context["cl"].result_list
        return [member.name for member in listed]

    assert found("ALI") == found("аli") == ["Alice"]  # noqa: RUF001 - a Cyrillic a
    assert found("lice") == []


@pytest.mark.parametrize("table", ["report", "ban", "auditentry", "invitation"])
def test_the_record_is_read_and_never_written(
    staff: Client, lobby: Room, alice: Member, mallory: Member, table: str
) -> None:
    say(lobby, mallory, "rude")
    reports.report(member=alice, room=lobby, seq=1, reason="Rude")
    act(staff, "member", "ban_for_a_day", mallory)
    call_command("invite_owner", stdout=io.StringIO(), stderr=io.StringIO())
    row = staff.get(f"/admin/chat/{table}/").context["cl"].result_list[0]
    opened = f"/admin/chat/{table}/{row.pk}/"

    assert staff.get(f"{opened}change/").status_code == HTTPStatus.OK
    assert staff.get(f"/admin/chat/{table}/add/").status_code == HTTPStatus.FORBIDDEN
    assert staff.post(f"{opened}change/", {}).status_code == HTTPStatus.FORBIDDEN
    assert staff.post(f"{opened}delete/", {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN


# --- A room's timeline ------------------------------------------------------------------------


def test_a_timeline_shows_a_message_in_its_place_and_what_was_taken_down(
    staff: Client, garden: Room, alice: Member
) -> None:
    say(garden, alice, *(f"line {number}" for number in range(1, 201)))
    message_moderation.delete(actor=SYSTEM, room=garden, seq=100, reason="Rude")
    commit.commit_operation(garden, commit.Delete(alice.pk, 101))
    page = staff.get(f"/admin/chat/room/{garden.pk}/timeline/", {"at": 100})

    shown = [line.message.seq for line in page.context["page"].lines]
    text = page.content.decode()
    assert shown == [*range(60, 141)]
    assert "<del>line 100</del>" in text
    assert "line 101" not in text
    assert (page.context["page"].older, page.context["page"].newer) == (60, 140)


def test_what_was_restored_and_then_deleted_by_its_author_is_gone(
    garden: Room, alice: Member
) -> None:
    say(garden, alice, "Oh no")
    message_moderation.delete(actor=SYSTEM, room=garden, seq=1)
    message_moderation.restore(actor=SYSTEM, room=garden, seq=1)
    commit.commit_operation(garden, commit.Delete(alice.pk, 1))

    assert admin_history.around(garden, 1).lines[0].hidden_text is None


@pytest.mark.parametrize("place", ["?at=0", "?at=99999999999999999999", "?at=x", "?when=x", ""])
def test_any_place_of_a_timeline_can_be_asked_for(
    staff: Client, garden: Room, alice: Member, place: str
) -> None:
    say(garden, alice, "one", "two")

    page = staff.get(f"/admin/chat/room/{garden.pk}/timeline/{place}")

    assert page.status_code == HTTPStatus.OK
    assert "two" in page.content.decode()


def test_a_time_leads_to_what_was_said_then(garden: Room, alice: Member) -> None:
    say(garden, alice, *(f"line {number}" for number in range(1, 51)))
    commit.commit_batch(garden, [commit.Edit(alice.pk, seq, "edited") for seq in range(1, 21)])
    say(garden, alice, *(f"later {number}" for number in range(1, 11)))
    began = timezone.now() - timedelta(days=1)
    for message in Message.objects.in_room(garden.pk):
        message.created_at = began + timedelta(minutes=message.seq)
        message.save()

    def said_at(minutes: float) -> int:
        return admin_history.seq_at(garden, began + timedelta(minutes=minutes))

    assert [said_at(-5), said_at(1), said_at(1.5), said_at(50)] == [1, 1, 2, 50]
    # 51…70 are edits: the first message after the fiftieth is the seventy-first.
    assert Message.objects.filter(seq__gte=said_at(50.5)).order_by("seq")[0].seq == 71
    assert said_at(1000) > 80


# --- Exports ----------------------------------------------------------------------------------


@pytest.fixture
def exporter(db: None) -> AsyncClient:
    client = AsyncClient()
    client.force_login(User.objects.create_superuser("erin"))
    return client


async def streamed(response: Any) -> str:
    assert response.status_code == HTTPStatus.OK
    return b"".join([part async for part in response.streaming_content]).decode()


@pytest.mark.django_db(transaction=True)
async def test_the_selection_is_exported(
    exporter: AsyncClient, garden: Room, alice: Member
) -> None:
    said = await sync_to_async(say)(garden, alice, "=1+1", "plain, with a comma", "ünïcode")
    form = {"_selected_action": [said[0].pk, said[1].pk]}

    as_csv = await exporter.post("/admin/chat/message/", form | {"action": "export_csv"})
    as_json = await exporter.post("/admin/chat/message/", form | {"action": "export_json_lines"})

    rows = list(csv.DictReader(io.StringIO(await streamed(as_csv))))
    assert [row["body"] for row in rows] == ["plain, with a comma", "'=1+1"]
    lines = [json.loads(line) for line in (await streamed(as_json)).splitlines()]
    assert [line["body"] for line in lines] == ["plain, with a comma", "=1+1"]
    assert (lines[0]["room__key"], lines[0]["author_name"]) == ("garden", "Alice")
    assert [e.action async for e in AuditEntry.objects.all()] == ["exported", "exported"]


@pytest.mark.django_db(transaction=True)
async def test_all_that_the_filters_find_is_exported_in_chunks(
    exporter: AsyncClient, garden: Room, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    cellar = await sync_to_async(open_room)(key="cellar", name="Cellar")
    await sync_to_async(say)(cellar, alice, "in the cellar")
    await sync_to_async(say)(garden, alice, *(f"line {number}" for number in range(1, 8)))
    monkeypatch.setattr(streamed_exports, "CHUNK", 3)

    response = await exporter.get(
        "/admin/chat/message/export/jsonl/", {"room__id__exact": garden.pk}
    )

    lines = [json.loads(line) for line in (await streamed(response)).splitlines()]
    assert [line["seq"] for line in lines] == [7, 6, 5, 4, 3, 2, 1]


# --- What is going on -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_was_said_is_counted_by_hour_and_day(garden: Room, alice: Member) -> None:
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    moments = [
        now - timedelta(days=100),
        *[hour - timedelta(days=2, hours=3)] * 4,
        hour - timedelta(hours=1),
        *[hour - timedelta(hours=1) + timedelta(minutes=30)] * 2,
        *[now] * 3,
    ]
    said = say(garden, alice, *(f"line {number}" for number in range(len(moments))))
    for message, moment in zip(said, moments, strict=True):
        message.created_at = moment
        message.save()

    activity = activity_stats.messages()

    assert [bar.count for bar in activity.hours[-2:]] == [3, 3]
    assert sum(bar.count for bar in activity.hours) == 6
    assert sum(bar.count for bar in activity.days) == 10
    assert activity.hours[-1].since == hour


@pytest.mark.django_db
def test_an_empty_house_has_figures_too() -> None:
    activity = activity_stats.messages()

    assert {bar.count for bar in (*activity.hours, *activity.days)} == {0}


def test_the_front_page_says_what_is_going_on(
    staff: Client, lobby: Room, alice: Member, mallory: Member
) -> None:
    say(lobby, mallory, "rude")
    reports.report(member=alice, room=lobby, seq=1, reason="Rude")
    node_status.beat(NodeBeat(node="web-1.aa", connections=17, rooms=3))
    node_status.beat(NodeBeat(node="web-1.aa", connections=18, rooms=3))
    node_status.beat(NodeBeat(node="web-2.bb", connections=5))
    NodeBeat.objects.filter(node="web-2.bb").update(at=timezone.now() - timedelta(minutes=5))

    page = staff.get("/admin/")

    text = " ".join(page.content.decode().split())
    assert page.context["connections"] == 18
    assert "<strong>1</strong> report waiting" in text
    assert ("web-1.aa" in text, "web-2.bb" in text) == (True, True)
    assert text.count("<svg") >= 3
    assert "style=" not in text.partition('class="desk"')[2].partition("</section>")[0]


def test_nodes_that_are_long_gone_are_forgotten(db: None) -> None:
    node_status.beat(NodeBeat(node="old"))
    NodeBeat.objects.update(at=timezone.now() - timedelta(days=2))

    node_status.beat(NodeBeat(node="new"))

    assert [beat.node for beat, _ in node_status.all_beats()] == ["new"]


def test_a_killed_node_is_missed_until_another_has_its_name(db: None) -> None:
    node_status.beat(NodeBeat(node="web-1.aa"))
    node_status.beat(NodeBeat(node="web-1.bb", started_at=timezone.now() - timedelta(hours=1)))
    node_status.beat(NodeBeat(node="web-2.cc"))
    NodeBeat.objects.exclude(node="web-1.bb").update(at=timezone.now() - timedelta(minutes=5))
    missed = [beat.node for beat, is_there in node_status.all_beats() if not is_there]

    node_status.beat(NodeBeat(node="web-2.dd"))

    # web-1.bb was there already when web-1.aa fell silent: two of one name, one of them missed.
    assert missed == ["web-1.aa", "web-2.cc"]
    assert [beat.node for beat, _ in node_status.all_beats()] == [
        "web-1.aa",
        "web-1.bb",
        "web-2.dd",
    ]
