"""Those who keep the house, and what was last written down of it."""

import pytest

from chat.accounts.models import Member
from chat.moderation import admission, roles
from chat.moderation.authorization import SYSTEM
from chat.moderation.models import AuditEntry


@pytest.fixture
def morgan(db: None) -> Member:
    return with_office("Morgan", "moderator")


@pytest.fixture
def olivia(db: None) -> Member:
    return with_office("Olivia", "owner")


def with_office(name: str, office: str) -> Member:
    member = admission.join(name=name)
    roles.appoint(actor=SYSTEM, member=member, role=office)
    member.refresh_from_db()
    return member


def entry() -> AuditEntry:
    """What was recorded last."""
    found = AuditEntry.objects.order_by("pk").last()
    assert found is not None
    return found
