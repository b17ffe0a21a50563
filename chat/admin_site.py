"""The admin's site and its dashboard: activity, open reports, and the nodes."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import login
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from chatroom import VERSION

from .accounts.sessions import member_of
from .accounts.users import User
from .errors import RateLimited
from .maintenance import node_status
from .messages import activity_stats
from .moderation.models import Report
from .realtime.rate_limits import LIMITS, LOGINS_BY_ADDRESS
from .web.form_limits import too_many


class ChatAdminSite(AdminSite):
    site_header = site_title = "Chatroom"
    index_title = "Overview"
    index_template = "admin/dashboard.html"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Answer malformed parameters with 400: they are errors of the request, not of ours."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response: HttpResponse = inner(request, *args, **kwargs)
            except (IncorrectLookupParameters, ValueError, OverflowError, DataError) as error:
                raise BadRequest("The address holds what cannot be looked for.") from error
            return response

        return answered

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "version": VERSION}

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Log in, with a rate limit: otherwise passwords could be guessed.

        An owner who is signed in to the chatroom continues as themselves, with one button.
        """
        account = _staff_account(request)
        if request.method == "POST":
            try:
                LIMITS.check_address(LOGINS_BY_ADDRESS, request.META["REMOTE_ADDR"])
            except RateLimited as refused:
                return too_many(refused)
            if account is not None and "as_member" in request.POST:
                login(request, account, backend="django.contrib.auth.backends.ModelBackend")
                path = request.POST.get("next", "")
                is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
                return redirect(path if is_ours and path.startswith("/") else "admin:index")
        return super().login(request, {**(extra_context or {}), "account": account})

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), **dashboard()})


def _staff_account(request: HttpRequest) -> User | None:
    """The account of the member who is signed in here, if it may use the admin."""
    member = member_of(request)
    if member is None:
        return None
    staff = User.objects.filter(member=member, is_active=True, is_staff=True)
    return staff.select_related("member").first()


def dashboard() -> dict[str, Any]:
    """The figures and charts of the dashboard."""
    messages, members = activity_stats.messages(), activity_stats.members()
    beats = node_status.all_beats()
    return {
        "charts": [
            chart("Messages an hour", messages.hours, "H:00, D j M"),
            chart("Messages a day", messages.days, "D j M"),
            chart("New members a day", members.days, "D j M"),
        ],
        "messages_in_all": messages.total,
        "members_in_all": members.total,
        "beats": beats,
        "connections": sum(beat.connections for beat, is_there in beats if is_there),
        "reports_waiting": Report.objects.waiting(),
    }


# Units of a chart's own; the page scales it.
BAR_WIDTH, BAR_GAP, HEIGHT = 10, 2, 80


def chart(title: str, bars: list[activity_stats.Bar], date_format: str) -> dict[str, Any]:
    """The data of a bar chart; the tallest bar fills the height."""
    most = max((bar.count for bar in bars), default=0)
    heights = [round(HEIGHT * bar.count / most) if most else 0 for bar in bars]
    step = BAR_WIDTH + BAR_GAP
    return {
        "title": title,
        "width": step * len(bars),
        "height": HEIGHT,
        "bar_width": BAR_WIDTH,
        "most": most,
        "sum": sum(bar.count for bar in bars),
        "date_format": date_format,
        "bars": [
            {"x": place * step, "y": HEIGHT - height, "height": height, "bar": bar}
            for place, (bar, height) in enumerate(zip(bars, heights, strict=True))
        ],
    }
