from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db.models import Count
from django.urls import reverse

from chat.accounts.models import Member
from chat.accounts.sign_in_links import RECOVERY_VALID
from chat.accounts.users import User
from chat.errors import ChatError
from chat.management.database_command import DatabaseCommand
from chat.moderation import accounts, roles
from chat.moderation.authorization import SYSTEM

ROLES = ["owner", "moderator", "none"]


class Command(DatabaseCommand):
    help = "List the accounts; give one a role, disable it, sign it out, make a recovery link."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="Id, role, state, devices, passkeys, name.")
        promote = _of_one(actions.add_parser("promote", help="Give a role, or take it."))
        promote.add_argument("role", choices=ROLES)
        _of_one(actions.add_parser("disable", help="Sign it out, and let it in nowhere."))
        _of_one(actions.add_parser("enable", help="Let it sign in again."))
        _of_one(actions.add_parser("sign_out", help="End its sessions on all devices."))
        _of_one(actions.add_parser("recovery_link", help="A link that signs its owner in once."))

    def handle(self, *, action: str, **options: Any) -> None:
        if action == "list":
            self._list()
            return
        steps: dict[str, Callable[..., str]] = {
            "promote": _promote,
            "disable": _disable,
            "enable": _enable,
            "sign_out": _sign_out,
            "recovery_link": _recovery_link,
        }
        try:
            user = accounts.account_of(options["account"])
            self.stdout.write(steps[action](user, options))
        except ChatError as error:
            raise CommandError(error.detail) from error
        if action == "recovery_link":
            hours = int(RECOVERY_VALID.total_seconds() // 3600)
            self.stderr.write(f"It works once, within {hours} hours. Give it to its owner only.")

    def _list(self) -> None:
        found = User.objects.exclude(member=None).select_related("member").order_by("member__name")
        counted = found.annotate(
            keys=Count("passkeys", distinct=True), open_on=Count("member__devices", distinct=True)
        )
        for user in counted.iterator():
            member = user.member
            if member is not None:
                state = "active" if user.is_active else "disabled"
                facts = member.pk, member.role, state, user.open_on, user.keys, member.name
                self.stdout.write("\t".join(str(fact) for fact in facts))


def _of_one(parser: CommandParser) -> CommandParser:
    parser.add_argument("account", help="The name, or the number that `account list` shows.")
    return parser


def _member(user: User) -> Member:
    return Member.objects.get(user=user)


def _promote(user: User, options: dict[str, Any]) -> str:
    role = "" if options["role"] == "none" else options["role"]
    roles.appoint(actor=SYSTEM, member=_member(user), role=role)
    return f"{user} is {role or 'a plain member'} now."


def _disable(user: User, options: dict[str, Any]) -> str:
    accounts.set_disabled(user=user, disabled=True)
    return f"{user} is disabled and signed out everywhere."


def _enable(user: User, options: dict[str, Any]) -> str:
    accounts.set_disabled(user=user, disabled=False)
    return f"{user} can sign in again."


def _sign_out(user: User, options: dict[str, Any]) -> str:
    accounts.sign_out_everywhere(actor=SYSTEM, member=_member(user))
    return f"{user} is signed out everywhere."


def _recovery_link(user: User, options: dict[str, Any]) -> str:
    path = reverse("recover", args=[accounts.recovery_link(user=user)])
    return f"{settings.SITE_ORIGINS[0]}{path}"
