"""Devices: the browsers in which an account is signed in, and how each of them is signed out.

When one ends, the member's session number rises too: what that browser has under way is refused in
the commit. The other devices go over to the new number by themselves, because their cookies name
the device.
"""

import re
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from . import change_numbers
from .account_models import LABEL_MAX_LENGTH, Device
from .models import Member

# One account may be signed in on this many devices; the one unused for longest is signed out.
DEVICES_MAX = 50
# The time of the last use is written at most this often.
USED_EVERY = timedelta(minutes=10)

_BROWSERS = [
    ("Edge", r"Edg(?:A|iOS)?/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Opera", r"OPR/"),
    ("Firefox", r"(?:Firefox|FxiOS)/"),
    ("Chrome", r"(?:Chrome|CriOS)/"),
    ("Safari", r"Version/[\d.]+.*Safari/"),
]
_SYSTEMS = [
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
]


def label_of(user_agent: str) -> str:
    """What people call this browser: “Firefox on Windows”."""
    browser = _first(_BROWSERS, user_agent) or gettext("A browser")
    system = _first(_SYSTEMS, user_agent)
    if not system:
        return browser
    text = gettext("{browser} on {system}").format(browser=browser, system=system)
    return text[:LABEL_MAX_LENGTH]


def _first(patterns: list[tuple[str, str]], text: str) -> str:
    return next((name for name, pattern in patterns if re.search(pattern, text)), "")


def sign_in(member: Member, label: str, *, proved: bool = True) -> Device:
    """A new device of this account. `proved`: its user is the account's owner (fresh_proof.py)."""
    kept = member.devices.order_by("-last_used_at").values_list("pk", flat=True)[: DEVICES_MAX - 1]
    member.devices.exclude(pk__in=list(kept)).delete()
    proved_at = timezone.now() if proved else None
    return Device.objects.create(member=member, label=label, proved_at=proved_at)


def sign_out(member: Member, device: int) -> bool:
    """Sign this device out. Call it in a transaction that has locked the member."""
    is_gone = bool(member.devices.filter(pk=device).delete()[0])
    if is_gone:
        _end_sessions(member)
    return is_gone


def sign_out_everywhere(member: Member) -> None:
    """Sign every device out. Call it in a transaction that has locked the member."""
    member.devices.all().delete()
    _end_sessions(member)


def note_used(devices: set[int]) -> None:
    """Record that these devices are in use now."""
    now = timezone.now()
    used = Device.objects.filter(pk__in=devices, last_used_at__lt=now - USED_EVERY)
    used.update(last_used_at=now)


def _end_sessions(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(session=F("session") + 1)
    member.refresh_from_db(fields=["session"])
    change_numbers.record_session_change(member.pk)
