"""Admin pages of reports, bans, invitations and the audit record."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..moderation import bans, message_moderation, mutes, reports
from ..moderation.models import AuditEntry, Ban, Invitation, Report
from ..rooms.models import Room
from .keyset import ReadOnlyAdmin, actor_and_reason
from .member_admin import DAY, HOUR
from .streamed_exports import ExportingAdmin


class WaitingFilter(admin.SimpleListFilter):
    """Shows open reports by default; the others are under “Closed”."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("closed", "Closed"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        everything, *rest = super().choices(changelist)
        yield everything | {"display": "Open"}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "closed":
                return queryset.exclude(closed_at=None)
            case "all":
                return queryset
        return queryset.filter(closed_at=None)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("place", "text", "reason", "author", "reporter", "at", "closed_at")
    list_select_related = ("room", "author", "reporter")
    list_filter = (WaitingFilter,)
    actions = ("delete_messages", "dismiss", "mute_authors", "ban_authors")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Reports from private and direct rooms are for superusers alone."""
        reports = super().get_queryset(request)
        is_superuser = getattr(request.user, "is_superuser", False)
        return reports if is_superuser else reports.filter(room__kind=Room.Kind.PUBLIC)

    @admin.display(description="message")
    def place(self, report: Report) -> SafeString:
        timeline = reverse("admin:chat_room_timeline", args=[report.room_id])
        return format_html(
            '<a href="{}?at={}">{}/{}</a>', timeline, report.seq, report.room.key, report.seq
        )

    @admin.display(description="what it said")
    def text(self, report: Report) -> str:
        return report.body[:200]

    @admin.action(description="Delete the messages", permissions=["act"])
    def delete_messages(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(
            request, queryset, lambda r: message_moderation.delete(room=r.room, seq=r.seq, **by)
        )

    @admin.action(description="Dismiss the reports", permissions=["act"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(request, queryset, lambda r: reports.dismiss(report=r, **by))

    @admin.action(description="Mute the authors for an hour", permissions=["act"])
    def mute_authors(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(
            request,
            _by_author(queryset),
            lambda r: mutes.mute(member=r.author, seconds=HOUR, **by),
        )

    @admin.action(description="Ban the authors for a day", permissions=["act"])
    def ban_authors(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(
            request,
            _by_author(queryset),
            lambda r: bans.ban(member=r.author, seconds=DAY, **by),
        )


def _by_author(queryset: QuerySet[Report]) -> Any:
    """One report of each author, so that nobody is banned twice."""
    return {report.author_id: report for report in queryset.select_related("author")}.values()


@admin.register(Ban)
class BanAdmin(ReadOnlyAdmin):
    list_display = ("member", "reason", "created_at", "until", "network", "lifted_at")
    list_select_related = ("member",)
    exclude = ("address_hash",)
    actions = ("lift",)

    @admin.display(boolean=True)
    def network(self, ban: Ban) -> bool:
        return bool(ban.address_hash)

    @admin.action(description="End the bans of these members", permissions=["act"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Ban]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(request, queryset, lambda ban: bans.unban(member=ban.member, **by))


@admin.register(AuditEntry)
class AuditEntryAdmin(ExportingAdmin, ReadOnlyAdmin):
    list_display = ("at", "who", "action", "member", "place", "reason", "details")
    list_select_related = ("actor", "staff", "member", "room")
    exported = (
        "at",
        "action",
        "actor_id",
        "staff__username",
        "member_id",
        "room__key",
        "seq",
        "reason",
        "details",
    )

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "member__id__exact"

    @admin.display(description="who")
    def who(self, entry: AuditEntry) -> str:
        if entry.staff is not None:
            return f"{entry.staff.get_username()} (admin)"
        return str(entry.actor or "a command")

    @admin.display(description="where")
    def place(self, entry: AuditEntry) -> str:
        if entry.room is None:
            return ""
        return entry.room.key if entry.seq is None else f"{entry.room.key}/{entry.seq}"


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("office", "created_at", "until", "taken_at", "taken_by")
    list_select_related = ("taken_by",)
