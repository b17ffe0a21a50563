"""Parts of answers that several views share."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponseRedirect

from ..accounts.sessions import former_of
from ..moderation import admission

STATUS_OF_REFUSAL = {
    "invalid_text": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "forbidden": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "key_reused": HTTPStatus.CONFLICT,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


class SeeOther(HttpResponseRedirect):
    """The answer to a form: the browser continues with GET, so a reload sends nothing again."""

    status_code = HTTPStatus.SEE_OTHER


def ban_notice(request: HttpRequest) -> str:
    """Why this browser cannot join, shown before someone types a name; empty if it can."""
    return admission.why_not_join(address=request.META["REMOTE_ADDR"], former=former_of(request))
