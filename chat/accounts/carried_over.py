"""Former guests whose messages belong to an account now (docs/adr/0053).

The messages keep their author's id. The guest's row bears the account's name, so that everything
which shows a name shows the account's. What somebody may do with a message asks here.
"""

from collections.abc import Iterable

from ..ready_queries import ReadyRows
from . import change_numbers
from .account_models import CarriedOver
from .models import Member

_IDS = ReadyRows(
    lambda account: CarriedOver.objects.filter(account=account).order_by("pk").values_list("guest"),
    10**6 + 1,
)


def ids_of(account_id: int) -> list[int]:
    """The ids that the account had as guests."""
    return [guest for [guest] in _IDS.all(account_id)]


def account_id_of(member_id: int) -> int:
    """Who this member is now: the account of a former guest, else they themselves."""
    found = CarriedOver.objects.filter(guest=member_id).values_list("account", flat=True).first()
    return member_id if found is None else found


def accounts_of(member_ids: Iterable[int]) -> dict[int, int]:
    """Those of these members who are accounts of another id now, with that id."""
    found = CarriedOver.objects.filter(guest__in=list(member_ids))
    return dict(found.values_list("guest", "account"))


def account_of(member: Member) -> Member:
    """The same as a row."""
    account_id = account_id_of(member.pk)
    return member if account_id == member.pk else Member.objects.get(pk=account_id)


def is_same(author_id: int, actor_id: int | None) -> bool:
    """Whether the actor wrote what this author wrote. It costs a query only if the ids differ."""
    return author_id == actor_id or (
        actor_id is not None
        and CarriedOver.objects.filter(guest=author_id, account=actor_id).exists()
    )


def rename(account: Member) -> None:
    """Give the account's name to the guests it was. Call it in the transaction that renames it."""
    Member.objects.filter(pk__in=ids_of(account.pk)).update(name=account.name)
    record_change(account.pk)


def record_change(account_id: int) -> None:
    """Make the nodes read anew how this member looks, under each id that they had."""
    for one in (account_id, *ids_of(account_id)):
        change_numbers.record_session_change(one)
