"""Who gets an office and how it ends; and the record of what was done with it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from chat import bus
from chat.accounts import guests
from chat.accounts.models import Member
from chat.accounts.permissions import Role
from chat.errors import NotFound, TooLong
from chat.moderation import admission, moderation_state, mutes, roles
from chat.moderation.authorization import Actor
from chat.moderation.models import AuditEntry

from ..messages import logs
from . import moderation_fixtures
from .moderation_fixtures import entry

garden, bob, announced = logs.garden, logs.bob, logs.announced
morgan, olivia = moderation_fixtures.morgan, moderation_fixtures.olivia

pytestmark = pytest.mark.django_db(transaction=True)


# --- Offices ----------------------------------------------------------------------------------


def test_an_invitation_makes_one_owner(alice: Member, bob: Member) -> None:
    token = roles.invite()

    roles.take_invitation(member=alice, token=token)
    with pytest.raises(NotFound):
        roles.take_invitation(member=bob, token=token)

    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.role, bob.role) == (Role.OWNER, Role.GUEST)
    assert moderation_state.load().roles == {alice.pk: Role.OWNER}
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["invited", "appointed"]


@pytest.mark.parametrize("token", ["", "nonsense", "MQ:1abc:def"])
def test_a_made_up_invitation_is_none(alice: Member, token: str) -> None:
    roles.invite()

    with pytest.raises(NotFound):
        roles.take_invitation(member=alice, token=token)


def test_an_old_invitation_is_none(alice: Member) -> None:
    token = roles.invite(seconds=0)

    with pytest.raises(NotFound):
        roles.take_invitation(member=alice, token=token)


def test_a_guest_with_an_office_keeps_the_name_and_others_do_not(morgan: Member) -> None:
    admission.join(name="Gregory")
    long_ago = timezone.now() - timedelta(seconds=settings.GUEST_NAME_SECONDS + 1)
    Member.objects.update(last_seen_at=long_ago)

    assert [member.name for member in Member.objects.gone()] == ["Gregory"]


def test_whoever_leaves_leaves_the_office(morgan: Member) -> None:
    assert moderation_state.load().roles == {morgan.pk: Role.MODERATOR}

    guests.leave(member=morgan)

    morgan.refresh_from_db()
    assert morgan.office == ""
    assert moderation_state.load().roles == {}


def test_an_owner_dismisses_a_moderator(olivia: Member, morgan: Member) -> None:
    roles.appoint(actor=Actor(olivia), member=morgan, role="", reason="Thank you")

    morgan.refresh_from_db()
    assert morgan.role is Role.GUEST
    assert (entry().action, entry().details) == (
        "dismissed",
        {"office": "", "before": "moderator"},
    )


# --- The record -------------------------------------------------------------------------------


def test_the_record_only_grows(alice: Member, morgan: Member) -> None:
    mutes.mute(actor=Actor(morgan), member=alice, seconds=60, reason="Shouting")
    recorded = entry()

    for change in (
        recorded.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(reason="Nothing"),
    ):
        with pytest.raises(TypeError):
            change()
    recorded.reason = "Nothing"
    with pytest.raises(IntegrityError):
        recorded.save()

    assert entry().reason == "Shouting"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    ["UPDATE chat_auditentry SET reason = 'Nothing'", "DELETE FROM chat_auditentry"],
)
def test_postgresql_keeps_the_record_from_everyone(
    alice: Member, morgan: Member, statement: str
) -> None:
    assert AuditEntry.objects.exists()

    with (
        pytest.raises(ProgrammingError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_what_fails_is_not_recorded_and_not_announced(
    alice: Member, morgan: Member, announced: list[bus.BusMessage]
) -> None:
    said, ruled = AuditEntry.objects.count(), moderation_state.numbers().moderation_version

    with pytest.raises(TooLong):
        mutes.mute(actor=Actor(morgan), member=alice, seconds=60, reason="x" * 501)

    alice.refresh_from_db()
    assert (alice.muted_until, AuditEntry.objects.count()) == (None, said)
    assert (moderation_state.numbers().moderation_version, announced) == (ruled, [])
