"""The door as pages: who waits to be let in, an account at the door, the rules of the site.

Who may come in is decided by chat/moderation/door.py.
"""

from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ..accounts import guests, passkeys, site_rules, site_settings
from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..accounts.sessions import former_of, member_of, set_cookie
from ..errors import ChatError, SessionEnded
from ..messages.text import clean_text
from ..moderation import accounts, admission, newcomer_queue, newcomers
from ..moderation.accounts import KeptName
from ..moderation.authorization import Actor, in_session
from ..realtime.rate_limits import (
    DECISIONS_BY_MEMBER,
    JOINS_BY_ADDRESS,
    LIMITS,
    SIGN_INS_BY_ADDRESS,
)
from .door_forms import NEWCOMER_COOKIE, asked_of_browser, way_of
from .forms import JoinForm, number_in
from .local_paths import local_path, ready_to_write
from .refusals import form_page
from .responses import SeeOther
from .sign_in_forms import answers_json, json_of, label_of, site_of

# Names the guest for whom this browser makes an account at the door.
DOOR_COOKIE = "door"
DOOR_SECONDS = 600
DOOR_PATH = "/join/"


# --- Waiting to be let in ---------------------------------------------------------------------


def wait(request: HttpRequest, form: JoinForm, next_path: str) -> HttpResponse:
    """Put this browser into the queue, and show it where it waits; or why it was refused."""
    answer = SeeOther(f"{reverse('waiting')}?{urlencode({'next': next_path})}")
    before = newcomers.of_secret(request.COOKIES.get(NEWCOMER_COOKIE, ""))
    if before is not None and before.decision == newcomers.Decision.REFUSED:
        return answer
    secret = newcomers.ask(
        name=form.cleaned_data["name"],
        note=request.POST.get("note", ""),
        address=request.META["REMOTE_ADDR"],
        rules=number_in(request.POST.get("rules", "")) or 0,
        instead_of=before,
    )
    _remember(request, answer, NEWCOMER_COOKIE, secret, seconds=86_400)
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """Where a newcomer waits. It asks again by itself; a decision is another page."""
    next_path = local_path(request.GET.get("next", ""))
    secret = request.COOKIES.get(NEWCOMER_COOKIE, "")
    if request.method == "POST":
        newcomers.give_up(secret)
    newcomer = newcomers.of_secret(secret)
    member = member_of(request)
    if newcomer is None or newcomer.member_id is not None or member is not None:
        answer = redirect(next_path if member else f"/?{urlencode({'next': next_path})}")
        answer.delete_cookie(NEWCOMER_COOKIE, samesite="Lax")
        return answer
    context = {
        "newcomer": newcomer,
        "form": JoinForm({"name": newcomer.name}),
        "next": next_path,
        "refresh_seconds": 5,
    }
    asked = asked_of_browser(request, next_path)
    return render(request, "chat/waiting.html", context | asked)


# --- An account at the door -------------------------------------------------------------------


@never_cache
@require_POST
@answers_json
def account_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make a passkey for a name that nobody has yet.

    The name is held as a guest's would be. This browser is nobody until it has made the passkey.
    """
    LIMITS.check_address(JOINS_BY_ADDRESS, request.META["REMOTE_ADDR"])
    member = _at_the_door(request, json_of(request))
    answer = JsonResponse(passkeys.creation_options(site_of(request), member))
    _remember(request, answer, DOOR_COOKIE, _door_value(member), seconds=DOOR_SECONDS)
    return answer


def _at_the_door(request: HttpRequest, said: dict[str, Any]) -> Member:
    """The guest under this name; the one from before if the browser asks again."""
    name = str(said.get("name", ""))
    member = _guest_of(request)
    if member is not None:
        return guests.rename(member=member, name=name)
    return admission.come_in(
        name=name,
        way=way_of(request, said, account=True),
        address=request.META["REMOTE_ADDR"],
        former=former_of(request),
    ).member


@never_cache
@require_POST
@answers_json
def account(request: HttpRequest) -> HttpResponse:
    """The new passkey makes the account, and signs this browser in."""
    LIMITS.check_address(SIGN_INS_BY_ADDRESS, request.META["REMOTE_ADDR"])
    member = _guest_of(request)
    if member is None:
        raise SessionEnded
    kept = accounts.keep_name(
        site=site_of(request), member=member, answer=json_of(request), label=label_of(request)
    )
    path = ready_to_write(local_path(request.GET.get("next", "")))
    answer = JsonResponse({"codes": kept.codes, "next": path})
    return _as_device(request, answer, kept)


def by_password(request: HttpRequest, form: JoinForm, next_path: str) -> HttpResponse:
    """A new account with a password; works without JavaScript."""
    kept = accounts.come_in_by_password(
        name=form.cleaned_data["name"],
        password=request.POST.get("password", ""),
        way=way_of(request, request.POST, account=True),
        label=label_of(request),
        address=request.META["REMOTE_ADDR"],
        former=former_of(request),
    )
    context = {"codes": kept.codes, "next": ready_to_write(next_path)}
    return _as_device(request, render(request, "chat/new_codes.html", context), kept)


def _as_device(request: HttpRequest, answer: HttpResponse, kept: KeptName) -> HttpResponse:
    if kept.device is not None:
        set_cookie(request, answer, kept.member, kept.device.pk)
    answer.delete_cookie(DOOR_COOKIE, path=DOOR_PATH, samesite="Lax")
    return answer


def _door_value(member: Member) -> str:
    return signing.dumps([member.pk, member.session], salt=DOOR_COOKIE)


def _guest_of(request: HttpRequest) -> Member | None:
    """The guest for whom this browser makes an account. Once there is one, its session is another,
    and this cookie is worth nothing.
    """
    try:
        value = request.COOKIES.get(DOOR_COOKIE, "")
        pk, session = signing.loads(value, salt=DOOR_COOKIE, max_age=DOOR_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    guests_there = Member.objects.live().filter(kind=Member.Kind.GUEST, connected_at=None)
    return guests_there.filter(pk=pk, session=session).first()


def _remember(
    request: HttpRequest, answer: HttpResponse, name: str, value: str, *, seconds: int
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=DOOR_PATH if name == DOOR_COOKIE else "/",
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


# --- The rules --------------------------------------------------------------------------------


def asked_first(member: Member, path: str) -> str:
    """Where someone goes who signed in: to the rules first, if there are new ones."""
    if not site_rules.to_accept(member):
        return path
    return f"{reverse('rules')}?{urlencode({'next': path})}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The rules of the site; a member accepts them. Nobody is kept out by not doing so."""
    member = member_of(request)
    next_path = local_path(request.POST.get("next", request.GET.get("next", "")))
    if request.method == "POST" and member is not None:
        site_rules.accept(member, number_in(request.POST.get("rules", "")) or 0)
        return SeeOther(ready_to_write(next_path))
    context = {
        "site": site_settings.current(),
        "to_accept": member and site_rules.to_accept(member),
        "next": next_path,
    }
    return render(request, "chat/rules.html", context)


# --- The queue, without JavaScript ------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def newcomers_page(request: HttpRequest) -> HttpResponse:
    """Who waits to be let in, for moderators, with a decision on each."""
    member = member_of(request)
    if member is None or not Actor(member).may(Permission.REVIEW):
        raise PermissionDenied
    refusal = None
    if request.method == "POST":
        try:
            LIMITS.check(DECISIONS_BY_MEMBER, member.pk)
            with in_session(member.pk, member.session) as me:
                newcomers.decide(
                    actor=Actor(me),
                    newcomer_id=number_in(request.POST.get("newcomer", "")) or 0,
                    decision=newcomers.decision_of(request.POST.get("decision", "")),
                    reason=clean_text(request.POST.get("reason", "")),
                )
            return SeeOther(reverse("newcomers"))
        except ChatError as refused:
            refusal = refused
    waiting, _ = newcomer_queue.load(member)
    context = {"waiting": waiting, "me": member}
    return form_page(request, "chat/newcomers.html", context, refusal)
