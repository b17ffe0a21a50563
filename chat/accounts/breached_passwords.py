"""Passwords that attackers know, looked up in a file: no server is asked."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

DIGEST_LENGTH = 40


class BreachedPasswordValidator:
    """Refuses what stands in `BREACHED_PASSWORDS_FILE`, if there is one."""

    def validate(self, password: str, user: object = None) -> None:
        if settings.BREACHED_PASSWORDS_FILE and is_breached(
            password, Path(settings.BREACHED_PASSWORDS_FILE)
        ):
            raise ValidationError(
                gettext("This password is known to attackers. Choose another one.")
            )

    def get_help_text(self) -> str:
        return gettext("Your password can’t be one that attackers know.")


def is_breached(password: str, file: Path) -> bool:
    """Whether the sorted file has a line that begins with the password's SHA-1 digest."""
    # SHA-1 is what such lists are made of; nothing is protected by it.
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as lines:
        first, last = 0, file.stat().st_size
        while first < last:
            middle = (first + last) // 2
            lines.seek(middle)
            if middle:
                lines.readline()
            found = lines.readline()[:DIGEST_LENGTH].upper()
            if found == digest:
                return True
            if not found or found > digest:
                last = middle
            else:
                first = middle + 1
        lines.seek(0)
        return lines.readline()[:DIGEST_LENGTH].upper() == digest
