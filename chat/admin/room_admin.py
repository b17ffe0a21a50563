from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..messages import admin_history
from ..moderation import room_rules
from ..moderation.moderation_state import RoomRules
from ..rooms.models import Room
from ..web.forms import number_in
from .keyset import KeysetAdmin, actor_and_reason, actor_of_request


@admin.register(Room)
class RoomAdmin(KeysetAdmin):
    list_display = ("name", "key", "kind", "created_at", "locked", "slow_seconds", "read")
    list_filter = ("kind",)
    search_fields = ("=key", "^name")
    fields = ("key", "name", "kind", "locked", "slow_seconds")
    actions = ("lock", "unlock")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        """Private and direct rooms are for superusers alone."""
        rooms = super().get_queryset(request).exclude(kind=Room.Kind.DELETED)
        is_superuser = getattr(request.user, "is_superuser", False)
        return rooms if is_superuser else rooms.filter(kind=Room.Kind.PUBLIC)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> tuple[str, ...]:
        # The key is part of the room's address: with another one, links to messages would break.
        return ("key",) if obj else ()

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # Direct rooms are opened by their members, and deleting one is more than a kind.
        if db_field.name == "kind":
            kwargs["choices"] = [
                (kind, kind.label) for kind in (Room.Kind.PUBLIC, Room.Kind.PRIVATE)
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Room, form: "ModelForm[Room]", change: bool
    ) -> None:
        actor = actor_of_request(request)
        if change:
            room_rules.rename(actor=actor, room=obj, name=obj.name, kind=obj.kind)
        else:
            opened = room_rules.open_by(actor=actor, key=obj.key, name=obj.name, kind=obj.kind)
            obj.pk = opened.pk
        room_rules.set_rules(actor=actor, room=obj, rules=RoomRules.of(obj))

    @admin.action(description="Lock: only moderators write", permissions=["act"])
    def lock(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._lock(request, queryset, True)

    @admin.action(description="Unlock", permissions=["act"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._lock(request, queryset, False)

    def _lock(self, request: HttpRequest, queryset: QuerySet[Room], locked: bool) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(
            request,
            queryset,
            lambda room: room_rules.set_rules(
                room=room, rules=RoomRules(locked, room.slow_seconds), **by
            ),
        )

    # --- A room's timeline --------------------------------------------------------------------

    @admin.display(description="timeline")
    def read(self, room: Room) -> SafeString:
        place = reverse("admin:chat_room_timeline", args=[room.pk])
        return format_html('<a href="{}">timeline</a>', place)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.timeline)
        return [path("<int:pk>/timeline/", view, name="chat_room_timeline"), *super().get_urls()]

    def timeline(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The messages around a number or a time, with the texts that moderators deleted."""
        room = get_object_or_404(self.get_queryset(request), pk=pk)
        moment = _moment(request.GET.get("when", ""))
        if moment is not None:
            seq: int | None = admin_history.seq_at(room, moment)
        else:
            seq = number_in(request.GET.get("at", ""))
        context = self.admin_site.each_context(request) | {
            "title": f"{room.name}: timeline",
            "opts": self.opts,
            "room": room,
            "page": admin_history.around(room, seq),
            "when": request.GET.get("when", ""),
        }
        return render(request, "admin/chat/timeline.html", context)


def _moment(typed: str) -> datetime | None:
    """The time that was typed; None if it is no time, or one that no database can store."""
    try:
        moment = parse_datetime(typed)
        if moment is not None and timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        return moment and moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
