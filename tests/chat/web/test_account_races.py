"""Two at once: one of them gets it, and nothing is half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from chat.accounts.account_models import Device, Passkey
from chat.accounts.users import User
from chat.moderation import accounts
from tests.authenticator import Authenticator
from tests.kit.account_browsers import browser, guest, is_in, keep, member, post

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    start = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return step()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as people:
        return list(people.map(run, steps))


def statuses(answers: list[Any]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def test_of_two_registrations_of_one_guest_one_makes_the_account() -> None:
    first = guest()
    second = browser()
    second.cookies["member"] = first.cookies["member"].value
    answers = []
    for client in (first, second):
        key = Authenticator()
        answers.append((client, key.create(post(client, "/account/keep/options/").json())))

    said = at_once(
        *(lambda c=client, a=answer: post(c, "/account/keep/", a) for client, answer in answers)
    )

    assert statuses(said) == [200, 403]
    assert User.objects.filter(member=member()).count() == 1
    assert Passkey.objects.count() == Device.objects.count() == 1
    assert sorted([is_in(first), is_in(second)]) == [False, True]


def test_a_recovery_code_that_is_used_twice_at_once_works_once() -> None:
    code = keep(guest(), Authenticator()).json()["codes"][0]

    said = at_once(*[lambda: browser().post("/sign-in/code/", {"code": code}) for _ in range(2)])

    assert statuses(said) == [303, 403]


def test_a_recovery_link_that_is_used_twice_at_once_works_once() -> None:
    keep(guest(), Authenticator())
    token = accounts.recovery_link(user=User.objects.get(member=member()))

    said = at_once(*[lambda: browser().post(f"/sign-in/recover/{token}/") for _ in range(2)])

    assert statuses(said) == [303, 404]


def test_an_answer_that_is_sent_twice_at_once_counts_once() -> None:
    key = Authenticator(counts=False)
    keep(guest(), key)
    client = browser()
    answer = key.sign(client.get("/sign-in/options/").json())
    twin = Client(SERVER_NAME="localhost", SERVER_PORT="8000")
    twin.cookies = client.cookies

    said = at_once(*[lambda c=one: post(c, "/sign-in/passkey/", answer) for one in (client, twin)])

    assert statuses(said) == [200, 403]
