"""The door: who may come in. Every way that makes a member or signs one in asks here (ADR 52).

What someone shows at the door is a `Way`. The answer does not depend on the name that they typed:
a closed door refuses known and unknown names alike, before any name is looked up.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext

from ..accounts import site_rules, site_settings
from ..accounts.models import Member
from ..accounts.site_settings import ComesIn, CurrentSite
from ..accounts.users import User
from ..errors import Forbidden, NotFound
from ..rooms.models import Room
from . import newcomers, roles, room_invitations, site_invitations


@dataclass(frozen=True, slots=True)
class Way:
    """How someone without a session comes in, and what they bring."""

    # The token of an invitation: to the site, to a room, or to a role.
    invitation: str = ""
    # The secret of a browser that waited to be let in.
    secret: str = ""
    # The version of the rules that they accepted; 0: none.
    rules: int = 0
    # They make an account in the same step.
    account: bool = False
    # A provider says who they are. The domain of the address was checked by the caller.
    single_sign_on: bool = False


class MustWait(Forbidden):
    """The way in leads through the queue: ask with `newcomers.ask`."""


class MustAccept(Forbidden):
    """The rules of the site were not accepted."""


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """The door is open for this way. `use` it in the transaction that makes the member."""

    _way: Way
    _site: CurrentSite
    _take: Callable[[Member], Room | None] | None
    _waited: bool

    @property
    def uses_invitation(self) -> bool:
        return self._take is not None

    def use(self, member: Member) -> Room | None:
        """Use up what opened the door. The room of an invitation, where it led.

        NotFound if someone else used it up at the same time: then nobody comes in.
        """
        if self._site.rules_version and self._way.rules:
            site_rules.accept(member, self._way.rules)
        if self._waited:
            newcomers.come_in(self._way.secret, member)
        return self._take(member) if self._take else None


def check(way: Way) -> OpenDoor:
    """Forbidden unless someone may come in this way now."""
    site = site_settings.current()
    asks_invitation = site.who_may_come_in == ComesIn.INVITED or site.approval
    take = _invitation(way.invitation) if way.invitation and asks_invitation else None
    _check_choice(site.who_may_come_in, way, is_invited=take is not None)
    if way.rules != site.rules_version and not way.single_sign_on:
        raise MustAccept(gettext("Read the rules and accept them to come in."))
    must_wait = site.approval and take is None and not way.single_sign_on
    if must_wait and not newcomers.is_approved(newcomers.of_secret(way.secret)):
        raise MustWait(gettext("Moderators let people in here. Ask them."))
    # Last: who waits makes the account once they are let in.
    if site.who_may_come_in == ComesIn.ACCOUNTS and not (way.account or way.single_sign_on):
        raise Forbidden(gettext("You need an account here. Make one with a passkey, or sign in."))
    return OpenDoor(way, site, take, must_wait)


def check_sign_in(member: Member, *, single_sign_on: bool = False, recovery: bool = False) -> None:
    """Forbidden unless this account may sign in this way now.

    Single sign-on only: accounts that the provider knows may use their passkeys while it is away.
    Of the others only owners and moderators sign in, who mend what is wrong, and who has the link
    of an operator.
    """
    is_known = single_sign_on or recovery or _is_known_to_provider(member)
    if not is_known and not is_open_without_provider(member):
        raise Forbidden(gettext("Only single sign-on is open here. Use it to sign in."))


def is_open_without_provider(member: Member) -> bool:
    """Whether this account may sign in although no provider knows it."""
    only = site_settings.current().who_may_come_in == ComesIn.SINGLE_SIGN_ON
    return not only or bool(member.office)


def _is_known_to_provider(member: Member) -> bool:
    return User.objects.filter(member=member, sso_identities__isnull=False).exists()


def _check_choice(choice: ComesIn, way: Way, *, is_invited: bool) -> None:
    if choice == ComesIn.INVITED and not is_invited:
        raise Forbidden(gettext("You need an invitation to come in. Open the link that you got."))
    if choice == ComesIn.SINGLE_SIGN_ON and not way.single_sign_on:
        raise Forbidden(gettext("Only single sign-on is open here. Use it to sign in."))


def _invitation(token: str) -> Callable[[Member], Room | None] | None:
    """What using this invitation does; None if it is not valid."""
    kinds = (
        (room_invitations.invitation_of, _into_room),
        (site_invitations.invitation_of, _into_site),
        (roles.invitation_of, _into_role),
    )
    for find, take in kinds:
        with suppress(NotFound):
            find(token)
            return partial(take, token)
    return None


def _into_room(token: str, member: Member) -> Room | None:
    return room_invitations.take(member=member, token=token)


def _into_site(token: str, member: Member) -> Room | None:
    site_invitations.use(token)
    return None


def _into_role(token: str, member: Member) -> Room | None:
    roles.take_invitation(member=member, token=token)
    return None


def invites(token: str) -> bool:
    """Whether this is an invitation that is valid, whatever it leads to."""
    return _invitation(token) is not None
