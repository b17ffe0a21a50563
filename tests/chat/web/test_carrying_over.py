"""Who signs in to an account takes along what they said as a guest in this browser, if asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.accounts import carried_over
from chat.accounts.account_models import CarriedOver
from chat.accounts.models import Member, MemberBlock
from chat.accounts.sessions import Identity
from chat.errors import Forbidden, NotFound, SessionEnded
from chat.messages import commit, history
from chat.messages.models import InboxItem, Message
from chat.moderation import accounts, bans, carrying_over, message_moderation, mutes, roles
from chat.moderation.authorization import SYSTEM, Actor, any_member
from chat.moderation.models import AuditEntry, Ban
from chat.moderation.room_rules import open_room
from chat.rooms import direct_rooms, memberships
from chat.rooms.models import DirectRoom, Membership, ReadMark, Room
from tests.authenticator import Authenticator
from tests.chat.messages.logs import say
from tests.chat.web.test_account_races import at_once, statuses
from tests.kit.account_browsers import browser, guest, is_in, keep, me, sign_in

pytestmark = pytest.mark.django_db

QUESTION = "/sign-in/carry-over/"


@pytest.fixture
def garden() -> Room:
    return open_room(key="garden", name="Garden")


@pytest.fixture
def key() -> Authenticator:
    """The passkey of Greta, who has an account."""
    key = Authenticator()
    keep(guest(), key)
    return key


@pytest.fixture
def gus(key: Authenticator) -> Client:
    """Another browser, in which she is a guest called Gus."""
    return guest("Gus")


def called(name: str) -> Member:
    return Member.objects.get(name=name)


def identity(one: Member) -> Identity:
    return Identity(one.pk, one.name, one.session)


def carry(former: Member) -> None:
    carrying_over.carry_over(account=called("Greta"), guest=identity(former))


def test_it_is_asked_once_with_how_much_it_concerns(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    say(garden, called("Gus"), "one")
    say(garden, called("Gus"), "two")

    path = sign_in(gus, key).json()["next"]

    assert path.startswith(QUESTION)
    assert "2 messages in one room" in gus.get(path).content.decode()
    answer = gus.post(path, {"yes": "1", "next": "/rooms/garden/"})
    assert answer["Location"] == "/rooms/garden/"
    assert gus.get(path).status_code == 302
    assert CarriedOver.objects.count() == 1


def test_a_no_is_a_no(gus: Client, key: Authenticator, garden: Room) -> None:
    say(garden, called("Gus"), "one")
    path = sign_in(gus, key).json()["next"]

    gus.post(path)

    assert not CarriedOver.objects.exists()
    assert gus.post(path, {"yes": "1"}).status_code == 302
    assert not CarriedOver.objects.exists()
    assert me(gus) == called("Greta")


def test_who_said_nothing_is_not_asked(gus: Client, key: Authenticator) -> None:
    assert sign_in(gus, key).json()["next"].startswith("/rooms/")


def test_no_message_changes_its_author_id_and_all_bear_the_accounts_name(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    former = called("Gus")
    say(garden, former, "one")
    before = list(Message.objects.values_list("pk", "seq", "author_id", "client_id", "body"))

    carry(former)

    after = list(Message.objects.values_list("pk", "seq", "author_id", "client_id", "body"))
    assert after == before
    [shown] = history.last_page(garden).messages
    assert (shown.author.id, shown.author.name) == (former.pk, "Greta")
    greta = called_account()
    assert carried_over.ids_of(greta.pk) == [former.pk]
    assert any_member(former.pk) == greta


def called_account() -> Member:
    return Member.objects.get(kind=Member.Kind.ACCOUNT)


def test_a_new_name_is_shown_there_too(gus: Client, key: Authenticator, garden: Room) -> None:
    former = called("Gus")
    say(garden, former, "one")
    carry(former)

    greta = browser()
    sign_in(greta, key)
    greta.post("/rename/", {"name": "Gudrun", "next": "/rooms/lobby/"})

    [shown] = history.last_page(garden).messages
    assert shown.author.name == "Gudrun"


def test_what_the_guest_said_is_edited_and_deleted_by_the_account_and_by_nobody_else(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    former, karl = called("Gus"), any_member(member_id(guest("Karl")))
    seq = say(garden, former, "one")
    carry(former)
    greta = called_account()

    commit.commit_operation(garden, commit.Edit(greta.pk, seq, "two"))
    with pytest.raises(Forbidden):
        commit.commit_operation(garden, commit.Edit(karl.pk, seq, "three"))
    with pytest.raises(Forbidden):
        commit.commit_operation(garden, commit.Delete(karl.pk, seq))
    commit.commit_operation(garden, commit.Delete(greta.pk, seq))

    change = Message.objects.get().changes.order_by("seq").last()
    assert change is not None
    assert change.kind == "deleted"


def member_id(client: Client) -> int:
    found = me(client)
    assert found is not None
    return found.pk


def test_rooms_markers_roles_mentions_and_blocks_come_along(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    former, greta = called("Gus"), called_account()
    karl = any_member(member_id(guest("Karl")))
    memberships.add(garden, [former.pk], Membership.Role.OWNER)
    memberships.add(garden, [greta.pk])
    say(garden, karl, "@Gus come here")
    ReadMark.objects.filter(member=former).update(seq=1, posted=1)
    MemberBlock.objects.create(member=karl, blocked=former)
    direct = direct_rooms.open_for(former, [karl.pk])

    carry(former)

    assert Membership.objects.get(room=garden, member=greta).role == "owner"
    assert not Membership.objects.filter(member=former).exists()
    assert ReadMark.objects.get(room=garden, member=greta).seq == 1
    assert MemberBlock.objects.filter(member=karl, blocked=greta).exists()
    assert DirectRoom.objects.get(room=direct).member_set == direct_rooms.set_of(
        [greta.pk, karl.pk]
    )
    assert InboxItem.objects.get().member == greta


def test_an_answer_to_the_guest_is_told_to_the_account(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    former, greta = called("Gus"), called_account()
    karl = any_member(member_id(guest("Karl")))
    seq = say(garden, former, "one")
    carry(former)

    commit.commit_operation(garden, commit.Post(karl.pk, "a", "yes", reply_to=seq))

    assert InboxItem.objects.get().member == greta


def test_people_who_had_two_direct_rooms_go_on_in_one(gus: Client, key: Authenticator) -> None:
    former, greta = called("Gus"), called_account()
    karl = any_member(member_id(guest("Karl")))
    old = direct_rooms.open_for(former, [karl.pk])
    new = direct_rooms.open_for(greta, [karl.pk])

    carry(former)

    assert Room.objects.get(pk=old.pk).is_archived
    assert not Room.objects.get(pk=new.pk).is_archived
    assert Membership.objects.filter(room=old, member=greta).exists()


# --- What nobody may do -----------------------------------------------------------------------


def test_it_is_in_the_record_and_moderators_know_the_former_name(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    former = called("Gus")
    say(garden, former, "one")
    carry(former)

    entry = AuditEntry.objects.get(action="carried_over")
    assert entry.actor == called_account()
    assert entry.details == {"name": "Gus", "guest": former.pk}
    assert called_account().former_names.get().name == "Gus"


def test_a_mute_goes_on_and_the_longer_one_counts(gus: Client, key: Authenticator) -> None:
    former = called("Gus")
    mutes.mute(actor=SYSTEM, member=former, seconds=3600, reason="noise")
    former.refresh_from_db()

    carry(former)

    until = called_account().muted_until
    assert until is not None
    assert until > timezone.now() + timedelta(minutes=50)


def test_what_a_banned_guest_said_stays_theirs(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    former = called("Gus")
    say(garden, former, "one")
    path = sign_in(gus, key).json()["next"]
    bans.ban(actor=SYSTEM, member=former, seconds=3600, reason="noise")

    assert gus.post(path, {"yes": "1"}).status_code == 404

    assert not CarriedOver.objects.exists()
    former.refresh_from_db()
    with pytest.raises(Forbidden, match="banned"):
        carry(former)


def test_a_moderator_has_no_power_over_what_an_owner_said_as_a_guest(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    former, greta = called("Gus"), called_account()
    seq = say(garden, former, "one")
    roles.appoint(actor=SYSTEM, member=greta, role="owner")
    carry(former)
    karl = any_member(member_id(guest("Karl")))
    roles.appoint(actor=SYSTEM, member=karl, role="moderator")
    karl.refresh_from_db()

    with pytest.raises(Forbidden):
        message_moderation.delete(actor=Actor(karl), room=garden, seq=seq)


def test_a_ban_of_what_the_guest_said_is_the_accounts(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    former = called("Gus")
    carry(former)

    bans.ban(actor=SYSTEM, member=any_member(former.pk), seconds=3600, reason="noise")

    assert Ban.objects.get().member == called_account()


def test_a_session_that_ended_proves_nothing(gus: Client, key: Authenticator, garden: Room) -> None:
    former = called("Gus")
    say(garden, former, "one")
    gus.post("/leave/")

    assert sign_in(gus, key).json()["next"].startswith("/rooms/")
    with pytest.raises(NotFound):
        carry(former)


@pytest.mark.parametrize(
    "guest_of",
    [
        pytest.param(lambda one: Identity(one.pk, one.name, one.session + 1), id="session"),
        pytest.param(lambda one: Identity(one.pk + 1000, one.name, one.session), id="nobody"),
    ],
)
def test_nobody_carries_over_what_others_said(
    gus: Client, key: Authenticator, guest_of: Callable[[Member], Identity]
) -> None:
    with pytest.raises(NotFound):
        carrying_over.carry_over(account=called_account(), guest=guest_of(called("Gus")))

    assert not CarriedOver.objects.exists()


def test_a_question_to_one_account_is_none_to_another(
    gus: Client, key: Authenticator, garden: Room
) -> None:
    say(garden, called("Gus"), "one")
    path = sign_in(gus, key).json()["next"]
    other = Authenticator()
    keep(guest("Olga"), other)
    sign_in(gus, other)

    assert gus.post(path, {"yes": "1"}).status_code == 302

    assert not CarriedOver.objects.exists()


def test_an_account_is_never_carried_over(key: Authenticator) -> None:
    other = Authenticator()
    keep(guest("Olga"), other)

    with pytest.raises(NotFound):
        carry(called("Olga"))


def test_another_site_carries_nothing_over(gus: Client, key: Authenticator, garden: Room) -> None:
    say(garden, called("Gus"), "one")
    path = sign_in(gus, key).json()["next"]
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost", SERVER_PORT="8000")
    strict.cookies = gus.cookies

    assert strict.post(path, {"yes": "1"}).status_code == 403
    assert not CarriedOver.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_carry_over_once() -> None:
    key = Authenticator()
    keep(guest(), key)
    room = open_room(key="garden", name="Garden")
    gus = guest("Gus")
    say(room, called("Gus"), "one")
    path = sign_in(gus, key).json()["next"]

    def answer() -> Any:
        twin = browser()
        twin.cookies = gus.cookies
        return twin.post(path, {"yes": "1"})

    said = at_once(answer, answer)

    assert statuses(said) == [303, 303]
    assert CarriedOver.objects.count() == 1
    assert AuditEntry.objects.filter(action="carried_over").count() == 1


def test_the_guest_is_gone_and_the_name_is_free(gus: Client, key: Authenticator) -> None:
    old = gus.cookies["member"].value
    carry(called("Gus"))

    stale = browser()
    stale.cookies["member"] = old
    assert not is_in(stale)
    assert guest("Gus")


def test_the_ended_session_of_an_account_carries_nothing(key: Authenticator) -> None:
    gus = guest("Gus")
    greta = called_account()
    accounts.sign_out_everywhere(actor=SYSTEM, member=greta)

    with pytest.raises(SessionEnded):
        carrying_over.carry_over(account=greta, guest=identity(called("Gus")))
    assert is_in(gus)
