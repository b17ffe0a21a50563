"""Whether to carry over what was said in this browser as a guest: asked once, after signing in."""

from datetime import timedelta
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..accounts.models import Member
from ..accounts.sessions import Identity, member_of
from ..errors import ChatError
from ..moderation import carrying_over
from ..realtime.rate_limits import ACCOUNT_CHANGES_BY_MEMBER, LIMITS
from .local_paths import local_path
from .refusals import form_page
from .responses import SeeOther

# Says which guest this browser was, to the account that signed in in it, for a short while.
COOKIE = "carry-over"
SALT = "chat.carry-over"
VALID = timedelta(minutes=10)

R = TypeVar("R", bound=HttpResponseBase)


class Asked(NamedTuple):
    """Where to go after signing in, and what the browser keeps until it has answered."""

    path: str
    token: str = ""

    def noted_in(self, answer: R) -> R:
        if self.token:
            answer.set_cookie(
                COOKIE,
                self.token,
                max_age=VALID,
                path=reverse("carry_over"),
                secure=settings.SERVED_OVER_HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return answer


def asked_before(request: HttpRequest, account: Member, path: str) -> Asked:
    """The question first, if the browser was a guest until now who said something."""
    guest = member_of(request)
    if guest is None or guest.pk == account.pk or guest.kind != Member.Kind.GUEST:
        return Asked(path)
    if carrying_over.offer(Identity(guest.pk, guest.name, guest.session)) is None:
        return Asked(path)
    token = signing.dumps([guest.pk, guest.session, account.pk], salt=SALT)
    return Asked(f"{reverse('carry_over')}?{urlencode({'next': path})}", token)


def _guest_of(request: HttpRequest, account: Member) -> Identity | None:
    """The guest that this browser was before this account signed in."""
    try:
        guest, session, asked = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=VALID
        )
    except (signing.BadSignature, ValueError):
        return None
    return Identity(guest, "", session) if asked == account.pk else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def carry_over(request: HttpRequest) -> HttpResponse:
    """The question, and its answer. Either way it is not asked again."""
    path = local_path(request.POST.get("next", request.GET.get("next", "")))
    account = member_of(request)
    guest = _guest_of(request, account) if account else None
    if account is None or guest is None:
        return redirect(path)
    refusal: ChatError | None = None
    if request.method == "POST":
        try:
            if "yes" in request.POST:
                LIMITS.check(ACCOUNT_CHANGES_BY_MEMBER, account.pk)
                carrying_over.carry_over(account=account, guest=guest)
            return _without_cookie(SeeOther(path))
        except ChatError as refused:
            refusal = refused
    offer = carrying_over.offer(guest)
    if offer is None and refusal is None:
        return _without_cookie(redirect(path))
    context = {
        "account": account,
        "offer": offer,
        "counted": carrying_over.COUNTED,
        "next": path,
    }
    return form_page(request, "chat/carry_over.html", context, refusal)


def _without_cookie(answer: R) -> R:
    answer.delete_cookie(COOKIE, path=reverse("carry_over"), samesite="Lax")
    return answer
