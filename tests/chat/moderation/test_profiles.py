"""Profiles: what members say about themselves, and what moderators take out."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from chat.accounts import guests, profile
from chat.accounts.models import ChangeNumbers, Member
from chat.accounts.profile_models import FormerName, Profile, ProfilePicture
from chat.errors import Forbidden, InvalidText, NotFound, TooLong
from chat.maintenance import erasure
from chat.messages import history
from chat.moderation import profiles
from chat.moderation.authorization import Actor
from chat.moderation.models import AuditEntry
from chat.moderation.profiles import Said, Status
from chat.rooms.models import Room
from tests.chat.accounts.test_handles import account, choose
from tests.chat.accounts.test_pictures import picture
from tests.chat.messages.test_mentions import say

from .moderation_fixtures import entry, morgan, olivia

__all__ = ["morgan", "olivia"]

pytestmark = pytest.mark.django_db


def tell(member: Member, **said: str) -> None:
    with transaction.atomic():
        profiles.say(member, Said(**said))


def set_status(
    member: Member, emoji: str = "", text: str = "", until: datetime | None = None
) -> None:
    with transaction.atomic():
        profiles.set_status(member, Status(emoji, text, until))


def changes() -> int:
    return ChangeNumbers.objects.get(pk=1).sessions


def test_what_is_not_said_stays_as_it_was(alice: Member) -> None:
    tell(alice, pronouns=" she/her ", about="Night\n shifts.", time_zone="Asia/Tokyo")
    before = changes()

    tell(alice, about="Day shifts.")

    said = profile.of(alice)
    assert (said.pronouns, said.about, said.time_zone) == ("she/her", "Day shifts.", "Asia/Tokyo")
    assert changes() == before + 1


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"pronouns": "x" * 41}, TooLong),
        ({"about": "x" * 201}, TooLong),
        ({"about": "a\u202eb"}, InvalidText),
        ({"about": "a\u200bb"}, InvalidText),
        ({"about": "e" + "\u0336" * 9}, InvalidText),
        ({"pronouns": "\x00"}, InvalidText),
        ({"pronouns": "\ud800"}, InvalidText),
        ({"time_zone": "Mars/Olympus"}, InvalidText),
        ({"time_zone": "../../etc/passwd"}, InvalidText),
        ({"handle": "alice"}, Forbidden),
    ],
)
def test_all_of_it_is_stored_or_nothing(
    alice: Member, said: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        tell(alice, **{"about": "Fine.", "pronouns": "fine"} | said)

    assert not Profile.objects.exists()


def test_a_status_ends_by_itself(alice: Member) -> None:
    set_status(alice, "🌴", "On holiday", timezone.now() + timedelta(hours=1))
    assert profile.face(alice).status_text == "On holiday"

    Profile.objects.update(status_until=timezone.now() - timedelta(seconds=1))

    assert profile.face(alice).status_emoji == profile.face(alice).status_text == ""
    assert not profile.of(alice).has_status


def test_an_empty_status_ends_the_one_before(alice: Member) -> None:
    set_status(alice, "🍜", "Lunch")
    assert profile.of(alice).has_status

    set_status(alice)

    assert not profile.of(alice).has_status


@pytest.mark.parametrize("emoji", ["x", "<b>", "🌴" * 40, "🌴 ", ":palm_tree:"])
def test_only_an_emoji_stands_before_a_status(alice: Member, emoji: str) -> None:
    with pytest.raises(InvalidText, match="emoji"):
        set_status(alice, emoji, "On holiday")


@pytest.mark.parametrize(
    "until", [timedelta(seconds=-1), timedelta(days=367), timedelta(days=9 * 365)]
)
def test_a_status_ends_in_the_future_and_within_a_year(alice: Member, until: timedelta) -> None:
    with pytest.raises(InvalidText, match="366 days"):
        set_status(alice, "🌴", until=timezone.now() + until)
    with pytest.raises(InvalidText, match="366 days"):
        set_status(alice, "🌴", until=(timezone.now() + timedelta(hours=1)).replace(tzinfo=None))


def test_a_picture_needs_an_account(alice: Member) -> None:
    with pytest.raises(Forbidden, match="keep this name first"):
        profiles.set_picture(alice, picture())


def test_a_new_picture_takes_the_place_of_the_old_one() -> None:
    greta = account("Greta")

    first = profiles.set_picture(greta, picture("PNG"))
    second = profiles.set_picture(greta, picture("JPEG"))

    assert first != second
    assert profile.face(greta).picture == f"/pictures/{greta.pk}-{second}.webp"
    assert ProfilePicture.objects.get(member=greta).version == second
    with transaction.atomic():
        profiles.remove_picture(greta)
    assert profile.face(greta).picture == ""
    assert profile.picture_of(greta) is None


def test_a_moderator_takes_out_a_picture_and_texts(morgan: Member) -> None:
    greta = account("Greta")
    profiles.set_picture(greta, picture())
    tell(greta, about="Buy now!", time_zone="Asia/Tokyo", handle="greta")
    set_status(greta, "💰", "Cheap!")

    profiles.clear(actor=Actor(morgan), member=greta, part="picture", reason="An advertisement")

    assert profile.face(greta).picture == ""
    assert (entry().action, entry().details) == ("profile_cleared", {"part": "picture"})
    assert (entry().actor, entry().member, entry().reason) == (morgan, greta, "An advertisement")
    profiles.clear(actor=Actor(morgan), member=greta, part="texts")
    assert (profile.of(greta).about, profile.face(greta).status_text) == ("", "")
    assert profile.of(greta).time_zone == "Asia/Tokyo"
    with pytest.raises(NotFound, match="nothing"):
        profiles.clear(actor=Actor(morgan), member=greta, part="texts")
    assert AuditEntry.objects.filter(action="profile_cleared").count() == 2


def test_neither_members_nor_equals_take_anything_out(
    alice: Member, morgan: Member, olivia: Member
) -> None:
    for victim, actor in [(morgan, alice), (morgan, morgan), (olivia, morgan)]:
        tell(victim, about="Here to help.")
        with pytest.raises(Forbidden):
            profiles.clear(actor=Actor(actor), member=victim, part="texts")

        assert profile.of(victim).about == "Here to help."


def test_former_names_are_kept_for_moderators(alice: Member) -> None:
    for name in ("Alicia", "Alison"):
        alice = guests.rename(member=alice, name=name)

    assert [former.name for former in profile.former_names(alice)] == ["Alicia", "Alice"]


def test_a_list_of_former_names_has_an_end(alice: Member) -> None:
    for number in range(profile.FORMER_NAMES_KEPT + 3):
        profile.note_former_name(alice.pk, f"Alice {number}")

    names = [former.name for former in profile.former_names(alice)]
    assert (len(names), names[0]) == (profile.FORMER_NAMES_KEPT, "Alice 52")
    assert FormerName.objects.count() == profile.FORMER_NAMES_KEPT


def test_old_messages_bear_the_name_of_now(lobby: Room, alice: Member) -> None:
    say(lobby, alice, "before")

    guests.rename(member=alice, name="Alicia")

    [message] = history.last_page(lobby).messages
    assert message.author.name == "Alicia"


def test_a_guest_who_leaves_takes_the_profile_along(alice: Member) -> None:
    tell(alice, about="Just here for a day.")

    guests.leave(member=alice)

    assert not Profile.objects.exists()


def test_forgetting_leaves_nothing_of_the_profile() -> None:
    greta = account("Greta")
    greta = guests.rename(member=greta, name="Gerda")
    profiles.set_picture(greta, picture())
    tell(greta, about="Beans.", handle="gl")
    exported = profile.exported(greta)
    assert (exported["about"], exported["handle"]) == ("Beans.", "gl")
    assert [former["name"] for former in exported["former_names"]] == ["Greta"]

    with transaction.atomic():
        profile.forget(greta)

    assert profile.face(greta) == profile.Face(greta.pk, "Gerda")
    assert not FormerName.objects.exists()
    assert not ProfilePicture.objects.exists()


def test_erasure_deletes_the_profile() -> None:
    greta = account("Greta")
    profiles.set_picture(greta, picture())
    choose(greta, "gl")

    list(erasure.erase(greta))

    assert profile.face(greta) == profile.Face(greta.pk, erasure.NOBODY)
