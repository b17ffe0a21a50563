"""Browsing tables that grow without end: by key, nothing counted, nothing skipped."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from ..accounts.users import User
from ..errors import ChatError
from ..messages.text import clean_text
from ..moderation.authorization import Actor
from ..moderation.models import REASON_MAX_LENGTH
from ..web.forms import number_in

# A page's place in the table: what comes after this row, or before it.
BEFORE, AFTER = "before", "after"


class KeysetChangeList(ChangeList):
    """A page is what follows a row, in the order of an index: the last is as near as the first."""

    model_admin: "KeysetAdmin"
    newer: str | None = None
    older: str | None = None

    def get_filters_params(self, params: Any = None) -> Any:
        lookups = super().get_filters_params(params)
        for name in (BEFORE, AFTER):
            lookups.pop(name, None)
        return lookups

    def get_results(self, request: HttpRequest) -> None:
        key = self.model_admin.key_of(request)
        before, after = (number_in(request.GET.get(name, "")) for name in (BEFORE, AFTER))
        rows = self.queryset
        if after is not None:
            found = list(
                rows.filter(**{f"{key}__gt": after}).order_by(key)[: self.list_per_page + 1]
            )
            page = found[: self.list_per_page][::-1]
            newer, older = len(found) > len(page), True
        else:
            if before is not None:
                rows = rows.filter(**{f"{key}__lt": before})
            found = list(rows[: self.list_per_page + 1])
            page = found[: self.list_per_page]
            newer, older = before is not None, len(found) > len(page)
        if page and newer:
            self.newer = self._link(AFTER, getattr(page[0], key))
        if page and older:
            self.older = self._link(BEFORE, getattr(page[-1], key))
        self.result_list, self.result_count = page, len(page)
        # Equal, so that no number is shown beside the search: it would be the page's.
        self.full_result_count, self.show_full_result_count = self.result_count, False
        self.can_show_all = self.multi_page = False
        self.show_admin_actions = True
        self.paginator = None

    @property
    def newest(self) -> str:
        return self.get_query_string(remove=[BEFORE, AFTER])

    def _link(self, name: str, value: int) -> str:
        return self.get_query_string({name: value}, remove=[BEFORE, AFTER])


class ReasonForm(ActionForm):
    """Beside the action: why. It is kept with what was done."""

    reason = forms.CharField(
        label="Reason:", required=False, max_length=REASON_MAX_LENGTH, strip=True
    )


class KeysetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """For tables that grow with every message: nothing here counts one, or offers all of it.

    Rows are in the order of `key_of`, newest first. Whatever is done goes through the services.
    """

    class Media:
        css: ClassVar = {"all": ("css/desk.css",)}

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    # Django's script for actions breaks without it.
    actions_selection_counter = True
    # Only an index could sort these tables, and the key's does.
    sortable_by: ClassVar[tuple[str, ...]] = ()
    action_form = ReasonForm

    def key_of(self, request: HttpRequest) -> str:
        """The field that rows are ordered by; unique among the rows that the request asks for."""
        return "pk"

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return (f"-{self.key_of(request)}",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether this person of the staff uses powers here, and not only looks."""
        return admin.ModelAdmin.has_change_permission(self, request)

    def each(self, request: HttpRequest, rows: QuerySet[Any], act: Any) -> None:
        """Do this to each of the selected, and say what was refused and why."""
        done = 0
        for row in rows:
            try:
                act(row)
                done += 1
            except ChatError as refused:
                self.message_user(request, f"{row}: {refused.detail}", messages.ERROR)
        if done:
            self.message_user(request, f"Done: {done}.", messages.SUCCESS)


class ReadOnlyAdmin(KeysetAdmin):
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def actor_of_request(request: HttpRequest) -> Actor:
    return Actor(staff=cast(User, request.user))


def given(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and the reason beside the action: what every service wants to know."""
    return {
        "actor": actor_of_request(request),
        "reason": clean_text(request.POST.get("reason", "")),
    }
