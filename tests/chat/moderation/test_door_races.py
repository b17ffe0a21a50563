"""Two who come to the door at once: what lets one in lets one in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from chat.accounts.models import Member
from chat.accounts.site_models import Newcomer
from chat.errors import ChatError
from chat.moderation import newcomers, site_invitations
from chat.moderation.authorization import SYSTEM
from tests.kit.sites import set_site

# Several at once, on connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4


def at_once(act: Callable[[int], object]) -> list[object]:
    barrier = Barrier(AT_ONCE)

    def run(number: int) -> object:
        try:
            barrier.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(run, range(AT_ONCE)))


def test_an_invitation_for_one_lets_one_in_of_those_who_use_it_at_once() -> None:
    set_site(who_may_come_in="invited")
    token = site_invitations.create(actor=SYSTEM, uses=1)[1]

    def join(number: int) -> int:
        said = {"name": f"Greta {number}", "next": f"/welcome/{token}/"}
        return Client().post("/join/", said).status_code

    answers = at_once(join)

    assert answers.count(HTTPStatus.SEE_OTHER) == 1
    assert Member.objects.filter(name__startswith="Greta").count() == 1


def test_an_approval_lets_one_in_of_those_who_use_it_at_once() -> None:
    set_site(approval=True)
    secret = newcomers.ask(name="Greta")
    newcomers.decide(actor=SYSTEM, newcomer_id=Newcomer.objects.get().pk, decision="approved")

    def join(number: int) -> None:
        browser = Client()
        browser.cookies["newcomer"] = secret
        browser.post("/join/", {"name": f"Greta {number}"})

    at_once(join)

    assert Member.objects.filter(name__startswith="Greta").count() == 1


def test_of_moderators_who_decide_at_once_one_decides() -> None:
    set_site(approval=True)
    newcomers.ask(name="Greta")
    pk = Newcomer.objects.get().pk

    def decide(number: int) -> bool:
        try:
            decision = "approved" if number % 2 else "refused"
            newcomers.decide(actor=SYSTEM, newcomer_id=pk, decision=decision)
        except ChatError:
            return False
        return True

    decided = at_once(decide)

    decision = Newcomer.objects.get().decision
    assert decision in {"approved", "refused"}
    # Who wanted the same is not contradicted.
    assert decided.count(True) == AT_ONCE // 2


def test_the_queue_stays_within_its_bound_when_many_ask_at_once(
    settings: Any,
) -> None:
    settings.NEWCOMERS_MAX = 2
    set_site(approval=True)

    at_once(lambda number: Client().post("/join/", {"name": f"Greta {number}"}))

    assert Newcomer.objects.count() == 2
