"""The environment: reads variables, `.env`, and files that hold secrets.

A value is read as people write it. A wrong one stops the start, with the variable's name, what is
wrong and what to write. Errors never show a value, because it may be a secret.
"""

import ipaddress
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

YES = {"on", "true", "yes", "1", "y", "t", "enabled"}
NO = {"off", "false", "no", "0", "n", "f", "disabled"}
# For programs that need the code but no lasting database.
IN_MEMORY = {"sqlite://:memory:", "sqlite:///:memory:"}
DATABASES = {"postgres", "postgresql", "psql", "pgsql", "sqlite"}
PORT_MAX = 65_535

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
# A value in quotes may be followed by a comment; one without ends where a comment begins.
_QUOTED = re.compile(r"""\s*(?P<quote>['"])(?P<text>.*?)(?P=quote)\s*(?:#.*)?""")
_COMMENT = re.compile(r"(?:\s#|^#\s).*")
_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE)


class Environment:
    """Each method reads one kind of value. An empty value counts as not set: `default` is used."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str, *, default: str) -> str:
        return self._read(name) or default

    def choice(self, name: str, *, default: str, of: tuple[str, ...]) -> str:
        value = (self._read(name) or default).lower()
        if value not in of:
            raise refusal(name, "is none of its values", f"Write {' or '.join(of)}.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._read(name).lower()
        if value not in YES | NO | {""}:
            raise refusal(name, "is neither on nor off", "Write on or off.")
        return value in YES if value else default

    def integer(self, name: str, *, default: int, least: int = 0, most: int = 10**9) -> int:
        return int(self._number(name, default, r"[+-]?[0-9]{1,18}", "a whole number", least, most))

    def seconds(self, name: str, *, default: float, most: int = 86_400) -> float:
        return self._number(name, default, r"[+-]?[0-9]{1,18}(\.[0-9]*)?", "a number", 0, most)

    def words(self, name: str, *, default: list[str]) -> list[str]:
        """Words such as host names, separated by commas, blanks, or both."""
        return [
            _unquoted(word) for word in re.split(r"[\s,]+", self._read(name)) if word
        ] or default

    def hosts(self, name: str, *, default: list[str]) -> list[str]:
        hosts = [_bracketed(host) for host in self.words(name, default=default)]
        for host in hosts:
            if host != "*" and not _HOST.fullmatch(host) and not _is_ipv6(host):
                raise refusal(
                    name,
                    f"holds {host[:60]!r}, which is no host name",
                    "Write chat.example.org, .example.org or 192.0.2.1: no scheme, no port.",
                )
        return hosts

    def keys(self, name: str, *, default: list[str]) -> list[str]:
        """Secrets, separated by commas or by lines."""
        keys = (_unquoted(key.strip()) for key in re.split(r"[,\r\n]", self._read(name)))
        return [key for key in keys if key] or default

    def mapping(self, name: str, *, default: dict[str, str], to: tuple[str, ...]) -> dict[str, str]:
        """Pairs `this=that`, separated by commas or by lines; each leads to one of these words."""
        pairs = [pair.rpartition("=") for pair in self.keys(name, default=[])]
        found = {key.strip(): value.strip().lower() for key, _, value in pairs}
        if any(not key or value not in to for key, value in found.items()):
            raise refusal(
                name, "holds something else than pairs", f"Write name={to[0]},name={to[-1]}."
            )
        return found or default

    def redis(self, name: str, *, default: str) -> str:
        url = self._read(name)
        if url:
            _split(name, url, {"redis", "rediss", "unix"}, "redis://host:6379/0")
        return url or default

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        url = self._read(name)
        if not url:
            return dict(environ.Env.db_url_config(default))
        if url in IN_MEMORY:
            return dict(environ.Env.db_url_config(url))
        example = "postgres://user:password@host:5432/name"
        split = _split(name, url, DATABASES, example)
        if split.scheme == "sqlite" and (split.netloc or not split.path.strip("/")):
            raise refusal(
                name, "names no file", "Write sqlite:////path/to/file: four slashes, then the path."
            )
        if split.scheme != "sqlite" and not split.path.strip("/"):
            raise refusal(name, "names no database", f"Write {example}.")
        address, _, query = url.partition("?")
        # django-environ would read a plus sign as a blank.
        return dict(environ.Env.db_url_config(f"{address.replace('+', '%2B')}?{query}".rstrip("?")))

    # --- Reading ------------------------------------------------------------------------------

    def _read(self, name: str) -> str:
        """The value without blanks and quotes around it; the content of `name`_FILE comes first."""
        file = self._variables.get(f"{name}_FILE", "").strip()
        value = _content(f"{name}_FILE", file) if file else self._variables.get(name, "")
        value = _unquoted(value.strip("\ufeff \t\r\n"))
        if any(character < " " and character not in "\t\r\n" for character in value):
            raise refusal(name, "holds a control character", "Write it again by hand.")
        return value

    def _number(
        self, name: str, default: float, form: str, what: str, least: int, most: int
    ) -> float:
        value = self._read(name)
        if not value:
            return default
        if not re.fullmatch(form, value, re.ASCII):
            raise refusal(name, f"is not {what}", f"Write one, such as {default:g}.")
        number = float(value)
        if not least <= number <= most or not math.isfinite(number):
            raise refusal(name, "is out of range", f"Write {what} from {least} to {most}.")
        return number


def refusal(name: str, problem: str, advice: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {problem}. {advice}")


def read_env_file(file: Path) -> dict[str, str]:
    """The lines NAME=value of `.env`, read like shells and Compose do, without expansion.

    `$`, `%`, `=`, and a `#` inside a word stand for themselves. The file may be missing.
    """
    values: dict[str, str] = {}
    if not file.is_file():
        return values
    for number, line in enumerate(_content(str(file), str(file)).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise refusal(f"{file}, line {number},", "is no setting", "Write NAME=value.")
        values[found[1]] = _value(found[2])
    return values


def environment(file: Path) -> Environment:
    """The environment variables and those of `.env`, which are also set for child processes."""
    for name, value in read_env_file(file).items():
        os.environ.setdefault(name, value)
    return Environment(os.environ)


def _value(written: str) -> str:
    if not (quoted := _QUOTED.fullmatch(written)):
        return _COMMENT.sub("", written).strip()
    text = quoted["text"]
    return re.sub(r'\\(["\\])', r"\1", text) if quoted["quote"] == '"' else text


def _content(name: str, file: str) -> str:
    try:
        return Path(file).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise refusal(name, f"names {file}, which cannot be read ({error.strerror})",
                      "Name a file that this user can read.") from None  # fmt: skip
    except UnicodeDecodeError:
        raise refusal(
            name, f"names {file}, which is not text in UTF-8", "Save it as UTF-8."
        ) from None


def _unquoted(value: str) -> str:
    """The value without quotes around it, which Docker's --env-file and some panels leave there."""
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1].strip() if is_quoted and value[0] not in value[1:-1] else value


def _split(name: str, url: str, schemes: set[str], example: str) -> SplitResult:
    """The parts of a URL. Refuses a URL that can be read in two ways."""
    try:
        split = urlsplit(url)
        # PostgreSQL's addresses may name several hosts.
        port = None if "," in split.netloc.rpartition("@")[2] else split.port
    except ValueError:
        raise _bad_url(name, "is no URL", example) from None
    if split.scheme not in schemes:
        raise _bad_url(name, "does not begin as such a URL", example)
    if "@" in split.path + split.query + split.fragment or split.fragment:
        raise _bad_url(name, "has a password with a character that URLs give a meaning", example)
    if port == 0 or any(character.isspace() for character in url):
        raise _bad_url(name, "has no such port, or a blank in it", example)
    if split.scheme not in ("sqlite", "unix") and not (split.hostname or split.query):
        raise _bad_url(name, "names no host", example)
    return split


def _bad_url(name: str, problem: str, example: str) -> ImproperlyConfigured:
    return refusal(
        name, problem, f"Write {example}; in a password, # is %23, / is %2F, ? is %3F, @ is %40."
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if _is_ipv6(f"[{host}]") else host


def _is_ipv6(host: str) -> bool:
    try:
        return host[:1] + host[-1:] == "[]" and bool(ipaddress.IPv6Address(host[1:-1]))
    except ValueError:
        return False
