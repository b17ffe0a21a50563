"""Fresh proof: what could cost someone the account asks once more who is there.

A session may be an open laptop. Whoever signed in on this device a moment ago, or proved it again
by a passkey, a password or a recovery code, is believed for a while. Being let in by another device
proves nothing: that device may be the open laptop.
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext

from ..errors import Forbidden
from .account_models import Device
from .models import Member
from .users import User

VALID = timedelta(minutes=5)


class ProofWanted(Forbidden):
    """The owner of the account must prove it first."""

    def __init__(self) -> None:
        super().__init__(gettext("Confirm that it is you first."))


def is_fresh(member: Member, device: int) -> bool:
    """Whether this device gave a proof lately. A guest has nothing to prove with."""
    if not User.objects.filter(member=member).exists():
        return True
    since = timezone.now() - VALID
    return Device.objects.filter(pk=device, member=member, proved_at__gt=since).exists()


def require(member: Member, device: int) -> None:
    """ProofWanted unless the proof is fresh."""
    if not is_fresh(member, device):
        raise ProofWanted


def note(member: Member, device: int) -> None:
    """The owner has proved it on this device just now."""
    Device.objects.filter(pk=device, member=member).update(proved_at=timezone.now())
