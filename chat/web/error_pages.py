"""Error pages. They need no database, no session and no request.

`error_page(status)` makes one for any view or middleware. chatroom/urls.py names the handlers.
"""

import sys
from http import HTTPStatus
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import requires_csrf_token

from ..accounts import site_settings
from ..outages import RETRY_SECONDS, cause_of, is_outage
from . import site_picture

Text = str | Promise


class Words(NamedTuple):
    """Title and text (what happened, what to do next), and the label of the button."""

    title: Text
    text: Text
    way_on: Text = _("Go to the lobby")


UNKNOWN = Words(_("Something went wrong"), _("Nothing was changed. Go back and try again."))
WORDS = {
    HTTPStatus.BAD_REQUEST: Words(
        _("We could not read that"),
        _("Nothing was changed. Go back, reload the page and try again."),
    ),
    HTTPStatus.FORBIDDEN: Words(
        _("You cannot open this page"),
        _("You may need to join again, or ask someone who runs this chatroom."),
    ),
    HTTPStatus.NOT_FOUND: Words(
        _("There is nothing here"),
        _("The room may be private or have another name, or the link is incomplete."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Words(
        _("That is too large"), _("Nothing was sent. Go back, shorten it and try again.")
    ),
    HTTPStatus.REQUEST_URI_TOO_LONG: Words(
        _("That address is too long"), _("The link may be broken. Ask for it again.")
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Words(
        _("That was a bit fast"), _("Nothing was sent. Wait a moment, then try again.")
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: Words(
        _("Something broke"),
        _("This is our fault, not yours. Messages that were marked as sent are safe."),
        _("Try again"),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Words(
        _("The chatroom is not available right now"),
        _("Messages that were marked as sent are safe. Wait a moment, then try again."),
        _("Try again"),
    ),
}
# Fields with one of these in their names are not shown again.
SECRETS = ("password", "token", "secret")
# Used if even the template cannot be rendered.
BARE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} · {site_name}</title>'
    '<h1>{title}</h1><p>{text}</p><p><a href="/">{way_on}</a></p></html>'
)


class Kept(NamedTuple):
    """A form that could not be processed, to be sent again unchanged."""

    action: str
    fields: list[tuple[str, str]]
    csrf_token: str


def error_page(
    status: int,
    *,
    title: str = "",
    detail: str = "",
    retry_seconds: int | None = None,
    kept: Kept | None = None,
) -> HttpResponse:
    """The page for this status; `title` and `detail` replace its texts. Never raises."""
    words = WORDS.get(HTTPStatus(status), UNKNOWN)
    shown = {**words._asdict(), "text": detail or words.text, "title": title or words.title}
    shown |= {"kept": kept, "site_name": site_settings.known().name}
    try:
        shown["site_picture"] = site_picture.address()
        page = render_to_string("error.html", shown)
    except Exception:
        # The template or the manifest of static files is missing.
        page = format_html(BARE, **shown)
    response = HttpResponse(page, status=status)
    response["Cache-Control"] = "no-store"
    if retry_seconds is not None:
        response["Retry-After"] = str(retry_seconds)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for an error of ours; 503, with a time to retry, for an outage of the database."""
    error = sys.exc_info()[1]
    if error is None or not is_outage(error):
        return error_page(HTTPStatus.INTERNAL_SERVER_ERROR)
    return error_page(
        HTTPStatus.SERVICE_UNAVAILABLE,
        detail=f"{cause_of(error)}. {WORDS[HTTPStatus.SERVICE_UNAVAILABLE].text}",
        retry_seconds=RETRY_SECONDS,
        kept=_kept(request),
    )


def _kept(request: HttpRequest) -> Kept | None:
    """The form that was sent, without passwords and the like. None for the admin's forms."""
    if request.method != "POST" or request.path.startswith("/admin/"):
        return None
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(secret in name for secret in SECRETS)
    ]
    return Kept(request.get_full_path(), fields, get_token(request))


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form without a valid CSRF token."""
    detail = gettext("The page was open for too long, or cookies are off. Nothing was sent.")
    return error_page(HTTPStatus.FORBIDDEN, detail=detail, title=gettext("Please try that again"))
