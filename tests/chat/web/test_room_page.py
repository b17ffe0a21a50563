"""The page of a room is put together from what everyone gets and what is one reader's own."""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.crypto import get_random_string

from chat.accounts import guests
from chat.accounts.models import Member
from chat.accounts.sessions import issue
from chat.maintenance import erasure
from chat.messages import commit
from chat.messages.models import Message
from chat.moderation import admission
from chat.moderation.room_rules import open_room
from chat.rooms.models import Membership, Room
from chat.web import message_rows, page_parts, room_page
from chat.web.bounded_cache import BoundedCache
from chat.web.page_parts import Skeleton, hole, personal, shared
from tests.chat.conftest import browser_of

pytestmark = pytest.mark.django_db

LOBBY = "/rooms/lobby/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def say(room: Room, member: Member, body: str) -> int:
    post = commit.Post(member.pk, get_random_string(12), body)
    return commit.commit_operation(room, post).seq


def page(browser: Client, path: str = LOBBY) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return str(response.content.decode())


def boot_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="boot"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found
    boot: dict[str, Any] = json.loads(found[1])
    return boot


# --- Nothing of one reader is in the page of another ------------------------------------------


def test_pages_of_several_readers_hold_nothing_of_each_other(lobby: Room, visitor: Client) -> None:
    names = ["Zebedee", "Quentin", "Xanthippe"]
    members = [admission.join(name=name) for name in names]
    browsers = [browser_of(member) for member in members]
    say(lobby, admission.join(name="Speaker"), "Good morning")
    seen_tokens: set[str] = set()
    for _ in range(3):
        for member, browser in zip(members, browsers, strict=True):
            response = browser.get(LOBBY)
            html = response.content.decode()
            assert boot_of(html)["me"] == {"id": member.pk, "name": member.name}
            for other in members:
                assert (other.name in html) == (other is member)
            tokens = set(TOKEN.findall(html))
            assert len(tokens) == 1
            assert not tokens & seen_tokens
            seen_tokens |= tokens
            assert browser.cookies["csrftoken"].value not in html
            assert issue(member).partition(":")[0] not in html
        html = page(visitor)
        assert boot_of(html)["me"] is None
        assert not any(name in html for name in names)
        assert 'name="body"' not in html


def test_each_page_has_a_nonce_a_token_and_a_key_of_its_own(
    lobby: Room, alices_browser: Client
) -> None:
    seen: set[str] = set()
    for _ in range(3):
        response = alices_browser.get(LOBBY)
        html = response.content.decode()
        nonces = set(re.findall(r'nonce="([^"]+)"', html))
        assert len(nonces) == 1
        assert f"'nonce-{nonces.pop()}'" in response["Content-Security-Policy"]
        client_id = re.findall(r'name="client_id" value="([^"]+)"', html)
        assert len(client_id) == 1
        assert client_id[0] not in seen
        seen |= {*client_id}


def test_the_token_of_a_page_is_good_for_its_forms(lobby: Room, alice: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.load(browser_of(alice).cookies)
    [token] = set(TOKEN.findall(page(strict)))

    form = {"body": "Good morning", "client_id": "a-1", "csrfmiddlewaretoken": token}
    assert strict.post(f"{LOBBY}messages/", form).status_code == 303
    assert strict.post(f"{LOBBY}messages/", form | {"csrfmiddlewaretoken": "x"}).status_code == 403


def test_a_name_cannot_write_markup_or_fill_a_hole(lobby: Room) -> None:
    mark = hole("csrf_token")
    names = ["<b>&\"'", mark[:32]]
    for name in names:
        browser = browser_of(admission.join(name=name))
        html = page(browser)
        assert boot_of(html)["me"]["name"] == name
        assert "<b>" not in html


def test_what_is_kept_says_nothing_of_its_first_reader(lobby: Room) -> None:
    """The holes are filled for each reader, in what was made for another."""
    say(lobby, admission.join(name="Speaker"), "Good morning")
    page(browser_of(admission.join(name="Zebedee")))

    kept = message_rows._pages.get(lobby.pk)
    assert kept is not None
    assert b"Zebedee" not in kept.rows.text
    for skeleton in room_page._skeletons._values.values():
        assert all(b"Zebedee" not in part.text for part in skeleton._texts)


# --- Nothing is shown that does not hold any more ---------------------------------------------


def test_what_was_just_committed_is_on_the_next_page(
    lobby: Room, alice: Member, alices_browser: Client, visitor: Client
) -> None:
    page(alices_browser)
    seq = say(lobby, alice, "Good morning")
    assert all("Good morning" in page(browser) for browser in (alices_browser, visitor))

    commit.commit_operation(lobby, commit.Edit(alice.pk, seq, "Good evening"))
    for browser in (alices_browser, visitor):
        html = page(browser)
        assert "Good evening" in html
        assert "Good morning" not in html

    commit.commit_operation(lobby, commit.React(alice.pk, seq, "🎉", True))
    assert 'data-emoji="🎉"' in page(visitor)

    commit.commit_operation(lobby, commit.Delete(alice.pk, seq))
    for browser in (alices_browser, visitor):
        html = page(browser)
        assert "Good evening" not in html
        assert "Message deleted" in html


def test_a_room_that_is_closed_is_gone_at_once(
    alice: Member, alices_browser: Client, visitor: Client
) -> None:
    garden = open_room(key="garden", name="Garden")
    say(garden, alice, "Good morning")
    assert "Good morning" in page(alices_browser, "/rooms/garden/")

    Room.objects.filter(pk=garden.pk).update(kind=Room.Kind.PRIVATE)

    for browser in (alices_browser, visitor):
        closed, absent = browser.get("/rooms/garden/"), browser.get("/rooms/none/")
        assert closed.status_code == absent.status_code == 404
        assert closed.content == absent.content
        assert "Garden" not in page(browser)


def test_a_private_room_that_a_member_has_just_read_is_absent_for_others(
    alice: Member, alices_browser: Client, mallory: Member, visitor: Client
) -> None:
    hideout = open_room(key="hideout", name="Hideout", kind=Room.Kind.PRIVATE)
    place = Membership.objects.create(room=hideout, member=alice)
    say(hideout, alice, "Nobody else reads this")
    assert "Nobody else reads this" in page(alices_browser, "/rooms/hideout/")

    for browser in (browser_of(mallory), visitor):
        closed, absent = browser.get("/rooms/hideout/"), browser.get("/rooms/none/")
        assert closed.status_code == absent.status_code == 404
        assert closed.content == absent.content
        assert "Hideout" not in page(browser)

    place.delete()
    assert alices_browser.get("/rooms/hideout/").status_code == 404


def test_a_room_that_was_renamed_or_locked_says_so_at_once(
    lobby: Room, alices_browser: Client
) -> None:
    page(alices_browser)
    Room.objects.filter(pk=lobby.pk).update(name="Great Hall", locked=True)

    html = page(alices_browser)

    assert "<title>Great Hall" in html
    assert boot_of(html)["permissions"]["locked"] is True


@pytest.mark.parametrize(
    ("makers", "told"),
    [("everyone", ""), ("accounts", "people with accounts"), ("moderators", "moderators")],
)
def test_a_page_knows_why_its_reader_may_not_make_rooms(
    lobby: Room, alices_browser: Client, settings: Any, makers: str, told: str
) -> None:
    settings.ROOMS_CREATED_BY = makers

    why = boot_of(page(alices_browser))["no_rooms"]

    assert told in why
    assert bool(why) == bool(told)


def test_the_owner_is_told_the_first_steps_until_they_are_done(
    lobby: Room, alice: Member, alices_browser: Client, settings: Any
) -> None:
    assert boot_of(page(alices_browser))["first_steps"] is None
    Member.objects.filter(pk=alice.pk).update(office="owner")
    undone = {"rooms": False, "people": False, "name": False}
    assert boot_of(page(alices_browser))["first_steps"] == undone

    settings.SITE_NAME = "House of tea"
    open_room(key="garden", name="Garden")
    assert boot_of(page(alices_browser))["first_steps"] == undone | {"rooms": True, "name": True}
    admission.join(name="Bob")
    assert boot_of(page(alices_browser))["first_steps"] is None


def test_the_name_of_someone_erased_leaves_pages_within_a_second(
    lobby: Room, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    zebedee = admission.join(name="Zebedee")
    seq = say(lobby, zebedee, "Good morning")
    commit.commit_operation(lobby, commit.Delete(zebedee.pk, seq))
    assert "Zebedee" in page(visitor)

    list(erasure.erase(zebedee))

    assert message_rows.PAGE_SECONDS <= 2
    # As if it had passed.
    monkeypatch.setattr(message_rows, "PAGE_SECONDS", 0)
    assert "Zebedee" not in page(visitor)


def test_another_life_of_the_log_is_another_page(
    lobby: Room, alice: Member, visitor: Client
) -> None:
    """After a restore, the same number may hold another text of the same message."""
    seq = say(lobby, alice, "Good morning")
    page(visitor)
    Message.objects.filter(room=lobby, seq=seq).update(body="Restored")
    lobby.log.epoch = "another"
    lobby.log.save(update_fields=["epoch"])

    assert "Restored" in page(visitor)


def test_someone_signed_out_gets_the_page_of_a_visitor(
    lobby: Room, alice: Member, alices_browser: Client
) -> None:
    assert boot_of(page(alices_browser))["me"] is not None

    guests.end_session(member=alice)

    assert boot_of(page(alices_browser))["me"] is None


# --- Parts ------------------------------------------------------------------------------------


def test_a_compressed_page_is_the_same_page(lobby: Room, alices_browser: Client) -> None:
    packed = alices_browser.get(LOBBY, headers={"accept-encoding": "gzip, br"})

    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert int(packed["Content-Length"]) == len(packed.content)
    html = gzip.decompress(packed.content).decode()
    assert html.rstrip().endswith("</html>")
    assert boot_of(html)["me"]["name"] == "Alice"
    plain = alices_browser.get(LOBBY)
    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in plain["Vary"]


def test_a_secret_is_sent_as_it_is_and_not_compressed(lobby: Room, alices_browser: Client) -> None:
    """Otherwise its length would tell how much a guess beside it has in common with it."""
    packed = alices_browser.get(LOBBY, headers={"accept-encoding": "gzip"}).content

    html = gzip.decompress(packed).decode()
    [token] = set(TOKEN.findall(html))
    assert packed.count(token.encode()) == html.count(token)
    boot = re.search(r'<script id="boot".*?</script>', html, re.DOTALL)
    assert boot
    assert boot[0].encode() in packed


def test_the_length_of_a_compressed_page_varies(lobby: Room, visitor: Client) -> None:
    lengths = {
        len(visitor.get(LOBBY, headers={"accept-encoding": "gzip"}).content) for _ in range(20)
    }

    assert len(lengths) > 3


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("make", [shared, personal])
def test_parts_of_any_size_make_one_page(size: int, make: Callable[[str], Any]) -> None:
    parts = [shared("<ü>"), make("é" * (size // 2) + "x" * (size % 2)), personal("secret")]

    packed = page_parts._gzip(parts)

    assert gzip.decompress(packed) == b"".join(part.text for part in parts)


def test_a_template_that_changes_a_hole_is_refused() -> None:
    assert Skeleton(f"<b>{hole('me_name')}</b>").filled({"me_name": personal("Ada")})
    with pytest.raises(ValueError, match="changed a value"):
        Skeleton(f"<b>{hole('me_name').upper()}</b>")
    with pytest.raises(ValueError, match="changed a value"):
        Skeleton(f"<b>{hole('me_name')[:-1]}</b>")


def test_a_cache_keeps_what_was_used_last() -> None:
    cache: BoundedCache[str, str] = BoundedCache(10, len)
    cache.put("a", "aaaa")
    cache.put("b", "bbbb")
    assert cache.get("a") == "aaaa"

    cache.put("c", "cccc")
    assert [cache.get(key) for key in "abc"] == ["aaaa", None, "cccc"]
    cache.put("a", "a" * 11)

    assert [cache.get(key) for key in "abc"] == [None, None, "cccc"]
    assert cache._bytes == 4
