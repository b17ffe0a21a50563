"""The lab kills processes, so it answers its own page only: not another site, nor another name."""

import pytest

from .conftest import OpenLab

pytestmark = pytest.mark.browser

KILL = {"name": "kill", "target": "node-1"}


def test_another_name_for_this_machine_is_refused(lab: OpenLab) -> None:
    """A page can point a name of its own at 127.0.0.1, and would be the same origin then."""
    for host in ("evil.example", f"evil.example:{lab.port}", "localhost", "localhost:1"):
        status, text, _ = lab.ask("GET", "/", Host=host)

        assert status in (400, 403)
        assert "data-token" not in text


def test_a_page_of_another_origin_is_refused(lab: OpenLab) -> None:
    token = lab.token()
    for origin in ("http://evil.example", "null", f"http://localhost:{lab.port + 1}"):
        told = {"Origin": origin, "X_Lab_Token": token}

        assert lab.ask("POST", "/api/fault", KILL, **told)[0] == 403
        assert lab.ask("GET", "/api/state", Origin=origin)[0] == 403
    assert state_of(lab, "node-1") == "up"


def test_nothing_is_done_without_the_token_of_the_page(lab: OpenLab) -> None:
    for token in ("", "guessed", "ünguessed"):
        told = {"Origin": lab.origin, "X_Lab_Token": token.encode().decode("latin-1")}

        status, text, _ = lab.ask("POST", "/api/fault", KILL, **told)

        assert (status, text) == (
            403,
            "This page is from an earlier start of the lab. Reload it.\n",
        )
    assert lab.ask("POST", "/api/fault", KILL, X_Lab_Token=lab.token())[0] == 403
    assert state_of(lab, "node-1") == "up"


def test_a_link_does_nothing(lab: OpenLab) -> None:
    for path in ("/api/fault", "/api/switch", "/api/heal", "/api/load", "/api/labs/1/reset"):
        assert lab.ask("GET", path)[0] == 405


def test_it_listens_on_loopback_only(lab: OpenLab) -> None:
    listening = {
        address
        for line in open_ports()
        for address, port in [line]
        if port in (lab.port, lab.port + 1, lab.port + 2)
    }

    assert listening == {"0100007F"}


def test_nobody_frames_it_and_it_frames_its_two_rooms(lab: OpenLab) -> None:
    _, _, headers = lab.ask("GET", "/")

    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    rooms = " ".join(f"http://localhost:{lab.port + number}" for number in (1, 2))
    assert f"frame-src {rooms};" in policy


def test_a_room_lets_only_the_lab_frame_it(lab: OpenLab) -> None:
    import urllib.request

    with urllib.request.urlopen(f"http://localhost:{lab.port + 1}/") as answer:
        policy = answer.headers["Content-Security-Policy"]

    [ancestors] = [part for part in policy.split(";") if "frame-ancestors" in part]
    assert ancestors.split()[1:] == [lab.origin, f"http://127.0.0.1:{lab.port}"]


@pytest.mark.parametrize(
    "path",
    [".env", "../etc/passwd", "lab/../.env", "chat/.hidden.py", "docs/adr", "manage.py~", "x"],
)
def test_only_sources_are_shown(lab: OpenLab, path: str) -> None:
    assert lab.ask("GET", f"/code/{path}")[0] == 404


def test_sources_are_shown_by_line(lab: OpenLab) -> None:
    status, text, _ = lab.ask("GET", "/code/lab/web/guards.py")

    assert status == 200
    assert '<li id="L1">' in text


def test_what_cannot_be_done_is_refused_in_words(lab: OpenLab) -> None:
    for path, body in [
        ("/api/fault", {"name": "earthquake"}),
        ("/api/switch", {"name": "gravity", "on": False}),
        ("/api/labs/99/open", {}),
        ("/api/labs/1/dance", {}),
        ("/api/labs/1/predict", {"choice": 99}),
        ("/api/fault", []),
        ("/api/fault", {}),
    ]:
        status, text = lab.post(path, body)

        assert status == 409, path
        assert text.strip(), path


def state_of(lab: OpenLab, name: str) -> str:
    import json

    state = json.loads(lab.ask("GET", "/api/state")[1])
    [found] = [node["state"] for node in state["nodes"] if node["name"] == name]
    return str(found)


def open_ports() -> list[tuple[str, int]]:
    """Address and port of each listening socket of IPv4 and IPv6 (Linux)."""
    from pathlib import Path

    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[3] == "0A":
                found.append((address, int(port, 16)))
    return found
