from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from ..accounts.users import User
from ..moderation import accounts
from ..moderation.authorization import Actor


@admin.register(User)
class ChatUserAdmin(UserAdmin):  # type: ignore[type-arg]
    """Django's own, and whose account it is. An account's rights follow from its member's role."""

    list_display = ("__str__", "username", "is_active", "is_staff", "is_superuser", "last_login")
    list_select_related = ("member",)
    search_fields = (*UserAdmin.search_fields, "member__canonical_name")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        given = super().get_readonly_fields(request, obj)
        if obj is None or obj.member is None:
            return given
        return (*given, "username", "is_staff", "is_superuser")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and obj.member is not None and "is_active" in form.changed_data:
            staff = Actor(staff=User.objects.get(username=request.user.get_username()))
            accounts.set_disabled(user=obj, disabled=not obj.is_active, actor=staff)
