"""The admin's pages of the site settings and of links into the site."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chat.accounts import site_settings
from chat.accounts.site_models import SiteInvitation
from chat.moderation.models import AuditEntry

pytestmark = pytest.mark.django_db

FORM = "/admin/chat/sitesettings/1/change/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("morgan"))
    return client


def send(admin: Client, **fields: Any) -> Any:
    said = {"who_may_come_in": "anyone", "visitors_read": "on", **fields}
    return admin.post(FORM, said)


def test_the_list_leads_to_the_form(admin: Client) -> None:
    assert admin.get("/admin/chat/sitesettings/")["Location"] == FORM
    page = admin.get(FORM)
    assert page.status_code == 200
    assert "SITE_NAME" in page.content.decode()


def test_what_an_operator_sets_holds_and_is_recorded(admin: Client) -> None:
    assert send(admin, who_may_come_in="invited", name="House of tea").status_code == 302

    site = site_settings.refresh()
    assert (site.name, site.who_may_come_in) == ("House of tea", "invited")
    entry = AuditEntry.objects.get(action="site_changed")
    assert entry.staff is not None
    assert entry.details == {
        "settings": {
            "who_may_come_in": ["anyone", "invited"],
            "name": ["", "House of tea"],
        }
    }


def test_what_does_not_fit_is_said_and_changes_nothing(admin: Client) -> None:
    refused = send(admin, allowed_domains="example.org")
    assert "Domains count with single sign-on only" in refused.content.decode()
    wrong = SimpleUploadedFile("picture.png", b"<svg/>", "image/png")
    assert "no PNG, JPEG or WebP" in send(admin, new_picture=wrong).content.decode()

    assert site_settings.refresh() == site_settings.CurrentSite()


def test_a_picture_is_set_and_removed(admin: Client) -> None:
    send(admin, new_picture=SimpleUploadedFile("picture.png", PNG, "image/png"))
    assert site_settings.refresh().picture == PNG
    send(admin, name="Another")
    assert site_settings.refresh().picture == PNG
    send(admin, no_picture="on")
    assert site_settings.refresh().picture is None


def test_a_link_into_the_site_is_shown_once_and_revoked(admin: Client) -> None:
    shown = admin.post("/admin/chat/siteinvitation/add/", {"uses_left": "1"}, follow=True)
    link = shown.content.decode().split("/welcome/")[1].split("/")[0]

    assert Client().get(f"/welcome/{link}/").status_code == 200
    invitation = SiteInvitation.objects.get()
    listing = "/admin/chat/siteinvitation/"
    assert link not in admin.get(listing).content.decode()
    admin.post(listing, {"action": "revoke", "_selected_action": [invitation.pk]})
    assert Client().get(f"/welcome/{link}/").status_code == 404


def test_staff_without_permission_see_no_settings(db: None) -> None:
    user = get_user_model().objects.create_user("lucy", is_staff=True)
    client = Client()
    client.force_login(user)

    assert client.get(FORM).status_code == 403
    assert client.post("/admin/chat/siteinvitation/add/", {}).status_code == 403
