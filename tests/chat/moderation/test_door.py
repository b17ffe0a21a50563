"""Who may come in: each choice, against everyone who tries another way in."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from chat.accounts import site_rules
from chat.accounts.models import Member
from chat.accounts.site_models import Newcomer, RulesAccepted
from chat.accounts.users import User
from chat.errors import Forbidden
from chat.moderation import (
    accounts,
    admission,
    newcomers,
    roles,
    room_actions,
    room_invitations,
    site_invitations,
)
from chat.moderation.authorization import SYSTEM, Actor
from chat.moderation.door import Way
from chat.moderation.models import AuditEntry
from chat.rooms import access
from chat.rooms.models import Room
from tests.chat.conftest import browser_of
from tests.kit.sites import set_site

pytestmark = pytest.mark.django_db


def join(browser: Client, name: str = "Greta", **fields: Any) -> Any:
    return browser.post("/join/", {"name": name, **fields})


def room_link(owner: Member, **how: Any) -> tuple[Room, str]:
    room = room_actions.create(actor=Actor(owner), name="Club", kind="private")
    _, token = room_invitations.create(actor=Actor(owner), room=room, **how)
    return room, f"/invite/{token}/"


def site_link(**how: Any) -> str:
    return f"/welcome/{site_invitations.create(actor=SYSTEM, **how)[1]}/"


# --- By invitation ----------------------------------------------------------------------------


def test_without_an_invitation_nobody_comes_in_by_name(visitor: Client) -> None:
    set_site(who_may_come_in="invited")

    page = visitor.get("/").content.decode()
    assert "You need an invitation" in page
    assert 'name="name"' not in page
    for next_path in ("/", "/invite/wrong/", "/welcome/wrong/", "/invitations/wrong/", "//evil"):
        answer = join(visitor, next=next_path)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert "invitation" in answer.content.decode()
    assert not Member.objects.filter(name="Greta").exists()


def test_a_known_and_an_unknown_name_are_refused_alike(visitor: Client, alice: Member) -> None:
    for choice in ("invited", "accounts", "sso"):
        set_site(who_may_come_in=choice)

        known, unknown = join(visitor, "Alice"), join(visitor, "Somebody Else")

        assert known.status_code == unknown.status_code == HTTPStatus.FORBIDDEN
        assert known.context["form"].errors == unknown.context["form"].errors


def test_an_invitation_to_a_room_leads_into_the_site_and_the_room(
    visitor: Client, alice: Member
) -> None:
    room, link = room_link(alice)
    set_site(who_may_come_in="invited")

    assert 'name="name"' in visitor.get(link).content.decode()
    answer = join(visitor, next=link)

    assert answer["Location"] == f"/rooms/{room.key}/#composer-body"
    greta = Member.objects.get(name="Greta")
    assert access.membership(room, greta.pk) is not None


def test_an_invitation_for_one_lets_one_in(alice: Member) -> None:
    for link in (room_link(alice, uses=1)[1], site_link(uses=1)):
        set_site(who_may_come_in="invited")

        assert join(Client(), f"First {link[-5:]}", next=link).status_code == HTTPStatus.SEE_OTHER
        assert join(Client(), "Second", next=link).status_code == HTTPStatus.FORBIDDEN

    assert not Member.objects.filter(name="Second").exists()


def test_a_name_that_is_taken_uses_no_invitation_up(alice: Member) -> None:
    link = site_link(uses=1)
    set_site(who_may_come_in="invited")

    assert join(Client(), "Alice", next=link).status_code == HTTPStatus.CONFLICT
    assert join(Client(), "Greta", next=link)["Location"] == "/rooms/lobby/#composer-body"


def test_a_revoked_or_expired_invitation_lets_nobody_in() -> None:
    invitation, token = site_invitations.create(actor=SYSTEM)
    set_site(who_may_come_in="invited")
    site_invitations.revoke(actor=SYSTEM, invitation_id=invitation.pk)

    assert Client().get(f"/welcome/{token}/").status_code == HTTPStatus.NOT_FOUND
    assert join(Client(), next=f"/welcome/{token}/").status_code == HTTPStatus.FORBIDDEN


def test_an_invitation_to_a_role_lets_in_the_one_who_takes_it() -> None:
    link = f"/invitations/{roles.invite()}/"
    set_site(who_may_come_in="invited")

    assert join(Client(), "Greta", next=link).status_code == HTTPStatus.SEE_OTHER
    assert Member.objects.get(name="Greta").office == "owner"
    assert join(Client(), "Next", next=link).status_code == HTTPStatus.FORBIDDEN


def test_only_owners_make_links_into_the_site(alice: Member) -> None:
    with pytest.raises(Forbidden):
        site_invitations.create(actor=Actor(alice))


# --- Accounts and single sign-on --------------------------------------------------------------


def test_with_accounts_only_a_name_alone_is_refused(visitor: Client, alice: Member) -> None:
    _, link = room_link(alice)
    set_site(who_may_come_in="accounts")

    for next_path in ("/", link, site_link()):
        assert join(visitor, next=next_path).status_code == HTTPStatus.FORBIDDEN
    # Without PASSWORDS a password makes no account.
    assert join(visitor, password="correct-horse-battery").status_code == HTTPStatus.FORBIDDEN
    assert not Member.objects.filter(name="Greta").exists()


def test_a_password_makes_an_account_at_the_door(settings: Any) -> None:
    settings.PASSWORDS = True
    set_site(who_may_come_in="accounts")
    browser = Client()

    page = join(browser, password="quiet-oars-and-boats")

    assert len(page.context["codes"]) == 10
    greta = Member.objects.get(name="Greta")
    assert greta.kind == Member.Kind.ACCOUNT
    assert browser.get("/rooms/lobby/").context is not None
    assert browser.get("/")["Location"] == "/rooms/lobby/"


def test_a_weak_password_makes_nobody(settings: Any) -> None:
    settings.PASSWORDS = True
    set_site(who_may_come_in="accounts")

    assert join(Client(), password="short").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Member.objects.filter(name="Greta").exists()


def test_a_name_held_at_the_door_is_nobodys_session() -> None:
    set_site(who_may_come_in="accounts")
    browser = Client()

    answer = browser.post(
        "/join/passkey/options/", {"name": "Greta"}, content_type="application/json"
    )

    assert answer.status_code == HTTPStatus.OK
    assert Member.objects.get(name="Greta").kind == Member.Kind.GUEST
    assert "member" not in browser.cookies
    assert browser.get("/").status_code == HTTPStatus.OK
    again = browser.post(
        "/join/passkey/options/", {"name": "Greta"}, content_type="application/json"
    )
    assert again.status_code == HTTPStatus.OK
    refused = browser.post("/join/passkey/", {"id": "x"}, content_type="application/json")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_without_the_cookie_of_the_door_no_account_is_made(alice: Member) -> None:
    set_site(who_may_come_in="accounts")

    answer = Client().post("/join/passkey/", {"id": "x"}, content_type="application/json")

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert not User.objects.filter(member=alice).exists()


def test_with_single_sign_on_only_no_other_way_is_left(alice: Member) -> None:
    set_site(who_may_come_in="sso")

    for next_path in ("/", room_link(alice)[1], site_link()):
        assert join(Client(), next=next_path).status_code == HTTPStatus.FORBIDDEN
    options = Client().post(
        "/join/passkey/options/", {"name": "Greta"}, content_type="application/json"
    )
    assert options.status_code == HTTPStatus.FORBIDDEN
    assert admission.come_in(name="Greta", way=Way(single_sign_on=True)).member.name == "Greta"


def test_with_single_sign_on_only_an_account_signs_in_no_other_way(
    alice: Member, settings: Any
) -> None:
    settings.PASSWORDS = True
    kept = accounts.keep_name_by_password(
        member=alice, password="quiet-oars-and-boats", label="a test"
    )
    set_site(who_may_come_in="sso")

    def by_code(code: str) -> Any:
        return Client().post("/sign-in/code/", {"code": code})

    assert by_code(kept.codes[0]).status_code == HTTPStatus.FORBIDDEN
    roles.appoint(actor=SYSTEM, member=alice, role="owner")
    assert by_code(kept.codes[0]).status_code == HTTPStatus.SEE_OTHER
    roles.appoint(actor=SYSTEM, member=alice, role="")
    link = accounts.recovery_link(user=accounts.account_of("Alice"))
    assert Client().post(f"/sign-in/recover/{link}/").status_code == HTTPStatus.SEE_OTHER


def test_who_is_in_stays_in(alice: Member, alices_browser: Client) -> None:
    for choice in ("invited", "accounts", "sso"):
        set_site(who_may_come_in=choice, approval=True, rules=f"Rules for {choice}.")

        assert alices_browser.get("/rooms/lobby/").status_code == HTTPStatus.OK


# --- The rules --------------------------------------------------------------------------------


def test_the_rules_are_accepted_to_come_in_once_for_each_version(visitor: Client) -> None:
    version = set_site(rules="Be kind.").rules_version

    for said in ({}, {"rules": ""}, {"rules": str(version + 1)}, {"rules": "0"}):
        assert join(visitor, **said).status_code == HTTPStatus.FORBIDDEN
    assert "Be kind." in visitor.get("/").content.decode()
    assert join(visitor, rules=version).status_code == HTTPStatus.SEE_OTHER

    greta = Member.objects.get(name="Greta")
    assert [row.version for row in RulesAccepted.objects.filter(member=greta)] == [version]
    assert site_rules.to_accept(greta) == 0

    newer = set_site(rules="Be kinder.").rules_version
    assert site_rules.to_accept(greta) == newer
    visitor.post("/rules/", {"rules": version})
    assert site_rules.to_accept(greta) == newer
    assert visitor.post("/rules/", {"rules": newer})["Location"] == "/rooms/lobby/#composer-body"
    visitor.post("/rules/", {"rules": newer})
    assert site_rules.to_accept(greta) == 0
    assert RulesAccepted.objects.filter(member=greta).count() == 2


# --- The queue --------------------------------------------------------------------------------


def the_newcomer() -> Newcomer:
    return Newcomer.objects.get()


def test_a_newcomer_waits_and_comes_in_once_approved(visitor: Client) -> None:
    set_site(approval=True)

    answer = join(visitor, note="We met at the fair", next="/rooms/lobby/")
    assert answer["Location"].startswith("/waiting/")
    assert not Member.objects.filter(name="Greta").exists()
    page = visitor.get(answer["Location"])
    assert 'class="waiting"' in page.content.decode()

    newcomers.decide(actor=SYSTEM, newcomer_id=the_newcomer().pk, decision="approved")
    assert 'class="granted-form"' in visitor.get(answer["Location"]).content.decode()
    assert join(visitor)["Location"] == "/rooms/lobby/#composer-body"
    assert Member.objects.filter(name="Greta").exists()
    assert [entry.action for entry in AuditEntry.objects.filter(action="let_in")] == ["let_in"]


def test_an_approval_lets_one_in(visitor: Client) -> None:
    set_site(approval=True)
    join(visitor)
    newcomers.decide(actor=SYSTEM, newcomer_id=the_newcomer().pk, decision="approved")
    secret = visitor.cookies["newcomer"].value
    join(visitor)

    for _ in range(2):
        other = Client()
        other.cookies["newcomer"] = secret
        assert join(other, "Second")["Location"].startswith("/waiting/")
    assert not Member.objects.filter(name="Second").exists()


def test_a_refused_newcomer_reads_why_and_does_not_come_in(visitor: Client) -> None:
    set_site(approval=True)
    join(visitor)
    newcomers.decide(
        actor=SYSTEM, newcomer_id=the_newcomer().pk, decision="refused", reason="A wrong name"
    )

    page = visitor.get("/waiting/")
    assert "A wrong name" in page.content.decode()
    assert join(visitor, "Another")["Location"].startswith("/waiting/")
    assert "A wrong name" in visitor.get("/waiting/").content.decode()
    assert Newcomer.objects.count() == 1


def test_a_decision_can_be_taken_back_until_they_come_in(visitor: Client) -> None:
    set_site(approval=True)
    join(visitor)
    pk = the_newcomer().pk
    newcomers.decide(actor=SYSTEM, newcomer_id=pk, decision="refused")

    with pytest.raises(Forbidden, match="refused them"):
        newcomers.decide(actor=SYSTEM, newcomer_id=pk, decision="approved")
    newcomers.decide(actor=SYSTEM, newcomer_id=pk, decision="")
    newcomers.decide(actor=SYSTEM, newcomer_id=pk, decision="approved")
    join(visitor)
    with pytest.raises(Forbidden, match="came in"):
        newcomers.decide(actor=SYSTEM, newcomer_id=pk, decision="")


def test_only_moderators_decide(visitor: Client, alice: Member) -> None:
    set_site(approval=True)
    join(visitor)

    with pytest.raises(Forbidden):
        newcomers.decide(actor=Actor(alice), newcomer_id=the_newcomer().pk, decision="approved")


def test_the_queue_is_bounded(settings: Any) -> None:
    settings.NEWCOMERS_MAX, settings.NEWCOMERS_PER_NETWORK = 3, 2
    set_site(approval=True)

    def ask(number: int, address: str) -> int:
        return int(Client().post("/join/", {"name": f"N{number}"}, REMOTE_ADDR=address).status_code)

    answers = [ask(number, "192.0.2.1") for number in range(3)]
    assert answers == [HTTPStatus.SEE_OTHER] * 2 + [HTTPStatus.TOO_MANY_REQUESTS]
    assert ask(4, "198.51.100.1") == HTTPStatus.SEE_OTHER
    assert ask(5, "203.0.113.1") == HTTPStatus.TOO_MANY_REQUESTS


def test_who_is_invited_does_not_wait(alice: Member) -> None:
    _, link = room_link(alice)
    set_site(approval=True)

    assert not join(Client(), "Greta", next=link)["Location"].startswith("/waiting/")
    assert join(Client(), "Gus", next="/invite/wrong/")["Location"].startswith("/waiting/")


def test_who_stops_waiting_is_gone_from_the_queue(visitor: Client) -> None:
    set_site(approval=True)
    join(visitor)

    visitor.post("/waiting/")

    assert not Newcomer.objects.exists()
    assert visitor.get("/waiting/")["Location"].startswith("/?")


def test_who_waits_for_an_account_makes_it_once_approved(settings: Any) -> None:
    settings.PASSWORDS = True
    set_site(approval=True, who_may_come_in="accounts")
    browser = Client()

    assert join(browser, password="quiet-oars-and-boats")["Location"].startswith("/waiting/")
    newcomers.decide(actor=SYSTEM, newcomer_id=the_newcomer().pk, decision="approved")
    assert "account-form" in browser.get("/waiting/").content.decode()
    assert join(browser).status_code == HTTPStatus.FORBIDDEN
    assert join(browser, password="quiet-oars-and-boats").context["codes"]
    assert browser_of(Member.objects.get(name="Greta")) is not None
