"""The moderator's admin: everything can be found, nothing is counted, nothing is erased."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat import bus
from chat.accounts.models import Member
from chat.accounts.users import User
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation.models import AuditEntry
from chat.moderation.room_rules import open_room
from chat.rooms.models import Membership, Room, RoomHead

MESSAGES = "/admin/chat/message/"


@pytest.fixture
def staff(db: None) -> Client:
    """The browser of a superuser."""
    client = Client()
    client.force_login(User.objects.create_superuser("morgan"))
    return client


@pytest.fixture
def garden(db: None) -> Room:
    return open_room(key="garden", name="Garden")


def say(room: Room, member: Member, *bodies: str) -> list[Message]:
    said = Message.objects.in_room(room.pk).count()
    posts = [
        commit.Post(member.pk, f"{room.key}-{said + place}", body)
        for place, body in enumerate(bodies)
    ]
    seqs = [commit.commit_operation(room, post).seq for post in posts]
    return list(Message.objects.in_room(room.pk).filter(seq__in=seqs).order_by("seq"))


def bodies_found(staff: Client, **query: str | int) -> set[str]:
    response = staff.get(MESSAGES, query)
    assert response.status_code == HTTPStatus.OK
    return {message.body for message in response.context["cl"].result_list}


@pytest.mark.parametrize("name", ["room", "member", "message", "change"])
def test_every_table_can_be_browsed_and_opened(
    staff: Client, lobby: Room, alice: Member, name: str
) -> None:
    [message] = say(lobby, alice, "Good morning")
    commit.commit_operation(lobby, commit.Edit(alice.pk, message.seq, "Good evening"))

    response = staff.get(f"/admin/chat/{name}/")

    [row] = response.context["cl"].result_list
    opened = staff.get(f"/admin/chat/{name}/{row.pk}/change/")
    assert (response.status_code, opened.status_code) == (HTTPStatus.OK, HTTPStatus.OK)


@pytest.mark.parametrize("name", ["room", "member", "message", "change"])
def test_no_table_is_counted(staff: Client, lobby: Room, alice: Member, name: str) -> None:
    say(lobby, alice, "Good morning")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        staff.get(f"/admin/chat/{name}/")
        staff.get(f"/admin/chat/{name}/", {"q": "a", "_facets": "True", "all": ""})

    rows = [query["sql"] for query in queries if f'FROM "chat_{name}"' in query["sql"]]
    assert rows
    assert not [sql for sql in rows if "COUNT(" in sql]


def page_of(staff: Client, link: str | None) -> Any:
    assert link is not None
    return staff.get(MESSAGES + link).context["cl"]


@pytest.mark.parametrize("within", ["", "?room__id__exact={}"])
def test_pages_lead_from_end_to_end_and_back(
    staff: Client, lobby: Room, alice: Member, within: str
) -> None:
    say(lobby, alice, *(f"line {number}" for number in range(1, 121)))

    first = page_of(staff, within.format(lobby.pk) or "?")
    second = page_of(staff, first.older)
    third = page_of(staff, second.older)
    back = page_of(staff, third.newer)

    seqs = [[message.seq for message in page.result_list] for page in (first, second, third, back)]
    assert seqs[:3] == [[*range(120, 70, -1)], [*range(70, 20, -1)], [*range(20, 0, -1)]]
    assert seqs[3] == seqs[1]
    assert (first.newer, third.older) == (None, None)
    assert [m.seq for m in page_of(staff, back.newer).result_list] == seqs[0]
    assert page_of(staff, page_of(staff, back.newer).newer or "?before=1").result_count in {0, 50}


@pytest.mark.parametrize("place", ["0", "-1", "x", "9" * 20, "9" * 5000, "²", ""])
@pytest.mark.parametrize("name", ["before", "after", "p"])
def test_a_place_that_cannot_be_is_no_error(
    staff: Client, lobby: Room, alice: Member, name: str, place: str
) -> None:
    say(lobby, alice, "Good morning")

    response = staff.get(MESSAGES, {name: place}, follow=True)

    assert response.status_code == HTTPStatus.OK


def test_messages_are_neither_written_nor_changed_here(
    staff: Client, lobby: Room, alice: Member
) -> None:
    [message] = say(lobby, alice, "Good morning")

    added = staff.get(f"{MESSAGES}add/")
    changed = staff.post(f"{MESSAGES}{message.pk}/change/", {"body": "Good evening"})

    message.refresh_from_db()
    assert (added.status_code, changed.status_code) == (HTTPStatus.FORBIDDEN, HTTPStatus.FORBIDDEN)
    assert message.body == "Good morning"


def act(staff: Client, table: str, action: str, *rows: Any, reason: str = "") -> None:
    """Use an action of the list on these rows."""
    form = {"action": action, "reason": reason, "_selected_action": [row.pk for row in rows]}
    response = staff.post(f"/admin/chat/{table}/", form)
    assert response.status_code == HTTPStatus.FOUND


def test_deleting_a_message_leaves_a_tombstone_and_a_line_in_the_record(
    staff: Client, lobby: Room, alice: Member
) -> None:
    [message] = say(lobby, alice, "Something rude")

    act(staff, "message", "delete_reversibly", message, reason="Rude")

    message.refresh_from_db()
    assert (message.body, message.deleted_at is not None) == ("", True)
    assert (message.seq, message.updated_seq) == (1, 2)
    assert Change.objects.get().replaced == {"body": "Something rude", "reactions": None}
    entry = AuditEntry.objects.get()
    assert (str(entry.staff), entry.action, entry.reason) == ("morgan", "deleted", "Rude")

    act(staff, "message", "restore", message)

    message.refresh_from_db()
    assert (message.body, message.deleted_at) == ("Something rude", None)


def test_deleting_many_tells_those_who_have_the_room_open(
    staff: Client,
    lobby: Room,
    garden: Room,
    alice: Member,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    rude = [*say(lobby, alice, "rude", "ruder"), *say(garden, alice, "rudest")]
    [kind] = say(lobby, alice, "kind")
    announced: list[bus.BusMessage] = []
    monkeypatch.setattr(bus, "publish", announced.append)

    with django_capture_on_commit_callbacks(execute=True):
        act(staff, "message", "delete_reversibly", *rude)

    assert Message.objects.count() == 4
    assert list(Message.objects.filter(deleted_at=None)) == [kind]
    batches = [hint for hint in announced if isinstance(hint, bus.Batch)]
    assert sorted(batch.room for batch in batches) == ["garden", "lobby", "lobby"]


def test_deleting_twice_takes_one_number(staff: Client, lobby: Room, alice: Member) -> None:
    [message] = say(lobby, alice, "rude")

    for _ in range(2):
        act(staff, "message", "delete_reversibly", message)

    assert Change.objects.count() == 1


def test_whoever_may_only_look_is_offered_no_powers(
    lobby: Room, alice: Member, garden: Room
) -> None:
    [message] = say(lobby, alice, "Good morning")
    looker = User.objects.create_user("lucy", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    lucy = Client()
    lucy.force_login(looker)

    page = lucy.get(MESSAGES)
    offered = dict(page.context["cl"].model_admin.get_action_choices(page.wsgi_request))
    lucy.post(MESSAGES, {"action": "delete_reversibly", "_selected_action": [message.pk]})

    assert "delete_reversibly" not in offered
    assert "export_csv" in offered
    message.refresh_from_db()
    assert message.body == "Good morning"


@pytest.mark.parametrize("name", ["room", "member", "message", "change"])
def test_nothing_is_ever_erased(staff: Client, lobby: Room, alice: Member, name: str) -> None:
    [message] = say(lobby, alice, "Good morning")
    commit.commit_operation(lobby, commit.Delete(alice.pk, message.seq))
    [row] = staff.get(f"/admin/chat/{name}/").context["cl"].result_list

    response = staff.post(f"/admin/chat/{name}/{row.pk}/delete/", {"post": "yes"})

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert type(row).objects.filter(pk=row.pk).exists()


def test_messages_are_found_by_room_author_and_address(
    staff: Client, lobby: Room, garden: Room, alice: Member, mallory: Member
) -> None:
    say(lobby, alice, "lobby 1")
    say(lobby, mallory, "lobby 2")
    say(garden, alice, "garden 1")

    assert bodies_found(staff) == {"lobby 1", "lobby 2", "garden 1"}
    assert bodies_found(staff, q="lobby") == {"lobby 1", "lobby 2"}
    assert bodies_found(staff, q="ali") == {"lobby 1", "garden 1"}
    assert bodies_found(staff, q="lobby/2") == {"lobby 2"}
    assert bodies_found(staff, q="lobby/99999999999999999999") == set()


def test_text_is_searched_within_a_room_or_an_author_only(
    staff: Client, lobby: Room, garden: Room, alice: Member, mallory: Member
) -> None:
    say(lobby, alice, "red apples", "pears")
    say(garden, mallory, "green apples")

    assert bodies_found(staff, q="apples") == set()
    assert bodies_found(staff, q="APPLES", room__id__exact=lobby.pk) == {"red apples"}
    assert bodies_found(staff, q="apples", author__id__exact=mallory.pk) == {"green apples"}
    assert bodies_found(staff, q="2", room__id__exact=lobby.pk) == {"pears"}


def test_a_hostile_body_is_text_in_the_list(staff: Client, lobby: Room, alice: Member) -> None:
    say(lobby, alice, "<script>alert(1)</script>")

    assert "<script>alert" not in staff.get(MESSAGES).content.decode()


# What the form of a room sends.
FORM: dict[str, Any] = {
    "name": "Garden",
    "topic": "",
    "kind": "public",
    "inviters": "members",
    "slow_seconds": 0,
}
NO_MEMBERS: dict[str, Any] = {
    "memberships-TOTAL_FORMS": 0,
    "memberships-INITIAL_FORMS": 0,
}


def member_row(number: int, member: Member, role: str, **more: Any) -> dict[str, Any]:
    row = {"member": member.pk, "role": role} | more
    return {f"memberships-{number}-{name}": value for name, value in row.items()}


def test_the_topic_and_who_invites_are_set_in_the_form(staff: Client, garden: Room) -> None:
    page = f"/admin/chat/room/{garden.pk}/change/"

    staff.post(page, FORM | {"topic": "Bees", "inviters": "moderators"} | NO_MEMBERS)

    garden.refresh_from_db()
    assert (garden.topic, garden.inviters) == ("Bees", "moderators")
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["room_changed"]


def test_members_are_added_appointed_and_removed_in_the_form(
    staff: Client, garden: Room, alice: Member, mallory: Member
) -> None:
    page = f"/admin/chat/room/{garden.pk}/change/"
    one = NO_MEMBERS | {"memberships-TOTAL_FORMS": 1}
    staff.post(page, FORM | one | member_row(0, alice, "moderator"))
    [known] = Membership.objects.filter(room=garden)
    assert (known.member, known.role) == (alice, "moderator")

    two = {"memberships-TOTAL_FORMS": 2, "memberships-INITIAL_FORMS": 1}
    there: dict[str, Any] = {"id": known.pk, "room": garden.pk}
    rows = member_row(0, alice, "owner", **there) | member_row(1, mallory, "member")
    staff.post(page, FORM | two | rows)
    roles = Membership.objects.filter(room=garden).order_by("member")
    assert [*roles.values_list("member", "role")] == [(alice.pk, "owner"), (mallory.pk, "member")]

    gone = roles.get(member=mallory)
    only = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1}
    there = {"id": gone.pk, "room": garden.pk, "DELETE": "on"}
    staff.post(page, FORM | only | member_row(0, mallory, "member", **there))
    assert [*roles.values_list("member", flat=True)] == [alice.pk]
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        *("member_added", "appointed", "appointed", "member_added", "member_removed"),
    ]


def test_a_room_is_archived_and_restored_in_the_list(staff: Client, garden: Room) -> None:
    for action, archived in (("archive", True), ("restore", False)):
        staff.post("/admin/chat/room/", {"action": action, "_selected_action": [garden.pk]})
        garden.refresh_from_db()
        assert garden.is_archived is archived


def test_what_a_service_refuses_is_said_and_changes_nothing(staff: Client, lobby: Room) -> None:
    page = f"/admin/chat/room/{lobby.pk}/change/"

    said = staff.post(page, FORM | {"name": "Hall", "kind": "private"} | NO_MEMBERS, follow=True)

    lobby.refresh_from_db()
    assert (lobby.name, lobby.kind) == ("Lobby", "public")
    assert "The lobby stays as it is" in said.content.decode()


def test_a_room_is_opened_with_its_log(staff: Client, db: None) -> None:
    staff.post(
        "/admin/chat/room/add/",
        FORM | {"key": "garden"},
    )

    garden = Room.objects.get(key="garden")
    assert RoomHead.objects.get(room=garden).head == 0


def test_a_room_keeps_its_key_when_it_is_renamed(staff: Client, garden: Room) -> None:
    page = f"/admin/chat/room/{garden.pk}/change/"

    staff.post(page, FORM | {"key": "jungle", "name": "Jungle", "slow_seconds": 5} | NO_MEMBERS)

    garden.refresh_from_db()
    assert (garden.key, garden.name, garden.slow_seconds) == ("garden", "Jungle", 5)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["room_changed", "ruled"]


def test_a_member_is_signed_out_everywhere(staff: Client, alice: Member, mallory: Member) -> None:
    before = alice.session, mallory.session

    staff.post("/admin/chat/member/", {"action": "sign_out", "_selected_action": [mallory.pk]})

    alice.refresh_from_db()
    mallory.refresh_from_db()
    assert (alice.session, mallory.session) == (before[0], before[1] + 1)
