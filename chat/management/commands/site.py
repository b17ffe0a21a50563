from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import models
from django.urls import reverse

from chat.accounts import site_settings
from chat.accounts.site_models import SiteSettings
from chat.errors import ChatError
from chat.management.database_command import DatabaseCommand
from chat.moderation import site_changes, site_invitations
from chat.moderation.authorization import SYSTEM
from chat.web import site_picture

SWITCH = {"on": True, "off": False}
# What the environment says where nothing is set.
FALLBACK = {"name": "SITE_NAME", "picture": "SITE_PICTURE", "rooms_created_by": "ROOMS_CREATED_BY"}


def _fields() -> dict[str, "models.Field[Any, Any]"]:
    hidden = {"id", "changed_at", "rules_version"}
    return {field.name: field for field in SiteSettings._meta.fields if field.name not in hidden}


class Command(DatabaseCommand):
    help = "Show and change the site settings: who may come in, name, picture, welcome, rules."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("show", help="All settings, and what each may be.")
        change = actions.add_parser("set", help="Change one; every node follows at once.")
        change.add_argument("name", choices=list(_fields()))
        change.add_argument(
            "value", help="Empty: as on a new site. For the picture, welcome and rules also @FILE."
        )
        invite = actions.add_parser("invite", help="A link with which people come in.")
        invite.add_argument("--uses", type=int, help="So many people; without it, any number.")
        invite.add_argument("--days", type=int, default=7)

    def handle(self, *, action: str, **options: Any) -> None:
        try:
            if action == "show":
                self._show()
            elif action == "set":
                self._set(options["name"], options["value"])
            else:
                self._invite(options["uses"], options["days"])
        except ChatError as error:
            raise CommandError(error.detail) from error

    def _show(self) -> None:
        row = site_settings.stored()
        for name, field in _fields().items():
            self.stdout.write(f"{name}\t{_shown(row, name)}\t{_choices(field)}")

    def _set(self, name: str, value: str) -> None:
        row = site_settings.stored()
        setattr(row, name, _value(name, value))
        try:
            row.full_clean(validate_unique=False)
        except ValidationError as error:
            raise CommandError(_explained(error)) from error
        changed = site_changes.change(actor=SYSTEM, row=row)
        self.stdout.write(f"{name} is {_shown(row, name)} now." if changed else "Nothing changed.")

    def _invite(self, uses: int | None, days: int) -> None:
        _, token = site_invitations.create(actor=SYSTEM, uses=uses, seconds=days * 86_400)
        path = reverse("site_invite", args=[token])
        self.stdout.write(f"{settings.SITE_ORIGINS[0]}{path}")


def _value(name: str, typed: str) -> Any:
    """What was typed as the setting's value. CommandError says what it may be."""
    field = _fields()[name]
    if isinstance(field, models.BooleanField):
        if typed not in {*SWITCH, ""}:
            raise CommandError(f"{name} is on or off, not “{typed}”.")
        return SWITCH.get(typed, field.default)
    if name == "picture":
        return _picture(typed)
    if not typed:
        return field.get_default()
    return _file(typed[1:]).decode() if typed.startswith("@") else typed.replace("\\n", "\n")


def _picture(typed: str) -> bytes | None:
    if not typed:
        return None
    content = _file(typed.removeprefix("@"))
    if site_picture.picture_of(content) is None:
        raise CommandError("The picture is PNG, JPEG or WebP, and has at most 256 KiB.")
    return content


def _file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _shown(row: SiteSettings, name: str) -> str:
    value = getattr(row, name)
    if isinstance(value, bool):
        return "on" if value else "off"
    if name == "picture" and value:
        return f"{len(value)} bytes"
    if not value:
        fallback = FALLBACK.get(name)
        now = getattr(settings, fallback) if fallback else ""
        return f"({fallback}: {now or 'none'})" if fallback else "(none)"
    return " ".join(str(value).split())


def _choices(field: "models.Field[Any, Any]") -> str:
    if isinstance(field, models.BooleanField):
        return "on, off"
    choices = [value for value, _ in field.flatchoices if value]
    return ", ".join(choices) if choices else str(field.help_text)


def _explained(error: ValidationError) -> str:
    return " ".join(
        f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
    )
