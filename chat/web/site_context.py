"""What every template knows about this site, and who is here now."""

from typing import NamedTuple

from django.http import HttpRequest

from ..accounts import site_settings, sso_claims
from ..realtime import node
from ..rooms.models import LOBBY, Room
from . import site_picture

MARKS_SHOWN = 5


class HereNow(NamedTuple):
    """How many are on this site, and the marks (static/css/avatar.css) of some in the lobby."""

    number: int
    marks: list[str]


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "site_name": site_settings.current().name,
        "site_picture": site_picture.address(),
        "sso_name": sso_claims.button_name(),
    }


def people_here() -> HereNow:
    """As this node told the members last; nobody where it serves no sockets."""
    running = node.running()
    lobby = Room.objects.filter(key=LOBBY).values_list("pk", flat=True).first()
    if running is None or lobby is None:
        return HereNow(0, [])
    count, members = running.presence.last_sent(lobby)
    return HereNow(
        max(count, running.people_here.count()),
        [mark_of(member) for member in members[:MARKS_SHOWN]],
    )


def mark_of(member_id: int) -> str:
    """Which of the generated marks is this member's; static/js/helpers/dom.js does the same."""
    return f"{member_id % 100:02}"
