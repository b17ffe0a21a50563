"""What browsers are told of HTTPS: this host alone, unless its operator says more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
ASK = """
from django.test import Client
client = Client(headers={"host": "chat.example.org"})
print(client.get("/healthz-not-there", secure=True).get("Strict-Transport-Security"))
"""
YEAR = "max-age=31536000"


def started(origins: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "SECRET_KEY": "only-for-tests", "SITE_ORIGINS": origins, "DATABASE_URL": "",
        "ALLOWED_HOSTS": "chat.example.org", "REDIS_URL": "", "DEBUG": "off",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", ASK],
        cwd=ROOT, env=environment | more, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("origins", "more", "told"),
    [
        ("https://chat.example.org", {}, YEAR),
        ("https://chat.example.org", {"SECURE_HSTS_PRELOAD": "off"}, YEAR),
        (
            "https://chat.example.org",
            {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "on"},
            f"{YEAR}; includeSubDomains",
        ),
        (
            "https://chat.example.org",
            {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "on", "SECURE_HSTS_PRELOAD": "on"},
            f"{YEAR}; includeSubDomains; preload",
        ),
        ("http://chat.example.org", {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "on"}, "None"),
    ],
)
def test_hsts_is_for_this_host_unless_more_is_asked_for(
    origins: str, more: dict[str, str], told: str
) -> None:
    done = started(origins, **more)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == told


def test_to_preload_a_host_without_its_subdomains_is_refused_by_name() -> None:
    done = started("https://chat.example.org", SECURE_HSTS_PRELOAD="on")

    assert done.returncode != 0
    assert "SECURE_HSTS_INCLUDE_SUBDOMAINS" in done.stderr
