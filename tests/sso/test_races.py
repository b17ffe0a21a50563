"""Two at once, by single sign-on: one of them gets it, and nothing is half done."""

import pytest

from chat.accounts.models import Member
from chat.accounts.sso_models import SsoIdentity
from chat.accounts.users import User
from tests.chat.web.test_account_races import at_once, statuses
from tests.kit.account_browsers import browser, guest, me, post

from .provider import Person, Provider
from .test_refused import back_from

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("provider"),
]


def test_of_two_first_sign_ins_of_one_person_one_makes_the_account() -> None:
    clients = browser(), browser()
    backs = [back_from(client, Person("greta")) for client in clients]

    said = at_once(
        *(lambda c=client, b=back: c.get(b) for client, back in zip(clients, backs, strict=True))
    )

    assert statuses(said) == [303, 303]
    assert me(clients[0]) == me(clients[1]) == Member.objects.get()
    assert User.objects.count() == SsoIdentity.objects.count() == 1


def test_of_two_guests_who_keep_their_names_by_one_identity_one_does(provider: Provider) -> None:
    clients = guest("Gretchen"), guest("Gustav")
    wishes = [post(client, "/account/sso/", {}).json()["next"] for client in clients]
    backs = [
        back_from(client, Person("greta"), wish)
        for client, wish in zip(clients, wishes, strict=True)
    ]

    at_once(
        *(lambda c=client, b=back: c.get(b) for client, back in zip(clients, backs, strict=True))
    )

    assert SsoIdentity.objects.count() == User.objects.count() == 1
    kinds = sorted(Member.objects.values_list("kind", flat=True))
    assert kinds == [Member.Kind.ACCOUNT, Member.Kind.GUEST]


def test_an_answer_that_comes_twice_at_once_signs_in_once_at_most() -> None:
    client = browser()
    back = back_from(client, Person("greta"))
    copy = browser()
    copy.cookies["sso"] = client.cookies["sso"].value

    said = at_once(lambda: client.get(back), lambda: copy.get(back))

    # The provider takes back what it gave for a code that comes a second time.
    assert statuses(said).count(303) == Member.objects.count() <= 1
