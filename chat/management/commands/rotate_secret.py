import os
import re
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.management.arguments import add_dry_run
from chatroom.environment import read_env_file


class Command(BaseCommand):
    help = (
        "Put a new SECRET_KEY into .env, and the old one into SECRET_KEY_FALLBACKS, so that nobody"
        " is signed out. Restart the nodes; two weeks later, run it with --forget."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--file", type=Path, default=settings.BASE_DIR / ".env", help="Default: .env here."
        )
        parser.add_argument(
            "--forget", action="store_true", help="Drop the former keys instead; keep the key."
        )
        add_dry_run(parser)

    def handle(self, *, file: Path, forget: bool, dry_run: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no {file}. Name it with --file, or rotate by hand.")
        text, values = file.read_text("utf-8-sig"), read_env_file(file)
        key = values.get("SECRET_KEY", "")
        if not key:
            raise CommandError(f"{file} holds no SECRET_KEY; it may come from the environment.")
        if not re.fullmatch(r"[^\s,#'\"]+", key):
            raise CommandError(
                f"SECRET_KEY in {file} holds a blank, a comma, # or a quote, and cannot stand in a"
                " list. Rotate by hand: put it into a file that SECRET_KEY_FALLBACKS_FILE names."
            )
        former = values.get("SECRET_KEY_FALLBACKS", "")
        if forget:
            fresh, fallbacks = key, ""
        else:
            fresh, fallbacks = secrets.token_urlsafe(50), ",".join(filter(None, [key, former]))
        text = _put(_put(text, "SECRET_KEY", fresh), "SECRET_KEY_FALLBACKS", fallbacks)
        kept = len(fallbacks.split(",")) if fallbacks else 0
        if dry_run:
            self.stdout.write(f"{file} would be rewritten; former keys it keeps: {kept}.")
            return
        _replace(file, text)
        self.stdout.write(f"{file} is rewritten; former keys it keeps: {kept}. Restart the nodes.")


def _put(text: str, name: str, value: str) -> str:
    line = f"{name}={value}"
    written = re.compile(rf"^(?:export\s+)?{name}\s*=.*$", re.M)
    if written.search(text):
        return written.sub(lambda _: line, text)
    return text.rstrip("\n") + f"\n{line}\n" if value else text


def _replace(file: Path, text: str) -> None:
    # By a rename, so that the file is never incomplete; and never readable for others.
    new = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as written:
        written.write(text)
    new.replace(file)
