"""What a form of a name has to ask for, and what a browser brings when it is sent."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode

from ..accounts import site_settings
from ..accounts.site_settings import ComesIn, CurrentSite
from ..moderation import newcomers
from ..moderation.admission import Arrival
from ..moderation.door import Way
from .forms import number_in
from .local_paths import local_path, ready_to_write

# The secret of a browser that waits to be let in.
NEWCOMER_COOKIE = "newcomer"
INVITATIONS = {"invite", "invitation", "site_invite"}


class JoinFirst(Exception):
    """Visitors do not read here: they are led to the page on which one joins, and back."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def joins_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except JoinFirst as visitor:
            return redirect(f"{reverse('home')}?{urlencode({'next': visitor.path})}")

    return led


def way_of(request: HttpRequest, said: Any, *, account: bool = False) -> Way:
    """What this browser brings to the door. `said`: the fields of the form."""
    return Way(
        invitation=token_in(local_path(str(said.get("next", "")))),
        secret=request.COOKIES.get(NEWCOMER_COOKIE, ""),
        rules=number_in(str(said.get("rules", ""))) or 0,
        account=account,
    )


def token_in(path: str) -> str:
    """The token of an invitation whose page has this path; empty if it is another page."""
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return ""
    return str(match.kwargs.get("token", "")) if match.url_name in INVITATIONS else ""


def inside(path: str, arrival: Arrival) -> str:
    """Where one goes after coming in: an invitation that was used up leads to its room."""
    if arrival.room is not None:
        path = reverse("room", args=[arrival.room.key])
    elif arrival.is_invited:
        path = local_path("")
    return ready_to_write(path)


def asked_of_browser(request: HttpRequest, next_path: str) -> dict[str, Any]:
    """What the form asks for on a page that leads to this path."""
    waited = newcomers.of_secret(request.COOKIES.get(NEWCOMER_COOKIE, ""))
    site = site_settings.current()
    return asked_of(
        site, is_invited=bool(token_in(next_path)), is_let_in=newcomers.is_approved(waited)
    )


def asked_of(
    site: CurrentSite, *, is_invited: bool = False, is_let_in: bool = False
) -> dict[str, Any]:
    """What the form asks for, for templates. `is_invited`: on the page of an invitation, which says
    by itself whether it is valid.
    """
    must_ask = site.approval and not is_invited and not is_let_in
    makes_account = site.who_may_come_in == ComesIn.ACCOUNTS and not must_ask
    is_closed = site.who_may_come_in == ComesIn.SINGLE_SIGN_ON or (
        site.who_may_come_in == ComesIn.INVITED and not is_invited
    )
    return {
        "site": site,
        "is_open": not is_closed,
        "must_ask": must_ask,
        "makes_account": makes_account,
        "asks_more": must_ask or makes_account or bool(site.rules_version),
        "passwords": settings.PASSWORDS,
    }
