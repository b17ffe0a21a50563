"""Single sign-on: to the provider, and back as somebody (docs/adr/0050).

The two pages that ask the provider have threads of their own (chatroom/server/requests.py), and no
connection to the database while they wait.
"""

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..accounts import challenges, fresh_proof, sso_attempts, sso_claims
from ..accounts.models import Member
from ..accounts.sessions import device_of, former_of, member_of, set_cookie
from ..accounts.sso_attempts import Attempt, Proof
from ..accounts.sso_claims import SsoPerson
from ..errors import ChatError, Forbidden, NameRefused, SessionEnded
from ..moderation import sso_accounts
from ..moderation.accounts import SignedIn
from ..moderation.admission import Arrival
from ..moderation.sso_accounts import Arriving
from ..realtime.rate_limits import ACCOUNT_CHANGES_BY_MEMBER, LIMITS, SIGN_INS_BY_ADDRESS
from . import form_limits
from .door_forms import inside, way_of
from .local_paths import local_path
from .responses import SeeOther
from .sign_in_forms import answers_json, json_of, label_of
from .sign_in_views import quiet, refusal_page, welcome

FAILED = "chat/sso_failed.html"
WHO = "chat/sso_who.html"


def _require_switched_on() -> None:
    if not sso_claims.is_on():
        raise Http404


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. By GET: a form may not lead to another site (CSP)."""
    _require_switched_on()
    next_path = local_path(request.GET.get("next", ""))
    # It takes a fifth of a second to load, and only sites with single sign-on need it.
    from ..accounts import sso_provider

    try:
        form_limits.check_address(request, SIGN_INS_BY_ADDRESS)
        attempt = Attempt.new(
            next_path,
            keep=sso_attempts.who_keeps(request.GET.get("keep", "")),
            prove="prove" in request.GET,
        )
        answer = redirect(sso_provider.address_for(attempt, _callback_address(request)))
    except ChatError as refused:
        return refusal_page(request, FAILED, refused, next=next_path)
    sso_attempts.begin(answer, attempt)
    return answer


@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """The provider sends the browser back, with a code that says who it is."""
    _require_switched_on()
    next_path = local_path("")
    try:
        form_limits.check_address(request, SIGN_INS_BY_ADDRESS)
        attempt = sso_attempts.attempt_of(request)
        next_path = attempt.next
        person = _person_of(request, attempt)
        challenges.spend(attempt.state.encode())
        answer = _settled(request, attempt, person)
    except ChatError as refused:
        answer = refusal_page(request, FAILED, refused, next=next_path)
        sso_attempts.forget(answer)
    return quiet(answer)


@never_cache
@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """Someone whom the provider has named says who they want to be here."""
    _require_switched_on()
    try:
        form_limits.check_address(request, SIGN_INS_BY_ADDRESS)
        proof = sso_attempts.proof_of(request)
        if "keep" in request.POST:
            answer = _keep_if_proved(request, proof)
        elif "name" in request.POST:
            answer = _join(request, proof)
        else:
            answer = _sign_in(request, proof.person, proof.next)
    except ChatError as refused:
        answer = refusal_page(request, FAILED, refused, next=local_path(""))
    return answer


@never_cache
@require_POST
@answers_json
def keep(request: HttpRequest) -> HttpResponse:
    """Where *Keep this name* by single sign-on begins: `{"next": path}` of this site."""
    _require_switched_on()
    member = member_of(request)
    if member is None:
        raise SessionEnded
    LIMITS.check(ACCOUNT_CHANGES_BY_MEMBER, member.pk)
    fresh_proof.require(member, device_of(request, member))
    query = {
        "keep": sso_attempts.wish_to_keep(member.pk),
        "next": local_path(str(json_of(request).get("next", ""))),
    }
    return JsonResponse({"next": reverse("sso", query=query)})


# --- Back from the provider -----------------------------------------------------------------------


def _callback_address(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("sso_callback"))


def _person_of(request: HttpRequest, attempt: Attempt) -> SsoPerson:
    """Whom the provider names. Forbidden unless it answers what this browser began."""
    from ..accounts import sso_provider

    said = request.GET
    if not constant_time_compare(said.get("state", ""), attempt.state):
        raise sso_attempts.too_late()
    # RFC 9207: another provider's answer is not taken for ours.
    if said.get("iss", settings.SSO_ISSUER) != settings.SSO_ISSUER:
        raise sso_attempts.too_late()
    if "code" not in said:
        text = gettext("{provider} did not sign you in. Try again, or sign in another way.")
        raise Forbidden(text.format(provider=sso_claims.button_name()))
    claims = sso_provider.claims_for(attempt, said["code"], _callback_address(request))
    return sso_claims.person_of(claims)


def _settled(request: HttpRequest, attempt: Attempt, person: SsoPerson) -> HttpResponse:
    """Signed in, if it is clear as whom; else the question."""
    me, theirs = member_of(request), sso_accounts.account_of(person)
    if attempt.prove:
        return _prove(request, person, attempt.next)
    wants_to_keep = me is not None and attempt.keep == me.pk
    if theirs is not None and (theirs == me or not wants_to_keep):
        return _sign_in(request, person, attempt.next)
    if theirs is None and wants_to_keep:
        return _keep(request, person, attempt.next)
    proof = Proof(person, attempt.next)
    if me is not None:
        return _ask(request, proof, me=me, theirs=theirs)
    try:
        return _arrived(request, proof, *sso_accounts.join_as_called(_arriving(request, proof)))
    except NameRefused as refused:
        return _ask(request, proof, refused=refused)


def _sign_in(request: HttpRequest, person: SsoPerson, next_path: str) -> HttpResponse:
    signed_in = sso_accounts.sign_in(
        person=person, label=label_of(request), address=request.META["REMOTE_ADDR"]
    )
    return _welcome(request, signed_in, next_path)


def _keep_if_proved(request: HttpRequest, proof: Proof) -> HttpResponse:
    """An account gets a way in only from its owner, who proves it and begins again."""
    me = member_of(request)
    if me is None or fresh_proof.is_fresh(me, device_of(request, me)):
        return _keep(request, proof.person, proof.next)
    again = reverse("sso", query={"next": proof.next})
    return SeeOther(reverse("proof", query={"next": again}))


def _keep(request: HttpRequest, person: SsoPerson, next_path: str) -> HttpResponse:
    me = member_of(request)
    if me is None:
        raise SessionEnded
    kept = sso_accounts.keep_name(member=me, person=person, label=label_of(request))
    context = {"kept": kept.member, "is_new": kept.device is not None, "next": next_path}
    answer = render(request, "chat/sso_kept.html", context)
    sso_attempts.forget(answer)
    if kept.device is not None:
        set_cookie(request, answer, kept.member, kept.device.pk)
    return answer


def _prove(request: HttpRequest, person: SsoPerson, next_path: str) -> HttpResponse:
    me = member_of(request)
    if me is None:
        raise SessionEnded
    sso_accounts.prove(member=me, device=device_of(request, me), person=person)
    answer = SeeOther(next_path)
    sso_attempts.forget(answer)
    return answer


def _join(request: HttpRequest, proof: Proof) -> HttpResponse:
    name = request.POST["name"]
    try:
        return _arrived(request, proof, *sso_accounts.join(_arriving(request, proof), name))
    except NameRefused as refused:
        return _ask(request, proof, me=member_of(request), refused=refused, name=name)


def _arriving(request: HttpRequest, proof: Proof) -> Arriving:
    """With the invitation that they wanted to follow, if they did."""
    return Arriving(
        person=proof.person,
        way=way_of(request, {"next": proof.next}),
        label=label_of(request),
        address=request.META["REMOTE_ADDR"],
        former=former_of(request),
    )


def _arrived(
    request: HttpRequest, proof: Proof, signed_in: SignedIn, arrival: Arrival | None
) -> HttpResponse:
    path = inside(proof.next, arrival) if arrival else proof.next
    return _welcome(request, signed_in, path)


def _welcome(request: HttpRequest, signed_in: SignedIn, next_path: str) -> HttpResponse:
    answer = welcome(request, signed_in, local_path(next_path))
    sso_attempts.forget(answer)
    return answer


def _ask(
    request: HttpRequest,
    proof: Proof,
    *,
    me: Member | None = None,
    theirs: Member | None = None,
    refused: NameRefused | None = None,
    name: str = "",
) -> HttpResponse:
    """Who they want to be. `me`: who this browser is; `theirs`: whom the provider signs in to."""
    context = {
        "me": me,
        "theirs": theirs,
        "name": name or next(iter(proof.person.names), ""),
        "refusal": refused.detail if refused else "",
        "suggestions": refused.suggestions if refused else (),
        "next": proof.next,
    }
    status = HTTPStatus.CONFLICT if name else HTTPStatus.OK
    answer = render(request, WHO, context, status=status)
    sso_attempts.remember(answer, proof)
    return answer
