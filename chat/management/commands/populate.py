"""Fills a room with an example conversation, for trials and screenshots."""

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

# Marks the messages of this command, so that a second run finds them and posts nothing twice.
CLIENT_ID_PREFIX = "populate-"


@dataclass(slots=True)
class ScriptLine:
    """One message of the conversation, with its reactions and changes."""

    name: str
    answers: str | None
    body: str
    reactions: list[tuple[str, list[str]]] = field(default_factory=list)
    edited: str | None = None
    deleted: bool = False


class Command(DatabaseCommand):
    help = "Fill a room with an example conversation. Running it again adds nothing."

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


def read_conversation(text: str) -> list[ScriptLine]:
    """`Name: …` is a message, `Name > Other: …` a reply to Other's last message.

    Indented below it: `+ 👍 Name, Name` are reactions, `= …` is an edit, `x` is a deletion.
    """
    lines: list[ScriptLine] = []
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
                lines.append(ScriptLine(name, answers or None, body.replace("\\n", "\n")))
    return lines


def find_or_join(name: str) -> Member:
    """The member who posted under this name in an earlier run, or a new guest."""
    talked_before = Member.objects.filter(
        canonical_name=canonical_name(name), messages__client_id__startswith=CLIENT_ID_PREFIX
    )
    return talked_before.first() or admission.join(name=name)


def talk(
    room: Room, members: dict[str, Member], lines: Iterable[ScriptLine], done: Callable[[int], None]
) -> int:
    """Post the messages that are missing; `done` is called for each line. Returns how many."""
    # One query: posting a repeat would violate a constraint, and PostgreSQL logs that each time.
    known = posted_before(room, members)
    fresh = 0
    last_seq: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        author, client_id = members[line.name], f"{CLIENT_ID_PREFIX}{number}"
        seq = known.get((author.pk, client_id))
        if seq is None:
            answered = last_seq.get(line.answers) if line.answers else None
            seq = post(room, author, client_id, line, answered)
            for change in changes(line, seq, members):
                commit.commit_operation(room, change)
            fresh += 1
        last_seq[line.name] = seq
        done(1)
    return fresh


def posted_before(room: Room, members: dict[str, Member]) -> dict[tuple[int, str], int]:
    """The numbers of the messages of this command in the room, by author and client_id."""
    posted = Message.objects.in_room(room.pk).filter(
        author__in=members.values(), client_id__startswith=CLIENT_ID_PREFIX
    )
    found = posted.values_list("author", "client_id", "seq")
    return {(author, client_id): seq for author, client_id, seq in found}


def post(room: Room, author: Member, client_id: str, line: ScriptLine, answered: int | None) -> int:
    operation = commit.Post(author.pk, client_id, line.body, reply_to=answered)
    return commit.commit_operation(room, operation).seq


def changes(line: ScriptLine, seq: int, members: dict[str, Member]) -> Iterable[commit.Operation]:
    if line.edited:
        yield commit.Edit(members[line.name].pk, seq, line.edited)
    for emoji, names in line.reactions:
        for name in names:
            yield commit.React(members[name].pk, seq, emoji, on=True)
    if line.deleted:
        yield commit.Delete(members[line.name].pk, seq)
