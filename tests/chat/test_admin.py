"""The moderator's desk: everything can be found, nothing is counted, nothing is erased."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat import bus
from chat.models import Change, Member, Message, Room, RoomHead
from chat.services import log
from chat.services.rooms import open_room

MESSAGES = "/admin/chat/message/"


@pytest.fixture
def desk(db: None) -> Client:
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
        log.Post(member.pk, member.name, f"{room.key}-{said + place}", body)
        for place, body in enumerate(bodies)
    ]
    seqs = [log.commit_one(room, post).seq for post in posts]
    return list(Message.objects.in_room(room.pk).filter(seq__in=seqs).order_by("seq"))


def bodies_found(desk: Client, **query: str | int) -> set[str]:
    response = desk.get(MESSAGES, query)
    assert response.status_code == HTTPStatus.OK
    return {message.body for message in response.context["cl"].result_list}


@pytest.mark.parametrize("name", ["room", "member", "message", "change"])
def test_every_table_can_be_browsed_and_opened(
    desk: Client, lobby: Room, alice: Member, name: str
) -> None:
    [message] = say(lobby, alice, "Good morning")
    log.commit_one(lobby, log.Edit(alice.pk, message.seq, "Good evening"))

    response = desk.get(f"/admin/chat/{name}/")

    [row] = response.context["cl"].result_list
    opened = desk.get(f"/admin/chat/{name}/{row.pk}/change/")
    assert (response.status_code, opened.status_code) == (HTTPStatus.OK, HTTPStatus.OK)


@pytest.mark.parametrize("name", ["room", "member", "message", "change"])
def test_no_table_is_counted(desk: Client, lobby: Room, alice: Member, name: str) -> None:
    say(lobby, alice, "Good morning")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        desk.get(f"/admin/chat/{name}/")
        desk.get(f"/admin/chat/{name}/", {"q": "a", "_facets": "True", "all": ""})

    rows = [query["sql"] for query in queries if f'FROM "chat_{name}"' in query["sql"]]
    assert rows
    assert not [sql for sql in rows if "COUNT(" in sql]


def test_a_page_knows_of_the_next_one_only(desk: Client, lobby: Room, alice: Member) -> None:
    say(lobby, alice, *(f"line {number}" for number in range(120)))

    first, second, third = (desk.get(MESSAGES, {"p": page}) for page in (1, 2, 3))

    assert [len(page.context["cl"].result_list) for page in (first, second, third)] == [50, 50, 20]
    assert [page.context["cl"].paginator.num_pages for page in (first, second, third)] == [2, 3, 3]
    assert 'href="?p=2"' in first.content.decode()
    assert 'href="?p=3"' not in first.content.decode()
    assert "51" not in first.content.decode().partition('class="paginator"')[2][:400]


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "²"])
def test_a_page_that_cannot_be_is_no_error(
    desk: Client, lobby: Room, alice: Member, page: str
) -> None:
    say(lobby, alice, "Good morning")

    response = desk.get(MESSAGES, {"p": page}, follow=True)

    assert response.status_code == HTTPStatus.OK


def test_messages_are_neither_written_nor_changed_here(
    desk: Client, lobby: Room, alice: Member
) -> None:
    [message] = say(lobby, alice, "Good morning")

    added = desk.get(f"{MESSAGES}add/")
    changed = desk.post(f"{MESSAGES}{message.pk}/change/", {"body": "Good evening"})

    message.refresh_from_db()
    assert (added.status_code, changed.status_code) == (HTTPStatus.FORBIDDEN, HTTPStatus.FORBIDDEN)
    assert message.body == "Good morning"


def test_deleting_a_message_leaves_a_tombstone(desk: Client, lobby: Room, alice: Member) -> None:
    [message] = say(lobby, alice, "Something rude")
    page = f"{MESSAGES}{message.pk}/delete/"
    assert desk.get(page).status_code == HTTPStatus.OK

    response = desk.post(page, {"post": "yes"})

    message.refresh_from_db()
    assert response.status_code == HTTPStatus.FOUND
    assert (message.body, message.deleted_at is not None) == ("", True)
    assert (message.seq, message.updated_seq) == (1, 2)
    assert Change.objects.get().replaced == {"body": "Something rude", "reactions": None}
    assert LogEntry.objects.get().user.username == "morgan"


def test_deleting_many_tells_those_who_have_the_room_open(
    desk: Client,
    lobby: Room,
    garden: Room,
    alice: Member,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    rude = [*say(lobby, alice, "rude", "ruder"), *say(garden, alice, "rudest")]
    [kind] = say(lobby, alice, "kind")
    announced: list[bus.Hint] = []
    monkeypatch.setattr(bus, "announce", announced.append)
    selection = {"action": "delete_selected", "_selected_action": [m.pk for m in rude]}
    assert desk.post(MESSAGES, selection).status_code == HTTPStatus.OK
    assert not Change.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(MESSAGES, {**selection, "post": "yes"})

    assert Message.objects.count() == 4
    assert list(Message.objects.filter(deleted_at=None)) == [kind]
    batches = [hint for hint in announced if isinstance(hint, bus.Batch)]
    assert sorted(batch.room for batch in batches) == ["garden", "lobby", "lobby"]


def test_deleting_twice_takes_one_number(desk: Client, lobby: Room, alice: Member) -> None:
    [message] = say(lobby, alice, "rude")

    for _ in range(2):
        desk.post(f"{MESSAGES}{message.pk}/delete/", {"post": "yes"})

    assert Change.objects.count() == 1


@pytest.mark.parametrize("name", ["room", "member", "change"])
def test_nothing_else_can_be_deleted(desk: Client, lobby: Room, alice: Member, name: str) -> None:
    [message] = say(lobby, alice, "Good morning")
    log.commit_one(lobby, log.Delete(alice.pk, message.seq))
    [row] = desk.get(f"/admin/chat/{name}/").context["cl"].result_list

    response = desk.post(f"/admin/chat/{name}/{row.pk}/delete/", {"post": "yes"})

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert type(row).objects.filter(pk=row.pk).exists()


def test_messages_are_found_by_room_author_and_address(
    desk: Client, lobby: Room, garden: Room, alice: Member, mallory: Member
) -> None:
    say(lobby, alice, "lobby 1")
    say(lobby, mallory, "lobby 2")
    say(garden, alice, "garden 1")

    assert bodies_found(desk) == {"lobby 1", "lobby 2", "garden 1"}
    assert bodies_found(desk, q="lobby") == {"lobby 1", "lobby 2"}
    assert bodies_found(desk, q="ali") == {"lobby 1", "garden 1"}
    assert bodies_found(desk, q="lobby/2") == {"lobby 2"}
    assert bodies_found(desk, q="lobby/99999999999999999999") == set()


def test_text_is_searched_within_a_room_or_an_author_only(
    desk: Client, lobby: Room, garden: Room, alice: Member, mallory: Member
) -> None:
    say(lobby, alice, "red apples", "pears")
    say(garden, mallory, "green apples")

    assert bodies_found(desk, q="apples") == set()
    assert bodies_found(desk, q="APPLES", room__id__exact=lobby.pk) == {"red apples"}
    assert bodies_found(desk, q="apples", author__id__exact=mallory.pk) == {"green apples"}
    assert bodies_found(desk, q="2", room__id__exact=lobby.pk) == {"pears"}


def test_a_hostile_body_is_text_in_the_list(desk: Client, lobby: Room, alice: Member) -> None:
    say(lobby, alice, "<script>alert(1)</script>")

    assert "<script>alert" not in desk.get(MESSAGES).content.decode()


def test_a_room_is_opened_with_its_log(desk: Client, db: None) -> None:
    desk.post("/admin/chat/room/add/", {"key": "garden", "name": "Garden", "kind": "public"})

    garden = Room.objects.get(key="garden")
    assert RoomHead.objects.get(room=garden).head == 0


def test_a_room_keeps_its_key_when_it_is_renamed(desk: Client, garden: Room) -> None:
    page = f"/admin/chat/room/{garden.pk}/change/"

    desk.post(page, {"key": "jungle", "name": "Jungle", "kind": "public"})

    garden.refresh_from_db()
    assert (garden.key, garden.name) == ("garden", "Jungle")


def test_a_member_is_signed_out_everywhere(desk: Client, alice: Member, mallory: Member) -> None:
    desk.post("/admin/chat/member/", {"action": "sign_out", "_selected_action": [mallory.pk]})

    alice.refresh_from_db()
    mallory.refresh_from_db()
    assert (alice.session, mallory.session) == (1, 2)
