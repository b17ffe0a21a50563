"""The admin page of the site settings, and the links into the site."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from ..accounts import site_settings
from ..accounts.site_models import ONLY_ROW, SiteInvitation, SiteSettings
from ..moderation import site_changes, site_invitations
from ..web import site_picture
from .keyset import ReadOnlyAdmin, actor_of_request

SETTINGS = (
    "who_may_come_in",
    "allowed_domains",
    "approval",
    "guests_read_only",
    "visitors_read",
    "rooms_created_by",
    "name",
    "welcome",
    "rules",
)


class SiteForm(forms.ModelForm):  # type: ignore[type-arg]
    new_picture = forms.FileField(
        required=False, help_text="PNG, JPEG or WebP, square, at most 256 KiB."
    )
    no_picture = forms.BooleanField(required=False, label="Remove the picture that was set here")

    class Meta:
        model = SiteSettings
        fields = SETTINGS

    def clean_new_picture(self) -> bytes | None:
        file = self.cleaned_data["new_picture"]
        if not file:
            return None
        content: bytes = file.read(site_picture.MAX_BYTES + 1)
        if site_picture.picture_of(content) is None:
            raise ValidationError("This is no PNG, JPEG or WebP of at most 256 KiB.")
        return content


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One row: the list leads to its form."""

    form = SiteForm
    fieldsets = (
        ("Who may come in", {"fields": SETTINGS[:6]}),
        ("The site", {"fields": ("name", "new_picture", "no_picture", "welcome", "rules")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:chat_sitesettings_change", args=[ONLY_ROW]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        row = site_settings.stored()
        row.pk = ONLY_ROW
        return row

    def save_model(self, request: HttpRequest, obj: SiteSettings, form: Any, change: bool) -> None:
        if form.cleaned_data["new_picture"]:
            obj.picture = form.cleaned_data["new_picture"]
        elif form.cleaned_data["no_picture"]:
            obj.picture = None
        site_changes.change(actor=actor_of_request(request), row=obj)


@admin.register(SiteInvitation)
class SiteInvitationAdmin(ReadOnlyAdmin):
    list_display = ("pk", "creator", "created_at", "expires_at", "uses_left", "revoked_at")
    list_select_related = ("creator",)
    fields = ("uses_left",)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def save_model(
        self, request: HttpRequest, obj: SiteInvitation, form: Any, change: bool
    ) -> None:
        made, token = site_invitations.create(
            actor=actor_of_request(request), uses=form.cleaned_data["uses_left"]
        )
        obj.pk, obj.expires_at = made.pk, made.expires_at
        link = request.build_absolute_uri(reverse("site_invite", args=[token]))
        messages.info(request, f"The link, valid for a week and shown this once: {link}")

    @admin.action(description="Revoke these links", permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[SiteInvitation]) -> None:
        actor = actor_of_request(request)
        for invitation in queryset.filter(revoked_at=None, expires_at__gt=timezone.now()):
            site_invitations.revoke(actor=actor, invitation_id=invitation.pk)
