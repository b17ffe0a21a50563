import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db.models import Count
from django.urls import reverse

from chat.accounts.models import Member
from chat.accounts.names import canonical_name
from chat.accounts.sign_in_links import RECOVERY_VALID
from chat.accounts.users import User
from chat.errors import ChatError
from chat.maintenance import data_export, data_requests, erasure, member_tasks
from chat.maintenance.models import MemberTask
from chat.management.arguments import add_dry_run
from chat.management.database_command import DatabaseCommand
from chat.management.progress import progress, stoppable
from chat.moderation import accounts, roles
from chat.moderation.authorization import SYSTEM

ROLES = ["owner", "moderator", "none"]


class Command(DatabaseCommand):
    help = (
        "List the accounts; give one a role, disable it, sign it out, make a recovery link; write a"
        " member's data into a file, delete a member."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="Id, role, state, devices, passkeys, name.")
        promote = _of_one(actions.add_parser("promote", help="Give a role, or take it."))
        promote.add_argument("role", choices=ROLES)
        _of_one(actions.add_parser("disable", help="Sign it out, and let it in nowhere."))
        _of_one(actions.add_parser("enable", help="Let it sign in again."))
        _of_one(actions.add_parser("sign_out", help="End its sessions on all devices."))
        _of_one(actions.add_parser("recovery_link", help="A link that signs its owner in once."))

        export = _of_member(actions.add_parser("export", help="Write their data into a zip file."))
        export.add_argument("file", type=Path, help="The file to write; it must not exist.")
        delete = _of_member(
            actions.add_parser(
                "delete",
                help="Delete the account or guest, their texts and name; numbers stay. If it is"
                " stopped, a node goes on, or the same command. Backups are not reached.",
            )
        )
        delete.add_argument("--keep-name", action="store_true", help="Their messages show it.")
        delete.add_argument("--keep-texts", action="store_true", help="What they said stays.")
        add_dry_run(delete)

    def handle(self, *, action: str, **options: Any) -> None:
        if action == "list":
            self._list()
            return
        if action in {"export", "delete"}:
            member = _member_called(options["account"])
            try:
                if action == "export":
                    self._export(member, options["file"])
                else:
                    self._delete(member, options)
            except ChatError as error:
                raise CommandError(error.detail) from error
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

    def _export(self, member: Member, file: Path) -> None:
        task = data_requests.download_for(member)
        self._finish(task, data_export.count(member))
        with file.open("xb") as out:
            number = 0
            while (data := member_tasks.part_of(task.pk, number)) is not None:
                out.write(data)
                number += 1
        member_tasks.remove(task)
        self.stdout.write(f"{file} holds the data of {member.name}.")

    def _delete(self, member: Member, options: dict[str, Any]) -> None:
        name, messages = member.name, erasure.count(member)
        if options["dry_run"]:
            self.stdout.write(f"{name} would go, with {messages:,} messages.")
            return
        choices = erasure.Choices(options["keep_name"], options["keep_texts"])
        self._finish(data_requests.delete_now(member=member, choices=choices), messages)
        self.stdout.write(f"{name} is deleted.")

    def _finish(self, task: MemberTask, messages: int) -> None:
        """Do the task here, or wait until the node that took it has done it."""
        with stoppable(), progress(messages, str(task), "messages") as done:
            mine = member_tasks.take(f"manage.py {os.getpid()}", task.pk)
            if mine is not None:
                member_tasks.run(mine, on_progress=done)
            while mine is None and not _is_finished(task):
                time.sleep(1)


def _is_finished(task: MemberTask) -> bool:
    task.refresh_from_db()
    if task.problem:
        raise CommandError(task.problem)
    return task.finished_at is not None


def _member_called(name_or_id: str) -> Member:
    """A present member of this name, or a present or past one of this number."""
    found = Member.objects.live().filter(canonical_name=canonical_name(name_or_id)).first()
    if found is None and name_or_id.isdecimal():
        found = Member.objects.filter(pk=int(name_or_id)).first()
    if found is None:
        raise CommandError(f"Nobody is called {name_or_id}. Look the number up in the admin.")
    return found


def _of_member(parser: CommandParser) -> CommandParser:
    parser.add_argument("account", help="The name, or the number, of an account or guest.")
    return parser


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
