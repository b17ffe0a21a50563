"""Staff who are no superusers see nothing of private rooms in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from chat.accounts.models import Member
from chat.accounts.users import User
from chat.messages import commit
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room


@pytest.fixture
def secret(db: None, alice: Member) -> str:
    den = open_room(key="den", name="Den of secrets", kind=Room.Kind.PRIVATE)
    commit.commit_operation(den, commit.Post(alice.pk, "a", "the treasure"))
    return f"/admin/chat/room/{den.pk}/"


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def clerk(db: None) -> Client:
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="chat"))
    return browser_of(user)


PAGES = ["/admin/chat/room/", "/admin/chat/message/"]


@pytest.mark.parametrize("page", PAGES)
def test_lists_leave_them_out(lobby: Room, clerk: Client, secret: str, page: str) -> None:
    said = clerk.get(page)

    assert said.status_code == 200
    assert b"Den of secrets" not in said.content
    assert b"treasure" not in said.content


def test_their_own_pages_are_not_there(lobby: Room, clerk: Client, secret: str) -> None:
    assert clerk.get(f"{secret}timeline/").status_code == 404
    assert b"Den of secrets" not in clerk.get(f"{secret}change/", follow=True).content


def test_a_superuser_sees_them(lobby: Room, secret: str) -> None:
    root = browser_of(User.objects.create_superuser("root"))

    assert b"Den of secrets" in root.get("/admin/chat/room/").content
    assert b"treasure" in root.get(f"{secret}timeline/").content
