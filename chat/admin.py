"""The moderator's desk. Messages are read here and taken back, never written or erased."""

from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import ShowFacets
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .errors import ChatError
from .models import Change, Member, Message, Room
from .services import log, membership
from .services.rooms import open_room

# A word that so many members' names begin with is no search for one of them.
AUTHORS_SEARCHED = 100


class ProbingPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs only
    """Looks one row past the page that is asked for, instead of counting the table.

    `count` is the number of rows up to there: enough to tell whether a next page exists.
    """

    # Whoever pages further should search; skipping rows costs as much as reading them.
    PAGES_MAX = 100

    def __init__(self, queryset: QuerySet[Any], *args: Any, page: int, **kwargs: Any) -> None:
        super().__init__(queryset, *args, **kwargs)
        self.queryset = queryset
        self.page_asked_for = page

    @cached_property
    def count(self) -> int:
        upto = min(max(self.page_asked_for, 1), self.PAGES_MAX) * self.per_page + 1
        return len(self.queryset.values_list("pk")[:upto])


class LogAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For tables that grow with every message: nothing here counts one, or offers all of it."""

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    actions_selection_counter = False
    ordering = ("-pk",)

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> ProbingPaginator:
        page = request.GET.get("p", "1")
        return ProbingPaginator(
            queryset, per_page, *args, page=int(page) if page.isdecimal() else 1, **kwargs
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyLogAdmin(LogAdmin):
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(LogAdmin):
    list_display = ("name", "key", "kind", "created_at")
    list_filter = ("kind",)
    search_fields = ("=key", "^name")
    fields = ("key", "name", "kind")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> tuple[str, ...]:
        # The key is the room's address: links to its messages would break.
        return ("key",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Room, form: "ModelForm[Room]", change: bool
    ) -> None:
        if change:
            obj.save()
        else:
            obj.pk = open_room(key=obj.key, name=obj.name, kind=obj.kind).pk


@admin.register(Member)
class MemberAdmin(ReadOnlyLogAdmin):
    list_display = ("name", "kind", "created_at", "last_seen_at", "released_at", "said")
    list_filter = ("kind",)
    search_fields = ("^name",)
    actions = ("sign_out",)

    @admin.display(description="messages")
    def said(self, member: Member) -> SafeString:
        return format_html('<a href="../message/?author__id__exact={}">messages</a>', member.pk)

    @admin.action(description="Sign out everywhere")
    def sign_out(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        for member in queryset:
            membership.end_session(member=member)


class PublicRoomsFilter(admin.RelatedFieldListFilter):
    """The rooms worth a list. Into any other one leads the link in its row."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> Any:
        return field.get_choices(
            include_blank=False, ordering=("name",), limit_choices_to={"kind": Room.Kind.PUBLIC}
        )


@admin.register(Message)
class MessageAdmin(LogAdmin):
    list_display = ("seq", "room_link", "author_link", "text", "created_at", "deleted_at")
    list_select_related = ("room", "author")
    list_filter = (("room", PublicRoomsFilter),)
    search_fields = ("body",)
    search_help_text = (
        "A room’s key, the beginning of an author’s name, or room/number. Within one room or one"
        " author: also a number, or words of the text."
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

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """What an index finds. Text has none: it is looked through within a room or author only."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = _at_its_address(term) | _in_its_room(term) | _by_its_author(term)
        if {"room__id__exact", "author__id__exact"} & request.GET.keys():
            found |= Q(body__icontains=term)
            if term.isdecimal():
                found |= Q(seq=int(term))
        return queryset.filter(found), False

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Only these: what refers to a message stays, since the message stays as a tombstone."""
        return [str(message) for message in objs], {"messages": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        self._take_back(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        for message in queryset:
            self._take_back(request, message)

    def _take_back(self, request: HttpRequest, message: Message) -> None:
        """Through the log, so that everyone who has the room open sees it go."""
        try:
            log.commit_one(message.room, log.Delete(actor_id=None, seq=message.seq, moderator=True))
        except ChatError as refused:
            self.message_user(request, f"{message}: {refused.detail}", messages.ERROR)


@admin.register(Change)
class ChangeAdmin(ReadOnlyLogAdmin):
    list_display = ("seq", "room", "kind", "message", "actor", "at")
    list_select_related = ("room", "message", "actor")
    list_filter = ("kind", ("room", PublicRoomsFilter))


# The ids are looked up first: joined by OR, the conditions could not use the messages' indexes.


def _at_its_address(term: str) -> Q:
    key, _, seq = term.partition("/")
    return _in_its_room(key) & Q(seq=int(seq)) if seq.isdecimal() else Q(pk__in=[])


def _in_its_room(term: str) -> Q:
    return Q(room_id__in=list(Room.objects.filter(key=term).values_list("pk", flat=True)))


def _by_its_author(term: str) -> Q:
    authors = Member.objects.filter(name__istartswith=term).values_list("pk", flat=True)
    return Q(author_id__in=list(authors[:AUTHORS_SEARCHED]))
