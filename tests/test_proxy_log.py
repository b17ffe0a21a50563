"""No log holds the token of an owner's link: not the proxy's, and not ours."""

import http.client
import json
import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError
from pythonjsonlogger.json import JsonFormatter

from chatroom.log_format import MaskedJsonFormatter, PlainFormatter, masked
from lab.kit.servers import free_port

pytestmark = pytest.mark.once

CADDYFILE = Path(__file__).resolve().parent.parent / "deploy" / "Caddyfile"
TOKEN = "eyJvZmZpY2UiOiJvd25lciJ9:1vPqRs:Zk3_x-9QbT0mW8aYvL2cN7dF5gH1jK4eR6tU"
ADDRESSES = [
    f"/invitations/{TOKEN}/",
    f"/invitations/{TOKEN}",
    f"/invitations/{TOKEN}?utm_source=mail#top",
    f"//invitations//{TOKEN}/",
    f"/INVITATIONS/{TOKEN}/",
    f"/join/?next=/invitations/{TOKEN}/",
    f"/join/?next=%2Finvitations%2F{TOKEN.replace(':', '%3A')}%2F&name=Ada",
    f"/%69nvitations/{TOKEN}/",
    f"/somewhere/{TOKEN}/",
]
HARMLESS = [
    "/",
    "/rooms/the-room-of-everyone/1234/",
    "/static/js/main.0123456789ab.js",
    "/join/?next=/reports/",
]
PARTS = TOKEN.split(":")


def by_caddy(address: str) -> str:
    """What the expression of the Caddyfile makes of it; Go's are Python's, but for the ${1}."""
    [(expression, instead)] = re.findall(
        r"request>uri regexp `(.+)` \"(.+)\"$", CADDYFILE.read_text("utf-8"), re.M
    )
    return re.sub(expression, re.sub(r"\$\{(\d)\}", r"\\g<\1>", instead), address)


@pytest.mark.parametrize("mask", [masked, by_caddy])
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_token_of_an_address_is_masked(mask: Callable[[str], str], address: str) -> None:
    line = mask(address)

    assert [part for part in PARTS if part in line] == []
    assert "…" in line


@pytest.mark.parametrize("mask", [masked, by_caddy])
@pytest.mark.parametrize("address", HARMLESS)
def test_what_holds_no_token_stays_as_it_is(mask: Callable[[str], str], address: str) -> None:
    assert mask(address) == address


@pytest.mark.parametrize(
    "formatter", [PlainFormatter("%(message)s"), MaskedJsonFormatter(["message"])]
)
def test_our_log_masks_messages_what_goes_with_them_and_tracebacks(
    formatter: logging.Formatter,
) -> None:
    try:
        raise ValueError(f"/invitations/{TOKEN}/")
    except ValueError as error:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "Forbidden: %s",
            (f"/invitations/{TOKEN}/",), (ValueError, error, error.__traceback__),
        )  # fmt: skip
    record.request = f"<ASGIRequest: GET '/invitations/{TOKEN}/'>"

    line = formatter.format(record)

    assert "/invitations/…" in line
    assert [part for part in PARTS if part in line] == []
    if isinstance(formatter, JsonFormatter):
        assert json.loads(line)["message"] == "Forbidden: /invitations/…/"


@pytest.mark.parametrize(
    "formatter", [PlainFormatter("%(message)s"), MaskedJsonFormatter(["message"])]
)
@pytest.mark.parametrize("said", ["aubergine", "two\naubergine lines", "DETAIL: aubergine"])
def test_our_log_leaves_out_the_row_that_a_statement_failed_over(
    formatter: logging.Formatter, said: str
) -> None:
    told = f"null value violates not-null constraint\nDETAIL:  Failing row contains (1, {said})."
    try:
        try:
            raise psycopg.errors.NotNullViolation(told)
        except psycopg.Error as error:
            raise IntegrityError(told) from error
    except IntegrityError as error:
        try:
            raise LookupError("and then")
        except LookupError as last:
            record = logging.LogRecord(
                "chat", logging.ERROR, __file__, 1, "Not stored: %s (%d)", (error, 3),
                (LookupError, last, last.__traceback__),
            )  # fmt: skip

    line = formatter.format(record)

    assert "aubergine" not in line
    assert "violates not-null constraint (3)" in line
    assert "and then" in line


@pytest.mark.skipif(not shutil.which("caddy"), reason="there is no Caddy here")
def test_caddy_writes_no_token_when_it_answers_and_when_it_cannot(tmp_path: Path) -> None:
    port = free_port()
    rules = tmp_path / "Caddyfile"
    # Without its own port for questions, which another Caddy here may have.
    rules.write_text(CADDYFILE.read_text("utf-8").replace("{\n", "{\n\tadmin off\n", 1))
    log = tmp_path / "log"
    # No node answers: the request is logged as an error, and as an access.
    told = {
        "SITE": f"http://:{port}",
        "NODES": f"127.0.0.1:{free_port()}",
        "XDG_DATA_HOME": str(tmp_path),
    }
    with log.open("wb") as output:
        caddy = subprocess.Popen(
            ["caddy", "run", "--config", rules, "--adapter", "caddyfile"],
            env=os.environ | told, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        # The first waits as long as Caddy tries to find a node.
        for address in [ADDRESSES[0], "/metrics"]:
            ask(port, address)
    finally:
        caddy.terminate()
        caddy.wait()

    lines = log.read_text()
    assert '"uri":"/metrics"' in lines
    assert "http.log.error" in lines
    assert "/invitations/…" in lines
    assert [line for line in lines.splitlines() for part in PARTS if part in line] == []


def ask(port: int, address: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request(
                "GET", address, headers={"Referer": f"http://x/invitations/{TOKEN}/"}
            )
            connection.getresponse().read()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "Caddy did not start."
            time.sleep(0.05)
        finally:
            connection.close()
