"""The queue of newcomers as moderators see it: each with what is known of their network."""

from collections.abc import Iterable

from django.utils import timezone

from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..accounts.site_models import Newcomer
from ..protocol import MemberRef, NewcomerEntry
from .authorization import Actor
from .models import Ban

SHOWN = 50
# Among so many of the newest members those of a newcomer's network are looked for.
NEWEST_SEARCHED = 1000
KNOWN_SHOWN = 3


def load(member: Member) -> tuple[list[NewcomerEntry], bool]:
    """Those who wait, the first one first, and whether there are more. For moderators."""
    Actor(member).require(Permission.REVIEW)
    waiting = list(Newcomer.objects.waiting()[: SHOWN + 1])
    networks = {newcomer.address_hash for newcomer in waiting} - {""}
    joined, banned = _joined_from(networks), _banned_from(networks)
    entries = [
        NewcomerEntry(
            id=newcomer.pk,
            name=newcomer.name,
            note=newcomer.note,
            asked_at=newcomer.asked_at,
            joined_there=joined.get(newcomer.address_hash, []),
            banned_there=banned.get(newcomer.address_hash, []),
        )
        for newcomer in waiting[:SHOWN]
    ]
    return entries, len(waiting) > SHOWN


def _joined_from(networks: set[str]) -> dict[str, list[MemberRef]]:
    """Some who joined lately from each of these networks."""
    if not networks:
        return {}
    newest = Member.objects.order_by("-pk").values_list("address_hash", "pk", "name")
    return _by_network(row for row in newest[:NEWEST_SEARCHED] if row[0] in networks)


def _banned_from(networks: set[str]) -> dict[str, list[MemberRef]]:
    """Some who are banned, and were last seen in each of these networks."""
    if not networks:
        return {}
    bans = Ban.objects.in_force(timezone.now()).filter(member__address_hash__in=networks)
    return _by_network(bans.values_list("member__address_hash", "member", "member__name"))


def _by_network(rows: Iterable[tuple[str, int, str]]) -> dict[str, list[MemberRef]]:
    found: dict[str, dict[int, MemberRef]] = {}
    for network, pk, name in rows:
        there = found.setdefault(network, {})
        if len(there) < KNOWN_SHOWN:
            there[pk] = MemberRef(pk, name)
    return {network: list(there.values()) for network, there in found.items()}
