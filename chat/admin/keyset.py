"""Keyset pagination for the admin: pages follow a key, so large tables need no count or offset."""

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

# Parameters of a page: its rows come before, or after, the row with this key.
BEFORE, AFTER = "before", "after"


class KeysetChangeList(ChangeList):
    """A page holds the rows next to a given row in an index, so any page costs the same."""

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
        # Equal, so that no count is shown beside the search: it would be that of the page.
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
    """The action's form with a reason, which goes into the audit record."""

    reason = forms.CharField(
        label="Reason:", required=False, max_length=REASON_MAX_LENGTH, strip=True
    )


class KeysetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """For tables that grow with every message: it never counts all rows, or shows all of them.

    Rows are in the order of `key_of`, newest first.
    """

    class Media:
        css: ClassVar = {"all": ("css/dashboard.css",)}

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    # Django's script for actions breaks without it.
    actions_selection_counter = True
    # Sorting needs an index, and there is one for the key only.
    sortable_by: ClassVar[tuple[str, ...]] = ()
    action_form = ReasonForm

    def key_of(self, request: HttpRequest) -> str:
        """The field that orders the rows; it is unique among the rows of the request."""
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
        """Whether this user may run actions here, and not only look."""
        return admin.ModelAdmin.has_change_permission(self, request)

    def apply_to_each(self, request: HttpRequest, rows: QuerySet[Any], act: Any) -> None:
        """Run the action on each selected row; show what was refused and why."""
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


def actor_and_reason(request: HttpRequest) -> dict[str, Any]:
    """The arguments `actor` and `reason`, which every moderation function takes."""
    return {
        "actor": actor_of_request(request),
        "reason": clean_text(request.POST.get("reason", "")),
    }
