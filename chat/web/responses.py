"""Parts of answers that several views share."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from ..accounts.sessions import former_of, member_of
from ..errors import ChatError
from ..moderation import admission
from .forms import JoinForm
from .refusals import form_page


class SeeOther(HttpResponseRedirect):
    """The answer to a form: the browser continues with GET, so a reload sends nothing again."""

    status_code = HTTPStatus.SEE_OTHER


def ban_notice(request: HttpRequest) -> str:
    """Why this browser cannot join, shown before someone types a name; empty if it can."""
    return admission.why_not_join(address=request.META["REMOTE_ADDR"], former=former_of(request))


def invitation_page(
    request: HttpRequest, template: str, refusal: ChatError | None, **offered: object
) -> HttpResponse:
    """What is offered, or why it is not; who has no name yet can join on the page."""
    context = {
        "me": member_of(request),
        "form": JoinForm(),
        "next": request.path,
        "banned": ban_notice(request),
    }
    return form_page(request, template, context | offered, refusal)
