"""The provider of the tests, as a test speaks to it, and a person's way through its pages."""

import contextlib
import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

import pytest

HERE = Path(__file__).parent
CLIENT_ID = "chatroom"
CLIENT_SECRET = "a-secret-for-tests-only-of-the-chatroom"
SECONDS = 20


@dataclass
class Provider:
    """A real provider in a process of its own (provider.js)."""

    issuer: str

    def tell(self, **changes: Any) -> dict[str, int]:
        """Change what it is or does; how often each address was asked so far."""
        sent = Request(f"{self.issuer}/control", json.dumps(changes).encode())  # noqa: S310
        with build_opener().open(sent, timeout=SECONDS) as answer:
            asked: dict[str, int] = json.load(answer)["asked"]
            return asked

    def knows(self, login: str, **claims: Any) -> None:
        self.tell(accounts={login: claims})


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass
class Person:
    """Someone's browser at the provider. The session there lasts as long as the cookies."""

    name: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def sign_in(self, address: str, until: str) -> str:
        """From the address that the chatroom sent the browser to, to where it is sent back."""
        body: dict[str, str] | None = None
        for _ in range(10):
            status, location, page = self._open(address, body)
            body = None
            if location:
                address = location if "://" in location else self._joined(address, location)
                if address.startswith(until):
                    return address
            else:
                assert status == 200, page
                [action] = re.findall(r'action="([^"]+)"', page)
                address = html.unescape(action)
                body = {"prompt": "login", "login": self.name, "password": "any"}
        raise AssertionError(f"The provider does not end at {address}.")

    def _open(self, address: str, body: dict[str, str] | None) -> tuple[int, str, str]:
        opener = build_opener(HTTPCookieProcessor(self.cookies), _Stay())
        sent = Request(address, urlencode(body).encode() if body else None)  # noqa: S310
        try:
            answer: Any = opener.open(sent, timeout=SECONDS)
        except OSError as refused:
            answer = refused
        with answer:
            page = answer.read().decode(errors="replace")
            return answer.status, answer.headers.get("Location", ""), page

    @staticmethod
    def _joined(address: str, location: str) -> str:
        scheme, _, rest = address.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}{location}"


@contextlib.contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port. Without Node, or what package.json names, it says so."""
    node = shutil.which("node")
    if node is None or not (HERE.parents[1] / "node_modules" / "oidc-provider").is_dir():
        pytest.fail("Single sign-on is tested with Node and oidc-provider: npm ci brings it.")
    command = [node, str(HERE / "provider.js")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            lines = (line.decode().strip() for line in process.stdout)
            yield Provider(next(line for line in lines if line.startswith("http")))
        finally:
            process.terminate()
