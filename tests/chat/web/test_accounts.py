"""A guest keeps the name with a passkey, and comes back with it; and what attackers try."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from chat.accounts.account_models import Device, Passkey, RecoveryCode
from chat.accounts.models import Member
from chat.accounts.sessions import issue
from chat.accounts.users import User
from chat.moderation import accounts, admission, bans, roles
from chat.moderation.authorization import SYSTEM
from tests.authenticator import VERIFIED, Authenticator
from tests.chat.conftest import browser_of
from tests.kit import account_browsers
from tests.kit.account_browsers import browser, guest, is_in, keep, me, member, post, sign_in

key, greta = account_browsers.key, account_browsers.greta

pytestmark = pytest.mark.django_db


def test_a_guest_keeps_the_name_and_stays_the_same_member(key: Authenticator) -> None:
    client = guest()
    before = member()

    answer = keep(client, key)

    assert len(answer.json()["codes"]) == 10
    after = member()
    assert (after.pk, after.kind) == (before.pk, Member.Kind.ACCOUNT)
    assert after.user.member == after
    assert is_in(client)


def test_a_passkey_signs_in_another_browser(greta: Client, key: Authenticator) -> None:
    other = browser()

    answer = sign_in(other, key, "?next=/rooms/lobby/")

    assert answer.json() == {"next": "/rooms/lobby/#composer-body"}
    assert me(other) == me(greta) == member()
    assert Device.objects.count() == 2


def test_a_synchronised_passkey_never_counts(key: Authenticator) -> None:
    key.counts = False
    keep(guest(), key)

    assert sign_in(browser(), key).status_code == HTTPStatus.OK
    assert sign_in(browser(), key).status_code == HTTPStatus.OK


def test_an_account_takes_a_second_passkey_and_stays_signed_in(greta: Client) -> None:
    second = Authenticator()

    assert keep(greta, second).json() == {"codes": []}

    assert is_in(greta)
    assert sign_in(browser(), second).status_code == HTTPStatus.OK


def test_signing_out_one_device_leaves_the_others(greta: Client, key: Authenticator) -> None:
    phone = browser()
    sign_in(phone, key)
    [other] = [one for one in greta.get("/account/").json()["devices"] if not one["here"]]

    post(greta, f"/account/devices/{other['id']}/sign-out/")

    assert is_in(greta)
    assert not is_in(phone)


def test_leaving_signs_an_account_out_and_keeps_its_name(greta: Client) -> None:
    greta.post("/leave/")

    assert not is_in(greta)
    assert member().released_at is None


def test_signing_out_everywhere_ends_every_session(greta: Client, key: Authenticator) -> None:
    phone = browser()
    sign_in(phone, key)

    post(greta, "/account/sign-out/")

    assert not is_in(greta)
    assert not is_in(phone)
    assert sign_in(browser(), key).status_code == HTTPStatus.OK


def test_a_new_name_leaves_other_devices_signed_in(greta: Client, key: Authenticator) -> None:
    phone = browser()
    sign_in(phone, key)

    greta.post("/rename/", {"name": "Margarete"})

    assert is_in(greta)
    assert is_in(phone)


def test_a_recovery_code_signs_in_once_however_it_is_typed(key: Authenticator) -> None:
    code = keep(guest(), key).json()["codes"][0]
    typed = code.upper().replace("-", " ")

    first, second = browser(), browser()
    assert first.post("/sign-in/code/", {"code": typed}).status_code == HTTPStatus.SEE_OTHER
    assert second.post("/sign-in/code/", {"code": code}).status_code == HTTPStatus.FORBIDDEN

    assert is_in(first)
    assert not is_in(second)
    assert RecoveryCode.objects.count() == 9


def test_no_code_is_stored_as_it_is_typed(key: Authenticator) -> None:
    codes = keep(guest(), key).json()["codes"]

    stored = " ".join(RecoveryCode.objects.values_list("digest", flat=True))

    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_an_owner_goes_on_into_the_admin_with_one_button(greta: Client) -> None:
    roles.appoint(actor=SYSTEM, member=member(), role="owner")

    assert b"Continue as Greta" in greta.get("/admin/login/?next=/admin/").content
    greta.post("/admin/login/?next=/admin/", {"as_member": "1", "next": "/admin/"})

    assert greta.get("/admin/").status_code == HTTPStatus.OK


def test_a_role_comes_with_the_account_and_goes_with_it(greta: Client) -> None:
    roles.appoint(actor=SYSTEM, member=member(), role="owner")
    assert User.objects.get(member=member()).is_superuser

    roles.appoint(actor=SYSTEM, member=member(), role="moderator")
    assert not User.objects.get(member=member()).is_staff
    greta.post("/admin/login/", {"as_member": "1", "next": "/admin/"})
    assert greta.get("/admin/").status_code == HTTPStatus.FOUND


def test_an_owner_without_a_cookie_comes_back_as_owner(key: Authenticator) -> None:
    client = guest()
    roles.appoint(actor=SYSTEM, member=member(), role="owner")
    keep(client, key)

    other = browser()
    sign_in(other, key)

    found = me(other)
    assert found is not None
    assert found.office == "owner"


def test_the_admin_session_ends_with_the_members_sessions(
    greta: Client, key: Authenticator
) -> None:
    roles.appoint(actor=SYSTEM, member=member(), role="owner")
    greta.post("/admin/login/", {"as_member": "1", "next": "/admin/"})

    accounts.sign_out_everywhere(actor=SYSTEM, member=member())

    assert greta.get("/admin/").status_code == HTTPStatus.FOUND


# --- Attacks ----------------------------------------------------------------------------------


def test_the_cookie_from_before_the_account_is_worth_nothing(key: Authenticator) -> None:
    """Fixation: someone may have put a guest's cookie into this browser, or copied it."""
    victim = guest()
    attacker = browser()
    attacker.cookies["member"] = victim.cookies["member"].value

    keep(victim, key)

    assert is_in(victim)
    assert not is_in(attacker)


def test_an_answer_counts_once(greta: Client, key: Authenticator) -> None:
    key.counts = False
    key.counter = 0
    Passkey.objects.update(sign_count=0)
    client = browser()
    answer = key.sign(client.get("/sign-in/options/").json())
    assert post(client, "/sign-in/passkey/", answer).status_code == HTTPStatus.OK

    assert post(client, "/sign-in/passkey/", answer).status_code == HTTPStatus.FORBIDDEN


def test_an_answer_from_another_browser_is_refused(greta: Client, key: Authenticator) -> None:
    answer = key.sign(browser().get("/sign-in/options/").json())
    other = browser()
    other.get("/sign-in/options/")

    assert post(other, "/sign-in/passkey/", answer).status_code == HTTPStatus.FORBIDDEN


def test_a_registration_is_no_answer_to_another_members_question(key: Authenticator) -> None:
    answer = key.create(post(guest("Mallory"), "/account/keep/options/").json())

    refused = post(guest("Greta"), "/account/keep/", answer)

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert not User.objects.exists()


def test_a_copied_authenticator_is_noticed_by_its_counter(
    greta: Client, key: Authenticator
) -> None:
    sign_in(browser(), key)
    key.counter -= 1

    refused = sign_in(browser(), key)

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "copied" in refused.json()["detail"]


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"domain": "evil.example"},
        {"flags": VERIFIED & ~4},
        {"handle": b"someone else"},
        {"credential_id": b"unknown"},
        {"key": Authenticator().key},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_whatever_is_wrong_with_an_answer_the_refusal_is_the_same(
    greta: Client, key: Authenticator, changed: dict[str, Any]
) -> None:
    for name, value in changed.items():
        setattr(key, name, value)

    refused = sign_in(browser(), key)

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.json()["detail"] == "That did not work. Try again, or sign in another way."


@pytest.mark.parametrize("rubbish", [[], "text", {}, {"id": 1}, {"response": {"a": "b"}}])
def test_rubbish_is_refused_without_an_error(greta: Client, rubbish: Any) -> None:
    for path in ("/sign-in/passkey/", "/account/keep/"):
        assert post(greta, path, rubbish).status_code in (403, 422)


def test_another_site_cannot_sign_a_browser_in(greta: Client, key: Authenticator) -> None:
    """Login CSRF: a page elsewhere has no token."""
    client = Client(SERVER_NAME="localhost", SERVER_PORT="8000", enforce_csrf_checks=True)

    for path in ("/sign-in/passkey/", "/sign-in/code/"):
        assert client.post(path, {}).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_signing_in_leads_to_this_site_only(
    greta: Client, key: Authenticator, elsewhere: str
) -> None:
    answer = sign_in(browser(), key, f"?next={elsewhere}")

    assert answer.json()["next"].startswith("/rooms/lobby/")


def test_a_banned_account_cannot_sign_in(greta: Client, key: Authenticator) -> None:
    bans.ban(actor=SYSTEM, member=member(), seconds=3600, reason="spam")

    assert not is_in(greta)
    assert "banned" in sign_in(browser(), key).json()["detail"]


def test_a_disabled_account_is_out_everywhere_until_it_is_enabled(
    greta: Client, key: Authenticator
) -> None:
    accounts.set_disabled(user=member().user, disabled=True)

    assert not is_in(greta)
    assert "disabled" in sign_in(browser(), key).json()["detail"]

    accounts.set_disabled(user=member().user, disabled=False)
    assert sign_in(browser(), key).status_code == HTTPStatus.OK


def test_strangers_use_up_their_own_budget_and_not_the_owners(
    greta: Client, key: Authenticator
) -> None:
    stranger = browser()

    def tries() -> int:
        said = stranger.post("/sign-in/code/", {"code": "guess"}, REMOTE_ADDR="203.0.113.9")
        return said.status_code

    assert tries() == HTTPStatus.FORBIDDEN
    # The budget of 60 grows by one in six seconds, which a slow machine may need for the 60.
    assert HTTPStatus.TOO_MANY_REQUESTS in {tries() for _ in range(100)}

    client = Client(SERVER_NAME="localhost", SERVER_PORT="8000", REMOTE_ADDR="198.51.100.7")
    assert sign_in(client, key).status_code == HTTPStatus.OK


def test_the_names_of_guests_cannot_take_an_accounts_name(greta: Client) -> None:
    assert guest_join("Greta").status_code == HTTPStatus.CONFLICT


def guest_join(name: str) -> Any:
    return browser().post("/join/", {"name": name})


def test_a_guest_has_no_account_page() -> None:
    assert guest().get("/account/").status_code == HTTPStatus.FORBIDDEN
    assert browser().get("/account/").status_code == HTTPStatus.FORBIDDEN


def test_a_cookie_with_the_device_of_someone_else_is_nobodys(greta: Client) -> None:
    device = Device.objects.get()
    mallory = admission.join(name="Mallory")
    client = browser_of(mallory)
    client.cookies["member"] = issue(mallory, device.pk)

    assert not is_in(client)
