"""Another device signs in by a link that this one shows and allows; an operator's link once."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.accounts.account_models import SignInLink
from chat.accounts.users import User
from chat.moderation import accounts
from tests.authenticator import Authenticator
from tests.kit import account_browsers
from tests.kit.account_browsers import browser, guest, is_in, keep, me, member, post

key, greta = account_browsers.key, account_browsers.greta

pytestmark = pytest.mark.django_db


def link_of(client: Client) -> tuple[str, str]:
    """The path that the other device opens, and the link's id for this one."""
    made = post(client, "/account/links/").json()
    assert made["qr"].startswith("data:image/svg+xml")
    return made["link"].removeprefix("http://localhost:8000"), made["id"]


def state(client: Client, link_id: str) -> Any:
    return client.get(f"/account/links/{link_id}/").json()


def decide(client: Client, link_id: str, number: str, *, granted: bool = True) -> Any:
    said = {"number": number, "granted": granted}
    return post(client, f"/account/links/{link_id}/decide/", said)


def test_a_phone_is_signed_in_once_this_device_has_seen_and_allowed_it(greta: Client) -> None:
    path, link_id = link_of(greta)
    phone = browser()
    assert state(greta, link_id) == {"state": "shown"}

    phone.post(path, {"ask": "1"}, REMOTE_ADDR="203.0.113.5")
    asked = state(greta, link_id)
    assert asked["by"] == "Firefox on Windows"
    assert asked["from"] == "203.0.113.5"
    assert asked["number"].encode() in phone.get(path).content
    assert not is_in(phone)

    decide(greta, link_id, asked["number"])
    phone.post(path, {})

    assert me(phone) == member()
    assert state(greta, link_id)["state"] == "used"


def test_without_consent_the_link_signs_nobody_in(greta: Client) -> None:
    path, _ = link_of(greta)
    phone = browser()
    phone.post(path, {"ask": "1"})

    phone.post(path, {})

    assert not is_in(phone)


def test_a_refused_browser_stays_out(greta: Client) -> None:
    path, link_id = link_of(greta)
    phone = browser()
    phone.post(path, {"ask": "1"})
    decide(greta, link_id, state(greta, link_id)["number"], granted=False)

    assert phone.post(path, {}).status_code == HTTPStatus.NOT_FOUND
    assert not is_in(phone)


def test_a_relayed_code_signs_in_only_the_browser_that_was_shown(greta: Client) -> None:
    """Who got hold of the link after somebody asked by it gets nothing, allowed or not."""
    path, link_id = link_of(greta)
    phone, thief = browser(), browser()
    phone.post(path, {"ask": "1"})

    assert thief.post(path, {"ask": "1"}).status_code == HTTPStatus.NOT_FOUND
    decide(greta, link_id, state(greta, link_id)["number"])
    assert thief.post(path, {}).status_code == HTTPStatus.NOT_FOUND

    assert not is_in(thief)


def test_the_number_of_another_request_allows_nothing(greta: Client) -> None:
    path, link_id = link_of(greta)
    phone = browser()
    phone.post(path, {"ask": "1"})
    wrong = str(int(state(greta, link_id)["number"]) % 90 + 11)

    assert decide(greta, link_id, wrong).status_code == HTTPStatus.NOT_FOUND
    phone.post(path, {})

    assert not is_in(phone)


def test_only_the_device_that_shows_the_link_can_allow(greta: Client) -> None:
    path, link_id = link_of(greta)
    browser().post(path, {"ask": "1"})
    mallory = guest("Mallory")
    keep(mallory, Authenticator())

    number = state(greta, link_id)["number"]
    assert state(mallory, link_id) == {"state": "over"}
    assert decide(mallory, link_id, number).status_code == HTTPStatus.NOT_FOUND


def test_a_link_is_used_once_and_expires(greta: Client) -> None:
    path, link_id = link_of(greta)
    phone = browser()
    phone.post(path, {"ask": "1"})
    decide(greta, link_id, state(greta, link_id)["number"])
    phone.post(path, {})
    assert phone.get(path).status_code == HTTPStatus.NOT_FOUND

    late, _ = link_of(greta)
    SignInLink.objects.update(until=timezone.now())
    assert browser().post(late, {"ask": "1"}).status_code == HTTPStatus.NOT_FOUND


def test_a_preview_of_a_link_uses_nothing_up(greta: Client) -> None:
    path, link_id = link_of(greta)

    browser().get(path)

    assert state(greta, link_id) == {"state": "shown"}


def test_a_recovery_link_signs_in_once(greta: Client) -> None:
    token = accounts.recovery_link(user=User.objects.get(member=member()))
    path = f"/sign-in/recover/{token}/"
    first, second = browser(), browser()

    assert first.get(path).status_code == HTTPStatus.OK
    assert first.post(path).status_code == HTTPStatus.SEE_OTHER
    assert second.post(path).status_code == HTTPStatus.NOT_FOUND

    assert is_in(first)
    assert not is_in(second)


def test_a_recovery_link_is_no_device_link_and_the_other_way_round(greta: Client) -> None:
    token = accounts.recovery_link(user=User.objects.get(member=member()))
    path, _ = link_of(greta)

    assert browser().get(f"/sign-in/device/{token}/").status_code == HTTPStatus.NOT_FOUND
    recover = path.replace("device", "recover")
    assert browser().get(recover).status_code == HTTPStatus.NOT_FOUND


def test_unknown_used_and_expired_links_look_the_same(greta: Client) -> None:
    used = accounts.recovery_link(user=User.objects.get(member=member()))
    browser().post(f"/sign-in/recover/{used}/")
    expired, _ = link_of(greta)
    SignInLink.objects.update(until=timezone.now())

    paths = [f"/sign-in/recover/{used}/", expired, "/sign-in/device/nonsense/"]
    pages = [browser().get(path) for path in paths]

    assert {page.status_code for page in pages} == {HTTPStatus.NOT_FOUND}
    assert all(b"not valid any more" in page.content for page in pages)
