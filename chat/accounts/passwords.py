"""Passwords, where the operator switched them on (`PASSWORDS`): one more way into an account."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from ..errors import Forbidden, InvalidText, NotFound
from .models import Member
from .names import canonical_name
from .users import User

# A longer one costs as much time, and is no better.
PASSWORD_MAX_LENGTH = 256


def require_switched_on() -> None:
    if not settings.PASSWORDS:
        raise NotFound(gettext("This chatroom has no passwords."))


def check(password: str, user: User | None = None) -> None:
    """InvalidText, with the reasons, unless this may be a password."""
    require_switched_on()
    if len(password) > PASSWORD_MAX_LENGTH:
        text = gettext("A password may have {limit} characters.")
        raise InvalidText(text.format(limit=PASSWORD_MAX_LENGTH))
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise InvalidText(" ".join(refused.messages)) from None


def verify(name: str, password: str) -> Member:
    """Whose name and password these are. Forbidden, in the same words and time, otherwise."""
    require_switched_on()
    members = Member.objects.live().filter(canonical_name=canonical_name(name))
    user = User.objects.filter(member__in=members).select_related("member").first()
    password = password[:PASSWORD_MAX_LENGTH]
    if user is None or user.member is None or not user.has_usable_password():
        # As long as it takes to look at a password that is there.
        make_password(password)
        raise _not_known()
    if not user.check_password(password):
        raise _not_known()
    return user.member


def _not_known() -> Forbidden:
    return Forbidden(gettext("That name and password do not belong together."))
