from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..errors import ChatError
from ..messages import admin_history
from ..moderation import room_actions, room_members, room_rules
from ..moderation.moderation_state import RoomRules
from ..rooms.models import Membership, Room
from ..web.forms import number_in
from .keyset import KeysetAdmin, actor_and_reason, actor_of_request

# The form of a room with more members does not list them.
MEMBERS_EDITED = 200


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    """The members of a room. What is changed here goes through the services (`save_formset`)."""

    model = Membership
    fields = ("member", "role")
    raw_id_fields = ("member",)
    extra = 1
    verbose_name_plural = "members"


@admin.register(Room)
class RoomAdmin(KeysetAdmin):
    list_display = (
        *("name", "key", "kind", "created_at"),
        *("locked", "slow_seconds", "archived_at", "read"),
    )
    list_filter = ("kind",)
    search_fields = ("=key", "^name")
    fields = ("key", "name", "topic", "kind", "inviters", "locked", "slow_seconds")
    actions = ("lock", "unlock", "archive", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        """Private and direct rooms are for superusers alone."""
        rooms = super().get_queryset(request).exclude(kind=Room.Kind.DELETED)
        is_superuser = getattr(request.user, "is_superuser", False)
        return rooms if is_superuser else rooms.filter(kind=Room.Kind.PUBLIC)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        # Nobody sets anything about a direct conversation.
        is_direct = obj is not None and obj.kind == Room.Kind.DIRECT
        return not is_direct and super().has_change_permission(request, obj)

    def get_inlines(self, request: HttpRequest, obj: Room | None) -> list[Any]:
        is_small = obj is not None and obj.memberships.count() <= MEMBERS_EDITED
        return [MembershipInline] if is_small else []

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
        facts: dict[str, str] = {"name": obj.name, "topic": obj.topic, "kind": obj.kind}
        if not change:
            obj.pk = room_actions.create(actor=actor, key=obj.key, **facts).pk
        # As it is in the database; `obj` is what was typed.
        room = Room.objects.get(pk=obj.pk)
        room_actions.update(actor=actor, room=room, inviters=obj.inviters, **facts)
        room_rules.set_rules(actor=actor, room=room, rules=RoomRules.of(obj))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Add, remove and appoint members as the rooms' owners do."""
        room = Room.objects.get(pk=form.instance.pk)
        by: dict[str, Any] = {"actor": actor_of_request(request), "room": room}
        formset.save(commit=False)
        for membership in formset.deleted_objects:
            room_members.remove(member=membership.member, **by)
        for membership, _ in formset.changed_objects:
            room_members.appoint(member=membership.member, role=membership.role, **by)
        for membership in formset.new_objects:
            room_members.add(member_ids=[membership.member_id], **by)
            room_members.appoint(member=membership.member, role=membership.role, **by)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the services refuse is said above the form, and nothing is changed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ChatError as refused:
            self.message_user(request, refused.detail, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

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

    @admin.action(description="Archive: nobody writes any more", permissions=["act"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._archive(request, queryset, True)

    @admin.action(description="Restore an archived room", permissions=["act"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._archive(request, queryset, False)

    def _archive(self, request: HttpRequest, queryset: QuerySet[Room], archived: bool) -> None:
        actor = actor_of_request(request)
        self.apply_to_each(
            request,
            queryset,
            lambda room: room_actions.archive(actor=actor, room=room, archived=archived),
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
