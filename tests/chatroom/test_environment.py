"""Settings as people write them: understood, or refused by name, and never told."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatroom.environment import Environment, read_env_file

ROOT = Path(__file__).resolve().parents[2]
SQLITE = "sqlite:////data/none.sqlite3"

Read = Callable[[Environment], Any]


def text(env: Environment) -> Any:
    return env.text("X", default="none")


def flag(env: Environment) -> Any:
    return env.flag("X", default=False)


def integer(env: Environment) -> Any:
    return env.integer("X", default=7, least=1, most=99)


def seconds(env: Environment) -> Any:
    return env.seconds("X", default=0.5)


def words(env: Environment) -> Any:
    return env.words("X", default=["none"])


def hosts(env: Environment) -> Any:
    return env.hosts("X", default=["localhost"])


def keys(env: Environment) -> Any:
    return env.keys("X", default=[])


def mapping(env: Environment) -> Any:
    return env.mapping("X", default={}, to=("owner", "moderator"))


def redis(env: Environment) -> Any:
    return env.redis("X", default="")


def database(env: Environment) -> Any:
    found = env.database("X", default=SQLITE)
    return [found[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]


UNDERSTOOD: list[tuple[Read, str, Any]] = [
    (text, "", "none"),
    (text, "  ", "none"),
    (text, '""', "none"),
    (text, "$HOME", "$HOME"),
    (text, "$2b$10$abc", "$2b$10$abc"),
    (text, "a#b=c%d{e}", "a#b=c%d{e}"),
    (text, "#abc", "#abc"),
    (text, "%(here)s", "%(here)s"),
    (text, "value\r\n", "value"),
    (text, "\ufeffvalue", "value"),
    (text, "'quoted'", "quoted"),
    (text, "it's", "it's"),
    *[(flag, yes, True) for yes in ("on", "ON", "True", "yes", "1", "t", " y ", "'true'")],
    *[(flag, no, False) for no in ("off", "False", "NO", "0", "f", " n", "", "disabled")],
    (integer, " 8 ", 8),
    (integer, '"8"', 8),
    (integer, "", 7),
    (integer, "+8", 8),
    (seconds, "2.5\n", 2.5),
    (seconds, "3", 3.0),
    (words, "a, b ,c", ["a", "b", "c"]),
    (words, "a b\tc\n", ["a", "b", "c"]),
    (words, ",a,,b,", ["a", "b"]),
    (words, " , ", ["none"]),
    (words, '"a","b"', ["a", "b"]),
    (words, "'a, b'", ["a", "b"]),
    (hosts, "Chat.example.org, .example.org,*", ["Chat.example.org", ".example.org", "*"]),
    (hosts, "::1, [2001:db8::1], 192.0.2.1", ["[::1]", "[2001:db8::1]", "192.0.2.1"]),
    (keys, "one, two\n", ["one", "two"]),
    (keys, "one\r\ntwo\r\n\r\n", ["one", "two"]),
    (keys, "$one,#two,three=", ["$one", "#two", "three="]),
    (redis, "rediss://:$pa%23ss@host:6380/1\n", "rediss://:$pa%23ss@host:6380/1"),
    (mapping, "", {}),
    (
        mapping,
        "a=owner, the b = Moderator\nc=d=owner",
        {"a": "owner", "the b": "moderator", "c=d": "owner"},
    ),
    (redis, "", ""),
    (database, "", ["", "", "", "", "/data/none.sqlite3"]),
    (database, "postgres://u:$word@db:5433/chat", ["u", "$word", "db", 5433, "chat"]),
    (database, "postgresql://u:a%23b%2Fc%40d@db/chat\n", ["u", "a#b/c@d", "db", "", "chat"]),
    (database, "postgres://u:a+b%=c@db/chat", ["u", "a+b%=c", "db", "", "chat"]),
    (database, "postgres://u:p@[::1]:5432/chat", ["u", "p", "::1", 5432, "chat"]),
    (database, "postgres://u:p@a:1,b:2/chat", ["u", "p", "a,b", "1,2", "chat"]),
    (database, "sqlite:////data/my+chat.sqlite3", ["", "", "", "", "/data/my+chat.sqlite3"]),
]


@pytest.mark.parametrize(("read", "written", "value"), UNDERSTOOD)
def test_a_value_is_understood_as_it_is_written(read: Read, written: str, value: Any) -> None:
    assert read(Environment({"X": written})) == value


@pytest.mark.parametrize(("read", "written", "value"), UNDERSTOOD)
def test_a_file_is_understood_as_the_same_value(
    read: Read, written: str, value: Any, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(f"{written}\r\n".encode())

    assert read(Environment({"X": "another", "X_FILE": str(file)})) == value


REFUSED: list[tuple[Read, str]] = [
    *[(flag, other) for other in ("maybe", "2", "oui", "10", "-")],
    *[
        (integer, other)
        for other in ("0", "-1", "100", "1e3", "1_0", "8.5", "0x8", "eight", "\uff18")
    ],
    *[(seconds, other) for other in ("-1", "nan", "inf", "1e9", "1s", "99999999")],
    *[
        (hosts, other)
        for other in ("http://a", "a:80", "a/b", "[1]", "a..b", "[::g]", '["a"]', "a;b")
    ],
    *[(redis, other) for other in ("host:6379", "http://secret", "redis://", "redis://:s#t@h/0")],
    *[(mapping, other) for other in ("secret", "secret=", "=owner", "a=secret")],
    (redis, "redis://host:secret/0"),
    (database, "postgres://u:sec#ret@db/chat"),
    (database, "postgres://u:sec/ret@db/chat"),
    (database, "postgres://u:12/secret@db/chat"),
    (database, "postgres://u:1?secret@db/chat"),
    (database, "postgres://u:secret@db:port/chat"),
    (database, "postgres://u:secret@db/"),
    (database, "postgres:///chat"),
    (database, "mysql://u:secret@db/chat"),
    (database, "u:secret@db/chat"),
    (database, "/data/secret.sqlite3"),
    (database, "sqlite://secret.sqlite3"),
    (database, "sqlite:///"),
    (database, "postgres://u:secret@[::1/chat"),
    (text, "sec\x1bret"),
]


@pytest.mark.parametrize(("read", "written"), REFUSED)
def test_what_cannot_be_understood_is_refused_by_name_and_no_secret_is_told(
    read: Read, written: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^X .*\. Write ") as refused:
        read(Environment({"X": written}))

    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"key\xe9"])
def test_a_file_that_cannot_be_read_is_refused_by_name(
    content: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ImproperlyConfigured, match=r"^X_FILE names .*/secret, which"):
        text(Environment({"X": "x", "X_FILE": str(file)}))


def test_lines_of_an_env_file_are_read_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(
        b"\xef\xbb\xbfA=first\r\n# a comment\r\n\r\nexport B = blanks around \r\n"
        b"C=a#b\nD=a #b\nE=#a\nF= # nothing\nG=\nH='single # $x' # c\n"
        b'I="double \\" \\\\ # $x"\nJ=$a$$b%c=d==\nK="it\'s"\nL=`ls`$(ls)\n'
    )

    assert read_env_file(file) == {
        "A": "first", "B": "blanks around", "C": "a#b", "D": "a", "E": "#a", "F": "", "G": "",
        "H": "single # $x", "I": 'double " \\ # $x', "J": "$a$$b%c=d==", "K": "it's",
        "L": "`ls`$(ls)",
    }  # fmt: skip


@pytest.mark.parametrize("line", ["SECRET_KEY: secret", "secret", "1A=secret", "=secret"])
def test_a_line_that_is_no_setting_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"A=1\n{line}\n")

    with pytest.raises(ImproperlyConfigured, match=r"\.env, line 2, is no setting") as refused:
        read_env_file(file)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "postgres://u:s3cret#@db/chat", "DATABASE_URL is no URL. Write postgres:"),
        ("SOCKETS_PER_MEMBER", "-5", "SOCKETS_PER_MEMBER is out of range. Write a whole number"),
        ("RATE_LIMITS", "s3cret", "RATE_LIMITS is neither on nor off. Write on or off."),
        ("SECRET_KEY_FILE", "/nowhere/key", "SECRET_KEY_FILE names /nowhere/key, which cannot be"),
    ],
)
def test_a_command_says_in_one_line_what_is_wrong_with_the_settings(
    name: str, value: str, said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env=os.environ | {name: value}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert "s3cret" not in done.stderr + done.stdout
