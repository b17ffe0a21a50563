"""Confirming that it is the owner of the account who is there (accounts/fresh_proof.py)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ..accounts import sso_claims
from ..accounts.models import Member
from ..accounts.sessions import device_of, member_of
from ..accounts.users import User
from ..errors import ChatError, SessionEnded
from ..moderation import accounts
from ..realtime.rate_limits import LIMITS, PASSWORDS_BY_KNOWN_BROWSER, SIGN_INS_BY_ADDRESS
from . import form_limits
from .local_paths import local_path
from .refusals import form_page
from .responses import SeeOther
from .sign_in_forms import answers_json, json_of, site_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: HttpRequest) -> HttpResponse:
    """By password or recovery code, without JavaScript; the page's script offers the passkey."""
    next_path = local_path(request.POST.get("next", request.GET.get("next", "")))
    member = member_of(request)
    user = User.objects.filter(member=member).first() if member else None
    if member is None or user is None:
        return redirect(next_path)
    refusal: ChatError | None = None
    if request.method == "POST":
        try:
            _prove(request, member)
        except ChatError as refused:
            refusal = refused
        else:
            return SeeOther(next_path)
    context = {
        "next": next_path,
        "account": member,
        "has_passkey": user.passkeys.exists(),
        "has_password": settings.PASSWORDS and user.has_usable_password(),
        "has_sso": sso_claims.is_on() and user.sso_identities.exists(),
        "has_codes": user.recovery_codes.exists(),
    }
    return form_page(request, "chat/proof.html", context, refusal)


def _prove(request: HttpRequest, member: Member) -> None:
    device = device_of(request, member)
    form_limits.check_address(request, SIGN_INS_BY_ADDRESS)
    if password := request.POST.get("password", ""):
        LIMITS.check(PASSWORDS_BY_KNOWN_BROWSER, device)
        accounts.prove_by_password(member=member, device=device, password=password)
    else:
        code = request.POST.get("code", "")[:200]
        accounts.prove_by_recovery_code(member=member, device=device, code=code)


@never_cache
@require_POST
@answers_json
def proof_by_passkey(request: HttpRequest) -> HttpResponse:
    """The browser's answer to the options of `sign-in/options/`."""
    LIMITS.check_address(SIGN_INS_BY_ADDRESS, request.META["REMOTE_ADDR"])
    member = member_of(request)
    if member is None:
        raise SessionEnded
    accounts.prove_by_passkey(
        site=site_of(request),
        member=member,
        device=device_of(request, member),
        answer=json_of(request),
    )
    return JsonResponse({"next": local_path(request.GET.get("next", ""))})
