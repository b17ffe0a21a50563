"""Staff of a database from before this project had a user model of its own keep all they had.

`stock_users/` holds such a database for each engine. Its staff: Morgan, a superuser who is logged
in; Lucy, with permissions of her own and of two groups; Former, who is inactive; and José, who is
no staff. Three more users were made and deleted.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_django
from django.contrib.admin.models import LogEntry
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client

from chat.maintenance import schema
from chat.moderation.authorization import Actor
from chat.moderation.models import AuditEntry
from chat.moderation.moderation_state import RoomRules
from chat.moderation.room_rules import set_rules
from chat.rooms.models import Room
from tests.clients import named

STOCK = Path(__file__).parent / "stock_users"
LAST_STOCK = "0009"
PASSWORDS = {"morgan": "Tall-Ships-9", "lucy": "Small-Boats-4", "José": "Quiet-Oars-7"}
LAST_ID = 7

User = get_user_model()
Rows = list[tuple[Any, ...]]

KEPT = {
    "auth_user": "id, username, password, last_login, is_superuser, is_staff, is_active, email,"
    " first_name, last_name, date_joined",
    "auth_user_groups": "*",
    "auth_user_user_permissions": "*",
    "auth_group": "*",
    "auth_group_permissions": "*",
    "django_admin_log": "*",
    "django_session": "*",
    "chat_auditentry": "id, action, staff_id, actor_id, room_id",
}

# What the tables are, whatever the order of their columns.
SCHEMA = {
    "sqlite": """
        SELECT tables.name, inside.name, inside.type || "notnull" || pk
        FROM sqlite_master AS tables, pragma_table_info(tables.name) AS inside
        UNION SELECT tables.name, "from", "table" || "to"
        FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name)
        UNION SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'
        ORDER BY 1, 2, 3""",
    "postgresql": """
        SELECT table_name, column_name, data_type || ' ' || is_nullable || ' ' || is_identity
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        ORDER BY 1, 2, 3""",
}


def rows(statement: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def kept() -> dict[str, Rows]:
    return {
        table: rows(f"SELECT {what} FROM {table} ORDER BY 1")  # noqa: S608 - our own names
        for table, what in KEPT.items()
    }


@contextmanager
def used(name: str) -> Iterator[None]:
    """The connection goes to another database of the same server meanwhile."""
    before = connection.settings_dict["NAME"]
    _point_at(connection, name)
    try:
        yield
    finally:
        _point_at(connection, before)


def _point_at(connection: Any, name: str) -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


@contextmanager
def stock_database(folder: Path) -> Iterator[None]:
    """As the version before left it; nothing is migrated yet."""
    script = (STOCK / f"{connection.vendor}.sql").read_text()
    if connection.vendor == "sqlite":
        file = folder / "stock.sqlite3"
        with closing(sqlite3.connect(file)) as stock:
            stock.executescript(script)
        with used(str(file)):
            yield
        return
    name = f"{connection.settings_dict['NAME']}_{folder.name}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        with psycopg.connect(named(name)) as stock:
            stock.execute(script.encode())
        with used(name):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def fresh_schema(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Rows:
    with django_db_blocker.unblock():
        return rows(SCHEMA[connection.vendor])


@pytest.fixture(scope="module")
def before(
    fresh_schema: Rows,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Rows]]:
    """What was there; the database is migrated since."""
    with django_db_blocker.unblock(), stock_database(tmp_path_factory.mktemp("stock")):
        found = kept()
        call_command("migrate", verbosity=0)
        yield found


# Each test works in a transaction that is rolled back.
pytestmark = [pytest.mark.usefixtures("before"), pytest.mark.django_db]


def permissions_of(name: str) -> set[str]:
    return set(User.objects.get(username=name).get_all_permissions())


def permissions_before(name: str) -> set[str]:
    """The same in a database that lacks what the user model has by now."""
    held = rows(f"""
        SELECT app_label, codename FROM auth_permission
        JOIN django_content_type ON django_content_type.id = content_type_id
        WHERE auth_permission.id IN (
            SELECT permission_id FROM auth_user_user_permissions
            JOIN auth_user ON auth_user.id = user_id WHERE username = '{name}'
            UNION SELECT permission_id FROM auth_group_permissions
            JOIN auth_user_groups USING (group_id)
            JOIN auth_user ON auth_user.id = user_id WHERE username = '{name}')
    """)  # noqa: S608 - our own names
    return {f"{app}.{codename}" for app, codename in held}


def browser_after_login(name: str) -> tuple[Client, int]:
    client = Client()
    form = {"username": name, "password": PASSWORDS[name], "next": "/admin/"}
    return client, client.post("/admin/login/", form).status_code


def test_no_row_is_lost_or_changed(before: dict[str, Rows]) -> None:
    assert kept() == before
    assert schema.missing_migrations() == ""
    assert [len(before[table]) for table in ("auth_user", "auth_user_groups")] == [4, 3]
    assert [len(before[table]) for table in ("django_admin_log", "chat_auditentry")] == [4, 4]


def test_the_tables_are_those_of_a_fresh_database(fresh_schema: Rows) -> None:
    assert rows(SCHEMA[connection.vendor]) == fresh_schema


def test_the_users_are_ours() -> None:
    assert User._meta.label == "chat.User"
    people = User.objects.order_by("pk").values_list(
        "username", "is_superuser", "is_staff", "is_active"
    )

    assert list(people) == [
        ("morgan", True, True, True),
        ("lucy", False, True, True),
        ("former", False, True, False),
        ("José", False, False, True),
    ]


def test_permissions_over_users_are_held_as_before() -> None:
    assert permissions_of("lucy") == {
        "auth.view_group",
        "chat.add_user",
        "chat.change_member",
        "chat.change_user",
        "chat.view_auditentry",
        "chat.view_message",
        "chat.view_room",
        "chat.view_user",
    }
    assert permissions_of("José") == {"chat.delete_user"}
    assert permissions_of("former") == set()
    assert not ContentType.objects.filter(app_label="auth", model="user").exists()


def test_passwords_and_sessions_still_hold(settings: Any) -> None:
    settings.SECRET_KEY = "only-for-tests"
    logged_in = Client()
    logged_in.cookies["sessionid"] = "theirsessionfrombefore0000000000"

    assert logged_in.get("/admin/").status_code == HTTPStatus.OK
    assert browser_after_login("lucy")[1] == HTTPStatus.FOUND
    assert browser_after_login("José")[1] == HTTPStatus.OK  # the form again: no staff
    assert authenticate(username="former", password="Old-Rafts-1") is None
    assert authenticate(username="morgan", password="wrong") is None


def test_each_sees_in_the_admin_what_they_may() -> None:
    lucy, _ = browser_after_login("lucy")
    pages = ["chat/user/", "chat/user/2/change/", "chat/user/add/", "auth/group/", "chat/message/"]
    refused = ["chat/user/2/delete/", "chat/ban/"]

    assert [lucy.get(f"/admin/{page}").status_code for page in pages] == [HTTPStatus.OK] * 5
    assert [lucy.get(f"/admin/{page}").status_code for page in refused] == [
        HTTPStatus.FORBIDDEN,
        HTTPStatus.FORBIDDEN,
    ]


def test_the_admins_log_still_leads_to_what_was_done() -> None:
    morgan, _ = browser_after_login("morgan")
    added = LogEntry.objects.get(action_flag=1)

    assert (added.user.username, added.get_edited_object()) == (
        "morgan",
        User.objects.get(username="lucy"),
    )
    assert added.get_admin_url() == "/admin/chat/user/2/change/"
    assert morgan.get("/admin/chat/user/2/change/").status_code == HTTPStatus.OK
    assert "Added." in morgan.get("/admin/chat/user/2/history/").content.decode()


def test_the_record_names_who_of_the_staff_acted_then_and_now() -> None:
    entries = AuditEntry.objects.filter(pk__lte=4).order_by("pk")
    acted = [entry.staff and entry.staff.username for entry in entries]

    set_rules(
        actor=Actor(staff=User.objects.get(username="lucy")),
        room=Room.objects.get(key="lobby"),
        rules=RoomRules(slow_seconds=5),
    )

    assert acted == ["morgan", "lucy", "former", None]
    newest = AuditEntry.objects.latest("pk")
    assert newest.staff
    assert newest.staff.username == "lucy"


def by_createsuperuser() -> None:
    call_command("createsuperuser", "--noinput", username="newcomer", email="n@example.org")


def by_code() -> None:
    User.objects.create_user("newcomer")


def by_the_admin() -> None:
    morgan, _ = browser_after_login("morgan")
    form = {"username": "newcomer", "usable_password": "true"}
    form |= dict.fromkeys(("password1", "password2"), "Long-Canoes-3")
    assert morgan.post("/admin/chat/user/add/", form).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize("make", [by_createsuperuser, by_code, by_the_admin])
def test_a_new_user_gets_a_new_id_and_takes_part(make: Callable[[], None]) -> None:
    make()

    newcomer = User.objects.get(username="newcomer")
    newcomer.groups.add(Group.objects.get(name="Helpers"))
    ids = User.groups.through.objects.filter(user=newcomer).values_list("pk", flat=True)
    assert newcomer.pk > LAST_ID
    assert ids[0] > 3


@pytest.mark.django_db(transaction=True)
def test_the_way_back_and_forth_again_keeps_what_everyone_holds(tmp_path: Path) -> None:
    with stock_database(tmp_path):
        found = kept()
        # This code, at the version before: Django adds permissions for a model `chat.User` already.
        call_command("migrate", "chat", LAST_STOCK, verbosity=0)
        call_command("migrate", verbosity=0)
        held = permissions_of("lucy")
        call_command("migrate", "chat", LAST_STOCK, verbosity=0)
        back = permissions_before("lucy")
        call_command("migrate", verbosity=0)

        assert "auth.view_user" in back
        assert "chat.view_user" in held
        assert permissions_of("lucy") == held
        assert kept() == found
