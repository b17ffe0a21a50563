"""The admin shows what members say about themselves, and takes it out."""

import pytest
from django.db import transaction
from django.test import Client

from chat.accounts import guests, profile
from chat.moderation import profiles
from chat.moderation.models import AuditEntry
from chat.moderation.profiles import Said
from tests.chat.accounts.test_handles import account
from tests.chat.accounts.test_pictures import picture

from . import test_admin
from .test_admin import act

staff = test_admin.staff

pytestmark = pytest.mark.django_db


def test_a_members_page_shows_the_profile_and_the_former_names(staff: Client) -> None:
    greta = guests.rename(member=account("Greta"), name="Gerda")
    profiles.set_picture(greta, picture())
    with transaction.atomic():
        profiles.say(greta, Said(about="Beans & <b>peas</b>", handle="gl"))

    page = staff.get(f"/admin/chat/member/{greta.pk}/change/").content.decode()

    assert f'<img src="{profile.face(greta).picture}"' in page
    assert "Beans &amp; &lt;b&gt;peas&lt;/b&gt;" in page
    assert "Greta (until " in page
    assert "gl" in page


def test_a_picture_and_texts_are_taken_out_with_a_line_in_the_record(staff: Client) -> None:
    greta = account("Greta")
    profiles.set_picture(greta, picture())
    with transaction.atomic():
        profiles.say(greta, Said(about="Buy now!"))

    act(staff, "member", "remove_picture", greta, reason="An advertisement")
    act(staff, "member", "remove_texts", greta)

    assert profile.face(greta).picture == profile.of(greta).about == ""
    lines = list(AuditEntry.objects.order_by("pk").values_list("action", "reason"))
    assert lines == [("profile_cleared", "An advertisement"), ("profile_cleared", "")]
