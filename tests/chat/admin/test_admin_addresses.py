"""Addresses of the admin that no link has: never an error of ours."""

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.accounts.users import User
from chat.messages import commit
from chat.moderation.models import AuditEntry
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room

pytestmark = pytest.mark.django_db

LISTS = ["message", "change", "member", "room", "report", "ban", "auditentry", "invitation"]
EXPORTED = ["message", "change", "member", "auditentry"]
HUGE = "9" * 30
PARAMETERS = [
    "q=%00", "q=a%00b", "%00=1", "q=%00&q=%00", "q=%ED%A0%80", f"q={HUGE}", f"q=lobby/{HUGE}",
    "q=lobby/%00", "before=%00", f"before={HUGE}", f"after=-{HUGE}", "after=abc",
    "before=1&after=1", "room__id__exact=%00", f"room__id__exact={HUGE}",
    "room__id__exact=abc", "room__id__exact=-1",
    f"author__id__exact={HUGE}", "author__id__exact=1%00", "member__id__exact=x",
    "room__id__in=%00", "standing=%00", "standing=nothing", "waiting=%00",
    "kind__exact=%00", "no_such_field=1",
    "created_at__gte=%00", "author__password__startswith=a", "o=%00", f"o={HUGE}", "o=1.2.x",
    "p=%00", f"p={HUGE}", "all=%00", "e=1", "_to_field=%00", "_popup=%00", "_facets=%00",
]  # fmt: skip


@pytest.fixture
def staff(alice: Member) -> Client:
    """The browser of a superuser, and something to be found."""
    garden = open_room(key="garden", name="Garden")
    commit.commit_operation(garden, commit.Post(alice.pk, "c", "hello"))
    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.create_superuser("morgan"))
    return browser


@pytest.mark.parametrize("listed", LISTS)
def test_no_parameter_of_a_list_is_an_error_of_ours(staff: Client, listed: str) -> None:
    assert staff.get(f"/admin/chat/{listed}/").status_code == 200
    wrong = {}
    for parameters in PARAMETERS:
        for place in ("", "export/csv/") if listed in EXPORTED else ("",):
            response = staff.get(f"/admin/chat/{listed}/{place}?{parameters}")
            if response.status_code not in (200, 302, 400):
                wrong[f"{place}?{parameters}"] = response.status_code
    assert wrong == {}


@pytest.mark.parametrize("listed", LISTS)
def test_no_row_is_an_error_of_ours(staff: Client, listed: str) -> None:
    for row in ("%00", "a%00", HUGE, "abc", "-1", "_5F", "1/history/%00", "%ED"):
        for place in ("change/", "history/", "delete/"):
            status = staff.get(f"/admin/chat/{listed}/{row}/{place}").status_code
            assert status in (200, 301, 302, 400, 403, 404), (row, place)


def test_there_is_no_export_in_another_form(staff: Client) -> None:
    for form in ("exe", "CSV", "%00", "csv%00", "json", "xlsx", "..", "a b"):
        assert staff.get(f"/admin/chat/message/export/{form}/").status_code == 404, form
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).exists()


@pytest.mark.parametrize("action", ["export_csv", "delete_reversibly", "no_such_action", "%00"])
def test_no_choice_of_rows_is_an_error_of_ours(staff: Client, action: str) -> None:
    for chosen in ("%00", "abc", HUGE, "", "1e5"):
        body = f"action={action}&_selected_action={chosen}&reason=%00&index=0"
        response = staff.post(
            "/admin/chat/message/", body, content_type="application/x-www-form-urlencoded"
        )
        assert response.status_code in (200, 302, 400), chosen


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "%00", "2026-13-99", HUGE, "now"],
)
def test_a_timeline_opens_at_any_time(staff: Client, moment: str) -> None:
    garden = Room.objects.get(key="garden")

    for asked in (f"when={moment}", f"at={moment}"):
        page = staff.get(f"/admin/chat/room/{garden.pk}/timeline/?{asked}")
        assert page.status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/%00", "/rooms/%00/", "/rooms/lobby/%00/", f"/rooms/lobby/{HUGE}/", "/?next=%00",
        "/?next=/%00", "/invitations/%00/", "/admin/login/?next=%00", "/admin/%00/",
        "/emoji.json%00",
        f"/rooms/lobby/missed/{HUGE}/", f"/admin/chat/room/{HUGE}/timeline/", "/admin/r/1/%00/",
        "/admin/autocomplete/?app_label=%00&model_name=member&field_name=x&term=%00",
        "/admin/autocomplete/?app_label=chat&model_name=message&field_name=author&term=%00",
    ],
)  # fmt: skip
def test_no_address_is_an_error_of_ours(staff: Client, address: str) -> None:
    for browser in (staff, Client(raise_request_exception=False)):
        assert browser.get(address).status_code < 500
