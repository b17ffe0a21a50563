"""People sign in by a real OpenID provider, and are who they were."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from chat.accounts.account_models import Device
from chat.accounts.models import Member
from chat.accounts.sso_models import SsoIdentity
from chat.accounts.users import User
from chat.moderation import accounts
from tests.authenticator import Authenticator
from tests.kit.account_browsers import browser, guest, is_in, keep, me, post

from .provider import Person, Provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

HERE = "http://localhost/"
SEE_OTHER = HTTPStatus.SEE_OTHER


def sign_in(client: Client, person: Person, path: str = "/sign-in/sso/") -> Any:
    """The chatroom's answer to the browser that comes back from the provider."""
    sent = client.get(path)
    assert sent.status_code == HTTPStatus.FOUND, sent.content
    back = person.sign_in(sent["Location"], until=HERE)
    return client.get(f"/{back.removeprefix(HERE)}")


def keep_by_sso(client: Client, person: Person) -> Any:
    return sign_in(client, person, post(client, "/account/sso/", {"next": "/"}).json()["next"])


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_someone_new_gets_an_account_under_the_name_that_the_provider_gives(
    provider: Provider,
) -> None:
    provider.knows("greta", name="Greta Berg")
    client = browser()

    answer = sign_in(client, Person("greta"), "/sign-in/sso/?next=/rooms/lobby/")

    assert answer.status_code == SEE_OTHER
    assert answer["Location"] == "/rooms/lobby/#composer-body"
    member = me(client)
    assert member is not None
    assert (member.name, member.kind) == ("Greta Berg", Member.Kind.ACCOUNT)
    assert SsoIdentity.objects.get().user.member == member


def test_the_same_person_is_the_same_account_in_every_browser(provider: Provider) -> None:
    provider.knows("greta", name="Greta Berg")
    first, second = browser(), browser()
    sign_in(first, Person("greta"))

    # Their name at the provider is another one by now.
    provider.knows("greta", name="Greta Meer")
    sign_in(second, Person("greta"))

    assert me(first) == me(second) == Member.objects.get()
    assert Device.objects.count() == 2


def test_a_guest_who_keeps_the_name_stays_the_same_member(provider: Provider) -> None:
    provider.knows("greta", name="Greta Berg")
    client = guest("Gretchen")
    before = me(client)
    stolen = client.cookies["member"].value

    answer = keep_by_sso(client, Person("greta"))

    assert "The name “Gretchen” is yours" in text(answer)
    assert me(client) == before
    assert User.objects.get().member == before
    other = browser()
    sign_in(other, Person("greta"))
    assert me(other) == before
    # What someone copied of the guest before is worth nothing.
    thief = browser()
    thief.cookies["member"] = stolen
    assert not is_in(thief)


def test_an_account_connects_the_provider_and_signs_in_by_it() -> None:
    client = guest("Greta")
    keep(client, Authenticator())

    answer = keep_by_sso(client, Person("greta"))

    assert "Example is connected" in text(answer)
    other = browser()
    sign_in(other, Person("greta"))
    assert me(other) == me(client)
    assert client.get("/account/").json()["sso"] is True


def test_a_guest_who_does_not_say_so_is_asked_and_keeps_the_name_only_then() -> None:
    client = guest("Gretchen")
    before = me(client)

    asked = sign_in(client, Person("greta"))

    assert "Keep the name “Gretchen”" in text(asked)
    assert not User.objects.exists()
    client.post("/sign-in/sso/finish/", {"keep": "1"})
    assert User.objects.get().member == before


def test_a_guest_may_begin_anew_under_another_name(provider: Provider) -> None:
    provider.knows("greta", name="Greta Berg")
    client = guest("Gretchen")
    sign_in(client, Person("greta"))

    client.post("/sign-in/sso/finish/", {"name": "Greta Berg"})

    member = me(client)
    assert member is not None
    assert member.name == "Greta Berg"
    assert Member.objects.get(name="Gretchen").kind == Member.Kind.GUEST


def test_a_guest_whose_sign_in_has_an_account_is_told_before_they_become_it() -> None:
    sign_in(browser(), Person("greta"), "/sign-in/sso/")
    account = Member.objects.get()
    client = guest("Gretchen")

    asked = keep_by_sso(client, Person("greta"))

    assert "You have an account already" in text(asked)
    assert me(client) != account
    client.post("/sign-in/sso/finish/", {"sign_in": "1"})
    assert me(client) == account


def test_who_has_no_name_that_can_be_had_chooses_one(provider: Provider) -> None:
    provider.knows("greta", name="Gustav")
    guest("Gustav")
    client = browser()

    asked = sign_in(client, Person("greta"))

    assert 'aria-invalid="true"' in text(asked)
    assert not is_in(client)
    taken = client.post("/sign-in/sso/finish/", {"name": "Gustav"})
    assert taken.status_code == HTTPStatus.CONFLICT
    client.post("/sign-in/sso/finish/", {"name": "Greta"})
    member = me(client)
    assert member is not None
    assert member.name == "Greta"


def test_the_next_of_the_names_is_taken_if_the_first_cannot_be_had(provider: Provider) -> None:
    provider.knows("greta", name="Administrator", preferred_username="greta@example.org")
    client = browser()

    sign_in(client, Person("greta"))

    member = me(client)
    assert member is not None
    assert member.name == "greta"


def test_two_tabs_at_once_make_one_account() -> None:
    first, second = browser(), browser()
    sent = [client.get("/sign-in/sso/")["Location"] for client in (first, second)]
    back = ["/" + Person("greta").sign_in(address, HERE).removeprefix(HERE) for address in sent]

    first.get(back[0])
    second.get(back[1])

    assert me(first) == me(second) == Member.objects.get()


def test_a_disabled_account_signs_in_nowhere() -> None:
    client = browser()
    sign_in(client, Person("greta"))
    accounts.set_disabled(user=User.objects.get(), disabled=True)

    answer = sign_in(browser(), Person("greta"))

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "This account is disabled" in text(answer)


def test_an_erased_account_is_not_found_by_its_old_sign_in() -> None:
    sign_in(browser(), Person("greta"))
    accounts.close(Member.objects.get())

    assert not SsoIdentity.objects.exists()


def test_the_only_way_in_is_not_taken_away() -> None:
    client = browser()
    sign_in(client, Person("greta"))
    Device.objects.update(proved_at=None)
    wanted = post(client, "/account/sso/remove/")
    assert wanted.json()["proof"] is True

    sign_in(client, Person("greta"), "/sign-in/sso/?prove=1&next=/")
    refused = post(client, "/account/sso/remove/")

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "only way into your account" in refused.json()["detail"]
    assert keep(client, Authenticator()).status_code == HTTPStatus.OK
    assert post(client, "/account/sso/remove/").status_code == HTTPStatus.OK
    assert not SsoIdentity.objects.exists()


def test_a_session_at_the_provider_proves_nothing_but_signing_in_again_does() -> None:
    client, person = browser(), Person("greta")
    sign_in(client, person)
    other = browser()
    sign_in(other, person)
    # The provider knew them by a cookie: so would whoever sits at that computer.
    assert post(other, "/account/keep/options/").json()["proof"] is True

    confirmed = sign_in(other, person, "/sign-in/sso/?prove=1&next=/rooms/lobby/")

    assert confirmed["Location"] == "/rooms/lobby/"
    assert post(other, "/account/keep/options/").status_code == HTTPStatus.OK


def test_an_account_gets_no_way_in_from_who_sits_at_its_open_computer() -> None:
    client = guest("Greta")
    keep(client, Authenticator())
    Device.objects.update(proved_at=None)
    assert post(client, "/account/sso/").json()["proof"] is True

    # Nor by signing in, and then choosing to keep the name.
    sign_in(client, Person("mallory"))
    answer = client.post("/sign-in/sso/finish/", {"keep": "1"})

    assert answer["Location"].startswith("/account/proof/?next=%2Fsign-in%2Fsso%2F")
    assert not SsoIdentity.objects.exists()


def test_somebody_elses_sign_in_proves_nothing() -> None:
    client = browser()
    sign_in(client, Person("greta"))
    Device.objects.update(proved_at=None)

    refused = sign_in(client, Person("mallory"), "/sign-in/sso/?prove=1&next=/")

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert post(client, "/account/keep/options/").json()["proof"] is True


def test_without_settings_there_is_no_single_sign_on(settings: Any) -> None:
    settings.SSO_ISSUER = ""
    client = browser()

    assert client.get("/sign-in/sso/").status_code == HTTPStatus.NOT_FOUND
    assert "sso" not in text(client.get("/"))


def test_the_join_page_and_the_sign_in_page_have_the_button() -> None:
    client = browser()

    assert "Sign in with Example" in text(client.get("/"))
    assert "Sign in with Example" in text(client.get("/sign-in/"))
