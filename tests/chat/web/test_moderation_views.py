"""The pages of those who keep the house, as browsers without JavaScript use them."""

import re
from http import HTTPStatus
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from chat.accounts.models import Member
from chat.moderation import admission, bans, moderation_state, mutes, reports, roles, room_rules
from chat.moderation.authorization import SYSTEM
from chat.moderation.models import AuditEntry, Report
from chat.moderation.moderation_state import RoomRules
from chat.rooms.models import Room

from ..conftest import browser_of
from ..messages import logs


def invitation() -> str:
    return f"/invitations/{roles.invite()}/"


def test_looking_at_an_invitation_takes_nothing(alices_browser: Client, alice: Member) -> None:
    link = invitation()

    looked = alices_browser.get(link)
    assert "Become owner" in looked.content.decode()
    alice.refresh_from_db()
    assert alice.office == ""

    taken = alices_browser.post(link)
    alice.refresh_from_db()
    assert (taken.status_code, alice.office) == (HTTPStatus.SEE_OTHER, "owner")


def test_a_visitor_chooses_a_name_first_and_comes_back(visitor: Client, db: None) -> None:
    link = invitation()
    assert "First choose your name" in visitor.get(link).content.decode()
    visitor.post(link)

    joined = visitor.post("/join/", {"name": "Olivia", "next": link})
    visitor.post(link)

    assert joined.headers["Location"] == link
    assert Member.objects.get(name="Olivia").office == "owner"


def test_a_used_invitation_is_none(alices_browser: Client, mallory: Member) -> None:
    link = invitation()
    alices_browser.post(link)

    late = browser_of(mallory).post(link)

    mallory.refresh_from_db()
    assert (late.status_code, mallory.office) == (HTTPStatus.NOT_FOUND, "")
    assert "This invitation does not work" in late.content.decode()


def test_the_command_prints_a_link_that_works(alices_browser: Client, alice: Member) -> None:
    out, hint = StringIO(), StringIO()
    call_command("invite_owner", hours=1, stdout=out, stderr=hint)
    link = out.getvalue().strip()

    assert link.startswith("http")
    assert re.search(r"until \d{4}-\d\d-\d\d \d\d:\d\d UTC", hint.getvalue())
    alices_browser.post("/" + link.split("/", 3)[3])
    alice.refresh_from_db()
    assert alice.office == "owner"


def test_a_mute_is_not_shaken_off_by_leaving_and_coming_back(
    lobby: Room, alice: Member, alices_browser: Client
) -> None:
    until = mutes.mute(actor=SYSTEM, member=alice, seconds=60, reason="")

    alices_browser.post("/leave/")
    asked = alices_browser.get("/")
    alices_browser.post("/join/", {"name": "Somebody Else"})

    back = Member.objects.live().get(name="Somebody Else")
    assert asked.status_code == HTTPStatus.OK
    assert moderation_state.load().muted == {back.pk: until}
    said = alices_browser.post("/rooms/lobby/messages/", {"body": "hi", "client_id": "form-1"})
    assert said.status_code == HTTPStatus.FORBIDDEN
    assert AuditEntry.objects.get(member=back).reason == "Came back after leaving as Alice."


def test_a_mute_that_is_over_or_of_another_browser_is_nobodys(
    lobby: Room, alice: Member, alices_browser: Client, visitor: Client
) -> None:
    mutes.mute(actor=SYSTEM, member=alice, seconds=60, reason="")
    alices_browser.post("/leave/")
    visitor.post("/join/", {"name": "Neighbour"})
    mutes.unmute(actor=SYSTEM, member=alice)
    alices_browser.post("/join/", {"name": "Somebody Else"})

    assert moderation_state.load().muted == {}


def test_a_ban_is_not_shaken_off_by_taking_another_name(
    lobby: Room, alice: Member, alices_browser: Client, visitor: Client
) -> None:
    bans.ban(actor=SYSTEM, member=alice, seconds=60, reason="")
    alices_browser.post("/leave/")

    refused = alices_browser.post("/join/", {"name": "Somebody Else"})
    neighbour = visitor.post("/join/", {"name": "Neighbour"})

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "You are banned" in refused.content.decode()
    assert neighbour.status_code == HTTPStatus.SEE_OTHER
    bans.unban(actor=SYSTEM, member=alice)
    again = alices_browser.post("/join/", {"name": "Somebody Else"})
    assert again.status_code == HTTPStatus.SEE_OTHER


def test_a_form_is_refused_where_a_socket_would_be(
    alices_browser: Client, alice: Member, lobby: Room
) -> None:
    form = {"body": "Hello", "client_id": "form-1"}
    room_rules.set_rules(actor=SYSTEM, room=lobby, rules=RoomRules(locked=True))
    locked = alices_browser.post("/rooms/lobby/messages/", form)
    room_rules.set_rules(actor=SYSTEM, room=lobby, rules=RoomRules(slow_seconds=60))
    posted = alices_browser.post("/rooms/lobby/messages/", form)
    slow = alices_browser.post("/rooms/lobby/messages/", form | {"client_id": "form-2"})
    mutes.mute(actor=SYSTEM, member=alice, seconds=60, reason="")
    muted = alices_browser.post("/rooms/lobby/messages/", form | {"client_id": "form-3"})

    assert [r.status_code for r in (locked, posted, slow, muted)] == [403, 303, 429, 403]
    assert "This room is locked" in locked.content.decode()


def test_a_banned_network_reads_why_it_cannot_join(visitor: Client, lobby: Room) -> None:
    visitor.post("/join/", {"name": "Mallory"})
    mallory = Member.objects.get(name="Mallory")
    bans.ban(actor=SYSTEM, member=mallory, seconds=60, reason="", network=True)
    assert visitor.get("/rooms/lobby/").context["me"] is None

    again = visitor.post("/join/", {"name": "Mallory 2"})

    assert again.status_code == HTTPStatus.FORBIDDEN
    assert "Nobody can join from your network" in again.content.decode()
    admission.join(name="Somebody Else", address="203.0.113.1")


# --- Reports ----------------------------------------------------------------------------------


@pytest.fixture
def morgans_browser(db: None) -> Client:
    morgan = admission.join(name="Morgan")
    roles.appoint(actor=SYSTEM, member=morgan, role="moderator")
    return browser_of(morgan)


@pytest.fixture
def reported(lobby: Room, alice: Member, mallory: Member) -> Report:
    logs.say(lobby, mallory, "<b>Buy</b> now")
    return reports.report(member=alice, room=lobby, seq=1, reason="An advertisement")


def test_only_moderators_see_the_reports(
    reported: Report, visitor: Client, alices_browser: Client, morgans_browser: Client
) -> None:
    assert visitor.get("/reports/").status_code == HTTPStatus.FORBIDDEN
    assert alices_browser.get("/reports/").status_code == HTTPStatus.FORBIDDEN
    page = morgans_browser.get("/reports/").content.decode()
    assert "&lt;b&gt;Buy&lt;/b&gt; now" in page
    assert "An advertisement" in page
    morgans_room = morgans_browser.get("/rooms/lobby/").content.decode()
    alices_room = alices_browser.get("/rooms/lobby/").content.decode()
    assert '<div class="reports-desk">' in morgans_room
    assert '<span class="reports-waiting"> (1)</span>' in morgans_room
    assert '<div class="reports-desk" hidden>' in alices_room


def test_a_message_waits_once_with_everyones_reason(
    reported: Report, morgans_browser: Client, lobby: Room
) -> None:
    carol = admission.join(name="Carol")
    reports.report(member=carol, room=lobby, seq=1, reason="Shouting")

    page = morgans_browser.get("/reports/").content.decode()

    assert page.count("&lt;b&gt;Buy") == 1
    assert "An advertisement" in page
    assert "Shouting" in page


@pytest.mark.parametrize(
    ("decision", "recorded", "waits"),
    [("delete", "deleted", 0), ("leave", "report_closed", 0), ("mute", "muted", 1),
     ("ban", "banned", 1)],
)  # fmt: skip
def test_a_report_is_decided_on(
    reported: Report, morgans_browser: Client, decision: str, recorded: str, waits: int
) -> None:
    form = {"report": reported.pk, "decision": decision, "reason": "In\x07deed\x0b"}

    decided = morgans_browser.post("/reports/", form)

    entry = AuditEntry.objects.order_by("pk").last()
    assert entry is not None
    assert decided.status_code == HTTPStatus.SEE_OTHER
    assert (entry.action, entry.reason, str(entry.actor)) == (recorded, "Indeed", "Morgan")
    assert Report.objects.waiting() == waits


@pytest.mark.parametrize(
    "form",
    [{}, *({"report": number, "decision": "ban"} for number in ("x", "1²", "9" * 5000))],
)
def test_a_decision_about_nothing_is_not_found(
    reported: Report, morgans_browser: Client, form: dict[str, str]
) -> None:
    assert morgans_browser.post("/reports/", form).status_code == HTTPStatus.NOT_FOUND
    odd = {"report": str(reported.pk), "decision": "promote"}
    assert morgans_browser.post("/reports/", odd).status_code == HTTPStatus.NOT_FOUND
