"""Finding members of the site by the beginning of their name, to write to them or add them."""

from .models import Member

FOUND_MAX = 10


def find(beginning: str, *, but: int) -> list[Member]:
    """The first members by name who hold a name like this; without the one who asks."""
    if not beginning.strip():
        return []
    found = Member.objects.live().called(beginning).exclude(pk=but)
    return list(found.order_by("canonical_name")[:FOUND_MAX])
