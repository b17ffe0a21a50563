"""Finding members of the site by the beginning of their name or handle, to write to them or add
them.
"""

from .models import Member
from .names import canonical_name
from .profile_models import Handle

FOUND_MAX = 10


def find(beginning: str, *, but: int) -> list[Member]:
    """The first members by name who hold a name or handle like this; without the one who asks."""
    beginning = beginning.strip().removeprefix("@")
    if not beginning:
        return []
    called = Member.objects.live().called(beginning).exclude(pk=but)
    found = {one.pk: one for one in called.order_by("canonical_name")[:FOUND_MAX]}
    handles = Handle.objects.in_use().filter(canonical_name__startswith=canonical_name(beginning))
    for handle in handles.select_related("member").order_by("canonical_name")[:FOUND_MAX]:
        member = handle.member
        if member and member.released_at is None and member.pk != but:
            found.setdefault(member.pk, member)
    return list(found.values())[:FOUND_MAX]
