"""What the owner of a new site has not done yet: the page shows it until it is done."""

from ..accounts import site_settings
from ..accounts.models import Member
from ..rooms.models import LOBBY, Room

# What a site is called to which nobody has given a name (in the site settings, or `SITE_NAME`).
UNNAMED = "Chatroom"


def first_steps(owner: Member) -> dict[str, bool]:
    """Which steps are done: rooms made, people invited, a name given; empty when all are."""
    rooms = Room.objects.filter(kind__in=[Room.Kind.PUBLIC, Room.Kind.PRIVATE]).exclude(key=LOBBY)
    done = {
        "rooms": rooms.exists(),
        "people": Member.objects.exclude(pk=owner.pk).exists(),
        "name": site_settings.current().name != UNNAMED,
    }
    return {} if all(done.values()) else done
