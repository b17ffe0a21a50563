"""The smaller commands of an operator: erase_member, rotate_secret, doctor."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from chat.accounts.models import Member
from chat.maintenance import erasure, log_integrity, throttling
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.rooms.models import Room, RoomHead

from ..messages import logs
from ..messages.concurrent_commits import url_of
from ..messages.logs import react, say

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db


def told(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("batch", [100, 2])
def test_an_erased_member_leaves_numbers_and_nothing_else(
    garden: Room, alice: Member, bob: Member, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "BATCH", batch)
    monkeypatch.setattr(erasure, "WINDOW", batch)
    for number in range(5):
        say(garden, alice, f"Alice's secret {number}")
    say(garden, bob, "Bob's")
    commit.commit_operation(garden, commit.Edit(alice.pk, 2, "Alice's secret, edited"))
    commit.commit_operation(garden, commit.Delete(alice.pk, 3))
    commit.commit_operation(garden, react(alice, 6))
    commit.commit_operation(garden, react(bob, 6, "🎉"))
    say(garden, bob, "Bob's, taken back with what others thought of it")
    commit.commit_operation(garden, react(alice, 11))
    commit.commit_operation(garden, react(bob, 11))
    commit.commit_operation(garden, commit.Delete(bob.pk, 11))
    name = alice.name

    assert "would go, with 4 messages" in told("erase_member", str(alice.pk), "--dry-run")
    assert "erased, with 4 messages" in told("erase_member", str(alice.pk))

    said = Message.objects.filter(author=alice)
    assert sorted(said.values_list("seq", flat=True)) == [1, 2, 3, 4, 5]
    everything = [*Message.objects.values(), *Change.objects.values(), *Member.objects.values()]
    assert "secret" not in str(everything)
    assert name not in str(everything)
    assert Message.objects.get(seq=6).body == "Bob's"
    assert [r["emoji"] for r in Message.objects.get(seq=6).reactions or []] == ["🎉"]
    taken_back = Change.objects.get(seq=14).replaced
    assert taken_back is not None
    assert [[who["name"] for who in r["members"]] for r in taken_back["reactions"]] == [["Bob"]]
    assert log_integrity.inspect(garden).fault_count == 0
    assert "erased, with 0 messages" in told("erase_member", str(alice.pk))


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_a_room_that_somebody_holds_is_waited_for(
    garden: Room, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is deleted past the log: readers would never hear of it."""
    say(garden, alice, "a secret")
    with psycopg.connect(url_of(connection.settings_dict)) as holder:
        holder.execute("SELECT * FROM chat_roomhead FOR UPDATE")
        monkeypatch.setattr(throttling, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(throttling, "ATTEMPTS", 1)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")

        with pytest.raises(CommandError, match=r"busy.*The same command again"):
            told("erase_member", str(alice.pk))

        assert Message.objects.get().body == "a secret"
    told("erase_member", str(alice.pk))
    assert log_integrity.inspect(garden).changes == 1
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def test_a_member_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CommandError, match="no member 999"):
        told("erase_member", "999")


def test_a_rotated_key_is_fresh_and_the_old_one_still_verifies(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("DEBUG=off\nSECRET_KEY=first\n# a comment\n")

    told("rotate_secret", "--file", str(file), "--dry-run")
    assert "SECRET_KEY=first" in file.read_text()
    told("rotate_secret", "--file", str(file))
    told("rotate_secret", "--file", str(file))

    lines = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    assert len(lines["SECRET_KEY"]) > 50
    assert lines["SECRET_KEY_FALLBACKS"].endswith(",first")
    assert "# a comment" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    told("rotate_secret", "--file", str(file), "--forget")
    assert "SECRET_KEY_FALLBACKS=\n" in file.read_text()


def test_a_key_that_is_elsewhere_cannot_be_rotated(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("DEBUG=off\n")

    with pytest.raises(CommandError, match="no SECRET_KEY"):
        told("rotate_secret", "--file", str(file))
    with pytest.raises(CommandError, match="There is no"):
        told("rotate_secret", "--file", str(tmp_path / "nowhere"))


def test_the_doctor_finds_a_sound_place_sound() -> None:
    said = told("doctor")

    assert "every migration is there" in said
    assert "ILL" not in said


def test_the_doctor_finds_a_room_whose_time_is_ahead(garden: Room) -> None:
    RoomHead.objects.filter(room=garden).update(last_at=timezone.now() + timedelta(days=400))

    assert "room garden: its last message is dated 2" in told("doctor")


@override_settings(REDIS_URL="redis://127.0.0.1:1", SITE_ORIGINS=["https://chat.example"])
def test_the_doctor_says_what_is_ill_and_what_to_do() -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="1 to be mended"):
        call_command("doctor", stdout=out)

    assert "ILL   redis:" in out.getvalue()
    assert "Look at REDIS_URL." in out.getvalue()
    assert "Set TRUSTED_PROXY_HEADER" in out.getvalue()
