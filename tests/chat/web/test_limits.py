"""Every way in has the same limits: forms take from the buckets that sockets take from."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from chat import protocol
from chat.accounts.addresses import network_of
from chat.accounts.models import Member
from chat.accounts.users import User
from chat.errors import RateLimited
from chat.messages.models import Message
from chat.moderation import roles
from chat.realtime import rate_limits
from chat.realtime.rate_limits import LIMITS, Policy, RateLimits
from chat.rooms.models import Room
from chat.web.urls import urlpatterns
from tests import clients
from tests.clients import Node
from tests.sockets import Client as Tab

from ..conftest import browser_of
from ..moderation.moderation_fixtures import with_office

TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS


def submit(client: Client, path: str, address: str = "198.51.100.7", **fields: str) -> Any:
    return client.post(path, fields, REMOTE_ADDR=address)


def joined_from(address: str, count: int) -> list[int]:
    return [
        submit(Client(), "/join/", address, name=f"Guest {number} {address[-4:]}").status_code
        for number in range(count)
    ]


@pytest.fixture
def clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes so long for a page that a bucket refills."""
    monkeypatch.setattr(rate_limits, "time", SimpleNamespace(monotonic=lambda: 100.0))


# --- Forms ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock_stands")
def test_a_classroom_may_join_and_a_flood_may_not(db: None) -> None:
    burst = rate_limits.JOINS_BY_ADDRESS.burst

    statuses = joined_from("198.51.100.7", burst + 5)

    assert statuses == [HTTPStatus.SEE_OTHER] * burst + [TOO_MANY] * 5
    assert joined_from("198.51.100.8", 1) == [HTTPStatus.SEE_OTHER]


def test_who_joins_too_often_keeps_the_name_that_was_typed(db: None) -> None:
    for _ in range(rate_limits.JOINS_BY_ADDRESS.burst):
        LIMITS.check_address(rate_limits.JOINS_BY_ADDRESS, "198.51.100.7")

    refused = submit(Client(), "/join/", name="Ada Lovelace")

    assert refused.status_code == TOO_MANY
    assert 1 <= int(refused["Retry-After"]) <= 12
    page = refused.content.decode()
    assert 'value="Ada Lovelace"' in page
    assert re.search(r"Too many new names from your network at once\. Try again in \d+ s\.", page)
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("one", "other", "is_one_network"),
    [
        ("2001:db8:7:1::1", "2001:db8:7:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:7:1::1", "2001:db8:7:2::1", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.8", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_a_network_has_one_bucket_whatever_its_addresses(
    one: str, other: str, is_one_network: bool
) -> None:
    once = Policy("things", per_second=0.001, burst=1)
    tried = RateLimits()
    tried.check_address(once, one)

    if is_one_network:
        with pytest.raises(RateLimited):
            tried.check_address(once, other)
    else:
        tried.check_address(once, other)


@pytest.mark.usefixtures("clock_stands")
def test_renames_are_limited_and_keep_the_name_that_was_typed(alice: Member, lobby: Room) -> None:
    browser = browser_of(alice)
    for number in range(rate_limits.RENAMES_BY_MEMBER.burst):
        answer = submit(browser, "/rename/", name=f"Alice {number}", next="/rooms/lobby/")
        assert answer.status_code == HTTPStatus.SEE_OTHER

    refused = submit(browser, "/rename/", name="Alicia")

    assert refused.status_code == TOO_MANY
    assert 'value="Alicia"' in refused.content.decode()
    assert int(refused["Retry-After"]) >= 1


@pytest.mark.usefixtures("clock_stands")
def test_posts_are_limited_by_member_and_keep_the_text(alice: Member, lobby: Room) -> None:
    browser = browser_of(alice)
    for _ in range(rate_limits.MESSAGES_BY_MEMBER.burst):
        LIMITS.check(rate_limits.MESSAGES_BY_MEMBER, alice.pk)

    refused = submit(browser, "/rooms/lobby/messages/", body="one more", client_id="a-1")

    assert refused.status_code == TOO_MANY
    assert "one more" in refused.content.decode()
    assert int(refused["Retry-After"]) >= 1
    assert not Message.objects.exists()


@pytest.mark.usefixtures("clock_stands")
def test_posts_are_limited_by_network(alice: Member, lobby: Room) -> None:
    browser = browser_of(alice)
    for _ in range(rate_limits.MESSAGES_BY_ADDRESS.burst):
        LIMITS.check_address(rate_limits.MESSAGES_BY_ADDRESS, "2001:db8::1")

    refused = submit(
        browser, "/rooms/lobby/messages/", "2001:db8::2", body="one more", client_id="a-1"
    )

    assert refused.status_code == TOO_MANY


@pytest.mark.usefixtures("clock_stands")
def test_a_password_of_the_admin_is_not_guessed_at_will(db: None) -> None:
    User.objects.create_superuser("boss", "", "correct-horse-9")
    guesses = [
        submit(Client(), "/admin/login/", username="boss", password=f"wrong {number}").status_code
        for number in range(rate_limits.LOGINS_BY_ADDRESS.burst)
    ]

    right = submit(Client(), "/admin/login/", username="boss", password="correct-horse-9")
    elsewhere = submit(
        Client(), "/admin/login/", "203.0.113.9", username="boss", password="correct-horse-9"
    )  # fmt: skip

    assert set(guesses) == {HTTPStatus.OK}
    assert (right.status_code, int(right["Retry-After"]) > 0) == (TOO_MANY, True)
    assert elsewhere.status_code == HTTPStatus.FOUND
    assert Client().get("/admin/login/", REMOTE_ADDR="198.51.100.7").status_code == HTTPStatus.OK


@pytest.mark.usefixtures("clock_stands")
def test_invitations_and_decisions_are_limited(alice: Member, lobby: Room) -> None:
    for _ in range(rate_limits.INVITATIONS_BY_ADDRESS.burst):
        assert submit(Client(), "/invitations/x/").status_code != TOO_MANY
    link = f"/invitations/{roles.invite()}/"
    assert submit(browser_of(alice), link).status_code == TOO_MANY

    morgan = with_office("Morgan", "moderator")
    for _ in range(rate_limits.DECISIONS_BY_MEMBER.burst):
        LIMITS.check(rate_limits.DECISIONS_BY_MEMBER, morgan.pk)
    decided = submit(browser_of(morgan), "/reports/", report="1", decision="delete")
    assert (decided.status_code, int(decided["Retry-After"]) > 0) == (TOO_MANY, True)


NOT_LIMITED = {
    "leave": "who wants to go may go",
    "waiting": "it only gives one's own place up",
    "rules": "each version is accepted once",
    "carry_over": "it needs a cookie that a sign-in gave",
}
ANY_ARGUMENTS: dict[str, str | int] = {
    "key": "lobby",
    "token": "x",
    "digest": "x",
    "version": "x",
    "seq": 1,
    "since": 1,
    "device": 1,
    "number": 1,
    "member": 1,
}


@pytest.mark.usefixtures("clock_stands")
def test_no_address_takes_a_form_from_who_has_used_up_everything(
    lobby: Room, settings: LazySettings
) -> None:
    settings.SSO_ISSUER, settings.SSO_CLIENT_ID = "https://sso.example.org", "chatroom"
    owner, network = with_office("Olive", "owner"), network_of("198.51.100.7")
    User.objects.create_user("olive", member=owner)
    for policy in (value for value in vars(rate_limits).values() if isinstance(value, Policy)):
        for taker in (owner.pk, network):
            for _ in range(policy.burst):
                LIMITS.check(policy, taker)
    message = {"body": "One more", "client_id": "one-more"}
    taken = set()

    # Who has left is nobody: that comes last.
    for route in sorted(urlpatterns, key=lambda one: one.name == "leave"):
        wanted = {name: ANY_ARGUMENTS[name] for name in route.pattern.converters}
        answers = [
            submit(browser, reverse(route.name, kwargs=wanted), ask="yes", **message)
            for browser in (Client(), browser_of(owner))
        ]
        statuses = {answer.status_code for answer in answers}
        said_when = [int(a["Retry-After"]) for a in answers if a.status_code == TOO_MANY]
        if statuses != {HTTPStatus.METHOD_NOT_ALLOWED} and not any(said_when):
            taken.add(route.name)

    assert taken == set(NOT_LIMITED)


def test_a_link_that_was_refused_for_now_does_not_stand_in_the_log(
    alice: Member, lobby: Room, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(rate_limits.INVITATIONS_BY_ADDRESS.burst):
        LIMITS.check_address(rate_limits.INVITATIONS_BY_ADDRESS, "198.51.100.7")
    token = roles.invite()

    assert submit(browser_of(alice), f"/invitations/{token}/").status_code == TOO_MANY

    assert token not in caplog.text


def test_two_threads_never_take_one_token() -> None:
    policy, shared = Policy("things", per_second=0.0001, burst=500), RateLimits()

    def take(_: int) -> bool:
        try:
            shared.check(policy, "all")
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(4_000))) == 500


# --- A real node ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served() -> Iterator[Node]:
    with (
        clients.deployment() as place,
        place.node(RATE_LIMITS="on", TRUSTED_PROXY_HEADER="X-Forwarded-For") as node,
    ):
        yield node


def post(node: Node, path: str, cookie: str, **fields: str) -> int:
    token = "t" * 32
    request = urllib.request.Request(  # noqa: S310 - our own address
        node.origin + path,
        urlencode(fields | {"csrfmiddlewaretoken": token}).encode(),
        {"Cookie": f"{cookie}; csrftoken={token}", "Origin": node.origin},
    )
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_socket_and_a_form_of_one_member_share_a_bucket(served: Node) -> None:
    cookie, room = next(served.cookies), next(served.rooms)
    tab = served.connect(cookie)
    said = [tab.say(room, f"number {n}") for n in range(rate_limits.MESSAGES_BY_MEMBER.burst)]
    assert {reply["type"] for reply in said} == {"message.accepted"}

    def send(n: int) -> int:
        path = f"/rooms/{room}/messages/"
        return post(served, path, cookie, body="more", client_id=f"form-{n}")

    # All at once: the bucket fills again while a slow machine answers one after the other.
    with ThreadPoolExecutor(12) as together:
        statuses = list(together.map(send, range(24)))

    assert TOO_MANY in statuses
    other = next(served.cookies)
    assert post(served, f"/rooms/{room}/messages/", other, body="hi", client_id="b") == 200


def test_an_address_makes_so_many_handshakes_and_another_as_many(served: Node) -> None:
    burst = rate_limits.HANDSHAKES_BY_ADDRESS.burst

    def closed(address: str) -> int | None:
        """How a socket without a session ends that comes from there."""
        headers = {"X-Forwarded-For": address}
        return Tab(served.open_socket("", additional_headers=headers)).close_code()

    codes = [closed("203.0.113.77") for _ in range(burst)]
    while protocol.CLOSE_RATE not in codes and len(codes) < 3 * burst:
        codes.append(closed("203.0.113.77"))

    assert codes[:burst] == [protocol.CLOSE_SIGN_IN] * burst
    assert codes[-1] == protocol.CLOSE_RATE
    assert closed("203.0.113.78") == protocol.CLOSE_SIGN_IN


def test_a_member_reports_so_many_messages_and_another_as_many(served: Node) -> None:
    room, burst = next(served.rooms), rate_limits.REPORTS_BY_MEMBER.burst
    author, alice, bob = served.connect(), served.connect(), served.connect()
    seqs = [author.say(room, f"number {n}")["seq"] for n in range(burst + 1)]

    answers = [alice.ask("message.report", room=room, seq=n, reason="Spam") for n in seqs]

    assert [answer["type"] for answer in answers[:burst]] == ["command.done"] * burst
    assert answers[burst]["code"] == "rate_limited"
    assert bob.ask("message.report", room=room, seq=seqs[-1], reason="Spam")["type"] == (
        "command.done"
    )
