"""Recovery codes: ten that one writes down, each of which signs in once."""

import hashlib
import secrets

from .account_models import RecoveryCode
from .users import User

CODES = 10
# Letters and digits that are not mistaken for each other on paper.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, LETTERS = 4, 4


def renew(user: User) -> list[str]:
    """Ten new codes; the earlier ones end. Only now are they known."""
    user.recovery_codes.all().delete()
    codes = [_code() for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(code)) for code in codes
    )
    return codes


def use(code: str) -> User | None:
    """Whose code this is; it is spent. Call it in the transaction of what it does."""
    found = RecoveryCode.objects.filter(digest=_digest(code)).select_related("user__member").first()
    # Of two who use it at once, one deletes it.
    if found is None or not RecoveryCode.objects.filter(pk=found.pk).delete()[0]:
        return None
    return found.user


def _code() -> str:
    """79 random bits: more than anybody can try, so that a plain digest keeps them."""
    letters = ["".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS)]
    return "-".join(letters)


def _digest(code: str) -> str:
    """The same for a code with other spaces, dashes or capitals."""
    plain = "".join(letter for letter in code.lower() if letter in ALPHABET)
    return hashlib.sha256(plain.encode()).hexdigest()
