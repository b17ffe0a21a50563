"""Fills a room with a believable conversation, for trying the chatroom and for looking at it."""

import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from chat.accounts.models import Member
from chat.accounts.names import canonical_name
from chat.errors import ChatError
from chat.management.database_command import DatabaseCommand
from chat.management.progress import progress, stoppable
from chat.messages import commit
from chat.messages.models import Message
from chat.moderation import admission
from chat.rooms.models import Room

CONVERSATION = Path(__file__).parent.parent / "conversation.txt"

# Marks what this command said, so that a second run finds it and says nothing twice.
CLIENT_ID_PREFIX = "populate-"


@dataclass(slots=True)
class Line:
    """One thing said, and what became of it."""

    name: str
    answers: str | None
    body: str
    reactions: list[tuple[str, list[str]]] = field(default_factory=list)
    edited: str | None = None
    deleted: bool = False


class Command(DatabaseCommand):
    help = "Fill a room with a believable conversation. Running it again adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--room", default="lobby", help="the key of the room")
        parser.add_argument("--messages", type=int, default=200, help="how many messages")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = read_conversation(CONVERSATION.read_text("utf-8"))
        try:
            room = Room.objects.get(key=options["room"])
            members = {name: find_or_join(name) for name in sorted({line.name for line in lines})}
            self.stdout.write(f"{len(members)} people say {options['messages']:,} messages …")
            with stoppable(), progress(options["messages"], room.key, "messages") as done:
                fresh = talk(room, members, islice(cycle(lines), options["messages"]), done)
        except Room.DoesNotExist:
            raise CommandError(f"There is no room “{options['room']}”.") from None
        except ChatError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(f"{room.name}: {fresh:,} are new, the others were there already.")


def read_conversation(text: str) -> list[Line]:
    """`Name: …` says something, `Name > Other: …` answers what Other said last.

    Indented below it: `+ 👍 Name, Name` reacts, `= …` is what its author made of it, `x` takes it
    back.
    """
    lines: list[Line] = []
    for written in filter(str.strip, text.splitlines()):
        match re.split(r"\s+", written, maxsplit=2):
            case ["", "+", reaction]:
                emoji, _, names = reaction.partition(" ")
                lines[-1].reactions.append((emoji, names.split(", ")))
            case ["", "=", body]:
                lines[-1].edited = body
            case ["", "x"]:
                lines[-1].deleted = True
            case _:
                who, _, body = written.partition(": ")
                name, _, answers = who.partition(" > ")
                lines.append(Line(name, answers or None, body.replace("\\n", "\n")))
    return lines


def find_or_join(name: str) -> Member:
    """Who talked under this name before, or a new guest; never a visitor who took the name."""
    talked_before = Member.objects.filter(
        canonical_name=canonical_name(name), messages__client_id__startswith=CLIENT_ID_PREFIX
    )
    return talked_before.first() or admission.join(name=name)


def talk(
    room: Room, members: dict[str, Member], lines: Iterable[Line], done: Callable[[int], None]
) -> int:
    """Say what was not said yet, telling `done` of each line. How many were said now."""
    # Asked once: a repeat is refused by a constraint, and PostgreSQL logs each of those.
    known = said_before(room, members)
    fresh = 0
    said_last: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        author, client_id = members[line.name], f"{CLIENT_ID_PREFIX}{number}"
        seq = known.get((author.pk, client_id))
        if seq is None:
            answered = said_last.get(line.answers) if line.answers else None
            seq = say(room, author, client_id, line, answered)
            for change in changes(line, seq, members):
                commit.commit_operation(room, change)
            fresh += 1
        said_last[line.name] = seq
        done(1)
    return fresh


def said_before(room: Room, members: dict[str, Member]) -> dict[tuple[int, str], int]:
    """The numbers of what this command said in the room, by author and key."""
    said = Message.objects.in_room(room.pk).filter(
        author__in=members.values(), client_id__startswith=CLIENT_ID_PREFIX
    )
    found = said.values_list("author", "client_id", "seq")
    return {(author, client_id): seq for author, client_id, seq in found}


def say(room: Room, author: Member, client_id: str, line: Line, answered: int | None) -> int:
    post = commit.Post(author.pk, client_id, line.body, reply_to=answered)
    return commit.commit_operation(room, post).seq


def changes(line: Line, seq: int, members: dict[str, Member]) -> Iterable[commit.Operation]:
    if line.edited:
        yield commit.Edit(members[line.name].pk, seq, line.edited)
    for emoji, names in line.reactions:
        for name in names:
            yield commit.React(members[name].pk, seq, emoji, on=True)
    if line.deleted:
        yield commit.Delete(members[line.name].pk, seq)
