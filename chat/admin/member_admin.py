from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..accounts import handles, profile
from ..accounts.models import Member
from ..maintenance import data_requests
from ..moderation import admission, bans, mutes, profiles, roles
from ..moderation.models import Ban
from .keyset import ReadOnlyAdmin, actor_and_reason
from .streamed_exports import ExportingAdmin

HOUR, DAY = 3600, 86_400


class ModerationFilter(admin.SimpleListFilter):
    """Members with a role, a mute or a ban. Each choice uses a small partial index."""

    title = "moderation"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("office", "With a role"), ("muted", "Muted"), ("banned", "Banned")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        match self.value():
            case "office":
                return queryset.exclude(office="")
            case "muted":
                return queryset.filter(muted_until__gt=now)
            case "banned":
                return queryset.filter(pk__in=Ban.objects.in_force(now).values("member"))
        return queryset


@admin.register(Member)
class MemberAdmin(ExportingAdmin, ReadOnlyAdmin):
    list_display = (
        "name",
        "kind",
        "office",
        "created_at",
        "last_seen_at",
        "muted_until",
        "released_at",
        "messages_link",
        "audit_link",
    )
    list_filter = (ModerationFilter,)
    search_fields = ("name",)
    search_help_text = "The beginning of a name; names that look alike are found together."
    exclude = ("canonical_name",)
    readonly_fields = ("handle", "picture", "profile_texts", "former_names")
    actions = (
        "mute_for_an_hour",
        "mute_for_a_day",
        "unmute",
        "ban_for_a_day",
        "ban_for_good",
        "ban_with_network",
        "unban",
        "sign_out",
        "remove_picture",
        "remove_texts",
        "make_moderator",
        "make_owner",
        "dismiss",
        "delete_members",
        *ExportingAdmin.actions,
    )
    exported = ("id", "name", "kind", "office", "created_at", "last_seen_at", "released_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        term = search_term.strip()
        return (queryset & Member.objects.called(term) if term else queryset), False

    @admin.display(description="messages")
    def messages_link(self, member: Member) -> SafeString:
        return format_html('<a href="../message/?author__id__exact={}">messages</a>', member.pk)

    @admin.display(description="record")
    def audit_link(self, member: Member) -> SafeString:
        return format_html('<a href="../auditentry/?member__id__exact={}">record</a>', member.pk)

    @admin.display(description="handle")
    def handle(self, member: Member) -> str:
        return handles.of(member) or "–"

    @admin.display(description="picture")
    def picture(self, member: Member) -> SafeString | str:
        address = profile.face(member).picture
        return format_html('<img src="{}" alt="" width="96">', address) if address else "–"

    @admin.display(description="profile")
    def profile_texts(self, member: Member) -> str:
        said = profile.of(member)
        texts = (said.pronouns, said.about, said.status_emoji, said.status_text, said.time_zone)
        return " · ".join(filter(None, texts)) or "–"

    @admin.display(description="former names")
    def former_names(self, member: Member) -> str:
        names = [
            f"{one.name} (until {one.until:%Y-%m-%d %H:%M} UTC)"
            for one in profile.former_names(member)
        ]
        return ", ".join(names) or "–"

    @admin.action(description="Remove the picture", permissions=["act"])
    def remove_picture(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._clear(request, queryset, "picture")

    @admin.action(description="Remove the texts of the profile", permissions=["act"])
    def remove_texts(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._clear(request, queryset, "texts")

    @admin.action(description="Mute for an hour", permissions=["act"])
    def mute_for_an_hour(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._mute(request, queryset, HOUR)

    @admin.action(description="Mute for a day", permissions=["act"])
    def mute_for_a_day(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._mute(request, queryset, DAY)

    @admin.action(description="End the mute", permissions=["act"])
    def unmute(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(request, queryset, lambda member: mutes.unmute(member=member, **by))

    @admin.action(description="Ban for a day", permissions=["act"])
    def ban_for_a_day(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._ban(request, queryset, seconds=DAY)

    @admin.action(description="Ban for good", permissions=["act"])
    def ban_for_good(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._ban(request, queryset, seconds=None)

    @admin.action(
        description="Ban for a day, and new names from their network", permissions=["act"]
    )
    def ban_with_network(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._ban(request, queryset, seconds=DAY, network=True)

    @admin.action(description="End the ban", permissions=["act"])
    def unban(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(request, queryset, lambda member: bans.unban(member=member, **by))

    @admin.action(description="Sign out everywhere", permissions=["act"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(
            request,
            queryset,
            lambda member: admission.sign_out(member=member, **by),
        )

    @admin.action(description="Make moderator", permissions=["act"])
    def make_moderator(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._appoint(request, queryset, Member.Office.MODERATOR)

    @admin.action(description="Make owner", permissions=["act"])
    def make_owner(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._appoint(request, queryset, Member.Office.OWNER)

    @admin.action(description="Remove the role", permissions=["act"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._appoint(request, queryset, "")

    def has_own_permission(self, request: HttpRequest) -> bool:
        """What cannot be taken back is for superusers."""
        return bool(getattr(request.user, "is_superuser", False))

    @admin.action(description="Delete, with name and texts, for good", permissions=["own"])
    def delete_members(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(
            request, queryset, lambda member: data_requests.delete_now(member=member, **by)
        )

    def _mute(self, request: HttpRequest, queryset: QuerySet[Member], seconds: int) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(request, queryset, lambda m: mutes.mute(member=m, seconds=seconds, **by))

    def _ban(
        self,
        request: HttpRequest,
        queryset: QuerySet[Member],
        *,
        seconds: int | None,
        network: bool = False,
    ) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(
            request,
            queryset,
            lambda member: bans.ban(member=member, seconds=seconds, network=network, **by),
        )

    def _clear(self, request: HttpRequest, queryset: QuerySet[Member], part: profiles.Part) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(
            request, queryset, lambda member: profiles.clear(member=member, part=part, **by)
        )

    def _appoint(self, request: HttpRequest, queryset: QuerySet[Member], role: str) -> None:
        by = actor_and_reason(request)
        self.apply_to_each(request, queryset, lambda m: roles.appoint(member=m, role=role, **by))
