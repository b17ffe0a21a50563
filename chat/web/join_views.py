"""The page on which people come in by a name. It works without JavaScript."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..accounts.sessions import former_of, member_of, set_cookie
from ..errors import ChatError, NameRefused
from ..moderation import admission
from ..moderation.door import MustWait
from ..realtime.rate_limits import JOINS_BY_ADDRESS
from ..rooms.models import LOBBY
from . import door_views, form_limits
from .door_forms import asked_of_browser, inside, way_of
from .forms import JoinForm
from .local_paths import local_path
from .refusals import STATUS_OF_REFUSAL, in_words, with_retry_after
from .responses import SeeOther, ban_notice
from .site_context import people_here


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Asks for a name. Members are redirected to the lobby."""
    if member_of(request) is not None:
        return redirect("room", LOBBY)
    return _join_page(request, JoinForm(), local_path(request.GET.get("next", "")))


@never_cache
@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """Make the browser a guest under the name that was typed, if the door is open for it."""
    next_path = local_path(request.POST.get("next", ""))
    if member_of(request) is not None:
        return SeeOther(next_path)
    form = JoinForm(request.POST)
    try:
        form_limits.check_address(request, JOINS_BY_ADDRESS)
        if not form.is_valid():
            return _join_page(request, form, next_path, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return _come_in(request, form, next_path)
    except NameRefused as taken:
        form.add_error("name", taken.detail)
        return _join_page(
            request, form, next_path, suggestions=taken.suggestions, status=HTTPStatus.CONFLICT
        )
    except ChatError as refused:
        form.add_error("name", in_words(refused))
        page = _join_page(request, form, next_path, status=STATUS_OF_REFUSAL[refused.code])
        return with_retry_after(page, refused)


def _come_in(request: HttpRequest, form: JoinForm, next_path: str) -> HttpResponse:
    try:
        if request.POST.get("password") and settings.PASSWORDS:
            return door_views.by_password(request, form, next_path)
        joined = admission.come_in(
            name=form.cleaned_data["name"],
            way=way_of(request, request.POST),
            address=request.META["REMOTE_ADDR"],
            former=former_of(request),
        )
    except MustWait:
        return door_views.wait(request, form, next_path)
    response = SeeOther(inside(next_path, joined))
    set_cookie(request, response, joined.member)
    return response


def _join_page(
    request: HttpRequest,
    form: JoinForm,
    next_path: str,
    *,
    suggestions: tuple[str, ...] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "form": form,
        "next": next_path,
        "suggestions": suggestions,
        "banned": ban_notice(request),
        "here": people_here(),
    }
    return render(
        request, "chat/join.html", context | asked_of_browser(request, next_path), status=status
    )
