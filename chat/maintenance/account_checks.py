"""What `manage.py doctor` says about accounts: of each part what it lacks, and what to do.

No part needs a mail server: who lost every way in gets a link from an operator.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from PIL import features

from .findings import Finding
from .models import MemberTask

# What Pillow needs for the formats that are taken and made (accounts/pictures.py).
CODECS = {"PNG": "zlib", "JPEG": "jpg", "WebP": "webp"}
# A node looks every few seconds for tasks, and takes over those of a dead one after half a minute.
LATE = timedelta(minutes=5)


def passkeys() -> Iterator[Finding]:
    """Passkeys belong to a name, and browsers want HTTPS for them, except on this machine."""
    unfit = [origin for origin in settings.SITE_ORIGINS if not has_passkeys(origin)]
    if len(unfit) == len(settings.SITE_ORIGINS):
        yield Finding(
            "watch",
            f"accounts: no passkeys at {', '.join(unfit)}, so nobody can keep a name",
            "Put a name and https:// into SITE_ORIGINS. Meanwhile PASSWORDS=on keeps names, too.",
        )
    else:
        fit = [origin for origin in settings.SITE_ORIGINS if origin not in unfit]
        yield Finding("well", f"accounts: passkeys at {', '.join(fit)}")


def breached_passwords() -> Iterator[Finding]:
    file = settings.BREACHED_PASSWORDS_FILE
    if not settings.PASSWORDS:
        yield Finding("well", "accounts: no passwords, which passkeys do without")
    elif not file:
        yield Finding(
            "watch",
            "accounts: passwords that attackers know are not refused, but for the most common ones",
            "Set BREACHED_PASSWORDS_FILE (docs/operate/accounts.md).",
        )
    elif not Path(file).is_file():
        yield Finding("ill", f"accounts: {file} is not there", "Nobody can set a password.")
    else:
        yield Finding("well", f"accounts: passwords are looked up in {file}")


def has_passkeys(origin: str) -> bool:
    address = urlsplit(origin)
    host = address.hostname or ""
    is_local = host == "localhost" or host.endswith(".localhost")
    is_bare = ":" in host or host.replace(".", "").isdigit()
    return is_local or (address.scheme == "https" and not is_bare)


def pictures() -> Iterator[Finding]:
    """Pillow may have been built without a format."""
    missing = [name for name, codec in CODECS.items() if not features.check(codec)]
    if missing:
        yield Finding(
            "ill",
            f"pictures: Pillow reads and writes no {', '.join(missing)}, so some uploads fail",
            "Install Pillow with pip: its own packages have all formats.",
        )
    else:
        yield Finding("well", f"pictures: {', '.join(CODECS)}")


def background_tasks() -> Iterator[Finding]:
    """Downloads and deletions that wait for a node, or for somebody."""
    now = timezone.now()
    open_tasks = MemberTask.objects.filter(finished_at=None)
    stuck = open_tasks.exclude(problem="").order_by("asked_at")[:5]
    for task in stuck:
        yield Finding("watch", f"tasks: the {task} waits: {task.problem}", "See Member tasks.")
    late = open_tasks.filter(due_at__lt=now - LATE).exclude(leased_until__gt=now).count()
    if late:
        yield Finding(
            "ill",
            f"tasks: {late} downloads or deletions wait, and no node takes them",
            "Start a node, or look into its log.",
        )
    elif not stuck:
        yield Finding("well", f"tasks: {open_tasks.count()} downloads and deletions under way")
