from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..accounts.models import Member
from ..messages.models import Change, Message
from ..moderation import message_moderation
from ..rooms.models import Room
from ..web.forms import number_in
from .keyset import ReadOnlyAdmin, actor_and_reason
from .streamed_exports import ExportingAdmin

# A search looks for messages of at most so many members whose names begin with the word.
AUTHORS_SEARCHED = 100
# The filter lists at most so many rooms. The link in a row leads to any other room.
ROOMS_LISTED = 50


class RoomFilter(admin.RelatedFieldListFilter):
    """A filter by public room, with the first ROOMS_LISTED of them."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> Any:
        return list(
            Room.objects.filter(kind=Room.Kind.PUBLIC)
            .order_by("name")
            .values_list("pk", "name")[:ROOMS_LISTED]
        )


class LogRowsAdmin(ExportingAdmin):
    """Messages or changes. Within one room they are ordered by number, otherwise by age."""

    def key_of(self, request: HttpRequest) -> str:
        return "seq" if "room__id__exact" in request.GET else "pk"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Rows of private and direct rooms are for superusers alone."""
        rows = super().get_queryset(request)
        is_superuser = getattr(request.user, "is_superuser", False)
        return rows if is_superuser else rows.filter(room__kind=Room.Kind.PUBLIC)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in {"room__id__exact", "author__id__exact", "message__id__exact"}


@admin.register(Message)
class MessageAdmin(LogRowsAdmin):
    list_display = ("seq", "room_link", "author_link", "text", "created_at", "deleted_at", "place")
    list_select_related = ("room",)
    list_filter = (("room", RoomFilter),)
    search_fields = ("body",)
    search_help_text = (
        "A room’s key, the beginning of an author’s name, or room/number. Within one room or one"
        " author: also a number, or words of the text."
    )
    actions = ("delete_reversibly", "restore", *ExportingAdmin.actions)
    exported = (
        "room__key",
        "seq",
        "author_id",
        "author_name",
        "created_at",
        "edited_at",
        "deleted_at",
        "reply_to",
        "body",
    )

    @admin.display(description="room")
    def room_link(self, message: Message) -> SafeString:
        return format_html('<a href="?room__id__exact={}">{}</a>', message.room_id, message.room)

    @admin.display(description="author")
    def author_link(self, message: Message) -> SafeString:
        return format_html(
            '<a href="?author__id__exact={}">{}</a>', message.author_id, message.author_name
        )

    @admin.display(description="body")
    def text(self, message: Message) -> str:
        return message.body[:120]

    @admin.display(description="in its place")
    def place(self, message: Message) -> SafeString:
        timeline = reverse("admin:chat_room_timeline", args=[message.room_id])
        return format_html('<a href="{}?at={}">timeline</a>', timeline, message.seq)

    @admin.action(description="Delete (can be restored for 30 days)", permissions=["act"])
    def delete_reversibly(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        by, selected = actor_and_reason(request), queryset.select_related("room")
        self.apply_to_each(
            request, selected, lambda m: message_moderation.delete(room=m.room, seq=m.seq, **by)
        )

    @admin.action(description="Restore", permissions=["act"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        by, selected = actor_and_reason(request), queryset.select_related("room")
        self.apply_to_each(
            request, selected, lambda m: message_moderation.restore(room=m.room, seq=m.seq, **by)
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Search by index. Texts have none, so they are searched within a room or author only."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = _at_its_address(term) | _in_its_room(term) | _by_its_author(term)
        if {"room__id__exact", "author__id__exact"} & request.GET.keys():
            found |= Q(body__icontains=term)
            if (seq := number_in(term)) is not None:
                found |= Q(seq=seq)
        return queryset.filter(found), False


@admin.register(Change)
class ChangeAdmin(LogRowsAdmin, ReadOnlyAdmin):
    list_display = ("seq", "room", "kind", "message", "actor", "at")
    list_select_related = ("room", "message", "actor")
    list_filter = (("room", RoomFilter),)
    exported = ("room__key", "seq", "kind", "message__seq", "actor_id", "at", "replaced")


# The ids are looked up first: OR conditions on joined tables could not use the indexes.


def _at_its_address(term: str) -> Q:
    key, _, number = term.partition("/")
    seq = number_in(number)
    return _in_its_room(key) & Q(seq=seq) if seq is not None else Q(pk__in=[])


def _in_its_room(term: str) -> Q:
    return Q(room_id__in=list(Room.objects.filter(key=term).values_list("pk", flat=True)))


def _by_its_author(term: str) -> Q:
    authors = Member.objects.called(term).values_list("pk", flat=True)
    return Q(author_id__in=list(authors[:AUTHORS_SEARCHED]))
