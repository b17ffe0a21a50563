"""Signing in to an account that is there: by passkey, by recovery code, by a link."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ..accounts import passkeys
from ..accounts import sign_in_links as links
from ..accounts.account_models import SignInLink
from ..accounts.names import canonical_name
from ..accounts.sessions import former_of, member_of, set_cookie
from ..errors import ChatError
from ..moderation import accounts
from ..realtime.rate_limits import (
    LIMITS,
    PASSWORDS_BY_ACCOUNT,
    PASSWORDS_BY_KNOWN_BROWSER,
    SIGN_INS_BY_ADDRESS,
)
from . import carrying_over_views, form_limits
from .door_views import asked_first
from .local_paths import local_path, ready_to_write
from .refusals import form_page
from .responses import SeeOther
from .sign_in_forms import answers_json, json_of, label_of, site_of

# The secret of a browser that asks to be signed in by another device.
ASKER_COOKIE = "asker"


@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """The ways to sign in. `ended`: a session was here before."""
    next_path = local_path(request.GET.get("next", ""))
    # Another tab may have signed in meanwhile.
    if "ended" in request.GET and member_of(request) is not None:
        return redirect(next_path)
    context = {"next": next_path, "ended": "ended" in request.GET, "passwords": settings.PASSWORDS}
    return render(request, "chat/sign_in.html", context)


@never_cache
@require_safe
@answers_json
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to offer its passkeys. Nothing is stored."""
    return JsonResponse(passkeys.request_options(site_of(request)))


@never_cache
@require_http_methods(["POST"])
@answers_json
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in; `next` in the answer says where to go."""
    LIMITS.check_address(SIGN_INS_BY_ADDRESS, request.META["REMOTE_ADDR"])
    signed_in = accounts.by_passkey(
        site=site_of(request),
        answer=json_of(request),
        label=label_of(request),
        address=request.META["REMOTE_ADDR"],
    )
    path = ready_to_write(local_path(request.GET.get("next", "")))
    path = asked_first(signed_in.member, path)
    asked = carrying_over_views.asked_before(request, signed_in.member, path)
    answer = JsonResponse({"next": asked.path})
    set_cookie(request, answer, signed_in.member, signed_in.device.pk)
    return asked.noted_in(answer)


@never_cache
@require_http_methods(["POST"])
def by_password(request: HttpRequest) -> HttpResponse:
    """Sign in with name and password. Strangers who guess do not lock the owner's browsers out."""
    name = request.POST.get("name", "")[: settings.NAME_MAX_LENGTH]
    next_path = local_path(request.POST.get("next", ""))
    try:
        form_limits.check_address(request, SIGN_INS_BY_ADDRESS)
        former, canonical = former_of(request), canonical_name(name)
        if former is not None and former.device and canonical_name(former.name) == canonical:
            LIMITS.check(PASSWORDS_BY_KNOWN_BROWSER, former.device)
        else:
            LIMITS.check(PASSWORDS_BY_ACCOUNT, canonical)
        signed_in = accounts.by_password(
            name=name,
            password=request.POST.get("password", ""),
            label=label_of(request),
            address=request.META["REMOTE_ADDR"],
        )
    except ChatError as refused:
        shown = {"next": next_path, "name": name, "passwords": settings.PASSWORDS}
        return refusal_page(request, "chat/sign_in.html", refused, **shown)
    return welcome(request, signed_in, next_path)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest) -> HttpResponse:
    """Sign in with a recovery code. It says whose account it is, so no name is asked."""
    next_path = local_path(request.POST.get("next", request.GET.get("next", "")))
    if request.method != "POST":
        return render(request, "chat/recovery_code.html", {"next": next_path})
    try:
        form_limits.check_address(request, SIGN_INS_BY_ADDRESS)
        signed_in = accounts.by_recovery_code(
            code=request.POST.get("code", "")[:200],
            label=label_of(request),
            address=request.META["REMOTE_ADDR"],
        )
    except ChatError as refused:
        return refusal_page(request, "chat/recovery_code.html", refused, next=next_path)
    return welcome(request, signed_in, next_path)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an operator. By POST only: previews of links send GET."""
    template = "chat/recover.html"
    try:
        form_limits.check_address(request, SIGN_INS_BY_ADDRESS)
        link = links.find(token, SignInLink.Kind.RECOVERY)
        if request.method == "POST":
            signed_in = accounts.by_link(
                link=link, label=label_of(request), address=request.META["REMOTE_ADDR"]
            )
            return welcome(request, signed_in, local_path(""))
    except ChatError as refused:
        return refusal_page(request, template, refused)
    return quiet(render(request, template, {"account": link.user.member}))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def on_device(request: HttpRequest, token: str) -> HttpResponse:
    """The link that another device of the account shows. This browser asks; that one allows."""
    template = "chat/sign_in_on_device.html"
    try:
        secret = request.COOKIES.get(ASKER_COOKIE, "")
        if request.method == "POST" and "ask" in request.POST:
            form_limits.check_address(request, SIGN_INS_BY_ADDRESS)
            secret = links.ask(token, label=label_of(request), address=request.META["REMOTE_ADDR"])
            answer = SeeOther(request.path)
            answer.set_cookie(
                ASKER_COOKIE,
                secret,
                max_age=links.VALID,
                path=request.path,
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
            return answer
        link = links.find(token, SignInLink.Kind.DEVICE)
        if not link.asker_digest:
            return quiet(render(request, template, {"account": link.user.member}))
        link = links.asked_by(token, secret)
        if link.granted_at is not None and request.method == "POST":
            signed_in = accounts.by_link(
                link=link, label=label_of(request), address=request.META["REMOTE_ADDR"]
            )
            welcomed = welcome(request, signed_in, local_path(""))
            welcomed.delete_cookie(ASKER_COOKIE, path=request.path)
            return welcomed
        context = {
            "account": link.user.member,
            "number": links.number_of(link),
            "granted": link.granted_at is not None,
        }
        return quiet(render(request, template, context))
    except ChatError as refused:
        return refusal_page(request, template, refused)


def welcome(request: HttpRequest, signed_in: accounts.SignedIn, path: str) -> HttpResponse:
    path = asked_first(signed_in.member, ready_to_write(path))
    asked = carrying_over_views.asked_before(request, signed_in.member, path)
    answer = SeeOther(asked.path)
    set_cookie(request, answer, signed_in.member, signed_in.device.pk)
    return asked.noted_in(answer)


def refusal_page(
    request: HttpRequest, template: str, refused: ChatError, **context: object
) -> HttpResponse:
    """The page again, with the reason."""
    return quiet(form_page(request, template, context, refused))


def quiet(response: HttpResponse) -> HttpResponse:
    """Django would log the address of a refusal, which holds a token."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
