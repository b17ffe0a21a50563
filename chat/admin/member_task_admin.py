from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ..maintenance.models import MemberTask


@admin.register(MemberTask)
class MemberTaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Copies of members' data and deletions: which wait, how far each is, and what is in the way.

    The table is small: finished tasks leave it after some days.
    """

    list_display = (
        "member",
        "kind",
        "asked_at",
        "due_at",
        "done",
        "total",
        "worker",
        "finished_at",
        "problem",
    )
    list_filter = ("kind",)
    list_select_related = ("member",)
    ordering = ("-asked_at",)
    fields = (*list_display, "keeps_name", "keeps_texts", "leased_until")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
