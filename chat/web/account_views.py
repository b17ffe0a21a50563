"""What a member does about the own account, for the page's JavaScript."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..accounts import devices, fresh_proof, passkeys, recovery_codes
from ..accounts import sign_in_links as links
from ..accounts.account_models import SignInLink
from ..accounts.challenges import digest_of
from ..accounts.models import Member
from ..accounts.sessions import clear_cookie, device_of, member_of, set_cookie
from ..accounts.users import User
from ..errors import Forbidden, SessionEnded
from ..moderation import accounts, sso_accounts
from ..moderation.authorization import Actor, in_session
from ..realtime.rate_limits import ACCOUNT_CHANGES_BY_MEMBER, LIMITS
from .qr_code import qr_code_address
from .sign_in_forms import answers_json, json_of, label_of, site_of


def _me(request: HttpRequest) -> Member:
    member = member_of(request)
    if member is None:
        raise SessionEnded
    return member


def _changing(request: HttpRequest) -> Member:
    member = _me(request)
    LIMITS.check(ACCOUNT_CHANGES_BY_MEMBER, member.pk)
    return member


def _changing_ways_in(request: HttpRequest) -> Member:
    """ProofWanted unless its owner is there: what is changed here could lock them out."""
    member = _changing(request)
    fresh_proof.require(member, device_of(request, member))
    return member


def _user_of(member: Member) -> User:
    user = User.objects.filter(member=member, is_active=True).first()
    if user is None:
        raise Forbidden(gettext("Keep your name first."))
    return user


def _answer_to_kept(request: HttpRequest, kept: accounts.KeptName) -> HttpResponse:
    """The codes of a new account, whose browser goes on as its first device."""
    answer = JsonResponse({"codes": kept.codes})
    if kept.device is not None:
        set_cookie(request, answer, kept.member, kept.device.pk)
    return answer


@never_cache
@require_POST
@answers_json
def keep_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make a passkey."""
    return JsonResponse(passkeys.creation_options(site_of(request), _changing_ways_in(request)))


@never_cache
@require_POST
@answers_json
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the name with the new passkey; of a new account, the recovery codes."""
    kept = accounts.keep_name(
        site=site_of(request),
        member=_changing_ways_in(request),
        answer=json_of(request),
        label=label_of(request),
    )
    return _answer_to_kept(request, kept)


@never_cache
@require_POST
@answers_json
def set_password(request: HttpRequest) -> HttpResponse:
    """Keep the name with a password, or give the account another one: `{"password": …}`."""
    member = _changing_ways_in(request)
    kept = accounts.keep_name_by_password(
        member=member, password=str(json_of(request).get("password", "")), label=label_of(request)
    )
    return _answer_to_kept(request, kept)


@never_cache
@require_safe
@answers_json
def overview(request: HttpRequest) -> HttpResponse:
    """The devices and passkeys of the account, and how many recovery codes are left."""
    member = _me(request)
    user = _user_of(member)
    here = device_of(request, member)
    return JsonResponse(
        {
            "devices": [
                {
                    "id": str(device.pk),
                    "label": device.label,
                    "used": device.last_used_at,
                    "here": device.pk == here,
                }
                for device in member.devices.order_by("-last_used_at")
            ],
            "passkeys": [
                {"id": key.pk, "label": key.label, "made": key.created_at, "used": key.last_used_at}
                for key in user.passkeys.order_by("pk")
            ],
            "codes": user.recovery_codes.count(),
            "password": user.has_usable_password(),
            "sso": user.sso_identities.exists(),
        }
    )


@never_cache
@require_POST
@answers_json
def sign_out_device(request: HttpRequest, device: int) -> HttpResponse:
    """Sign one device out. This one: its cookie goes too."""
    member = _changing(request)
    here = device_of(request, member)
    with in_session(member.pk, member.session) as me:
        devices.sign_out(me, device)
    answer = JsonResponse({})
    if device == here:
        clear_cookie(request, answer)
    return answer


@never_cache
@require_POST
@answers_json
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Sign every device out, this one too."""
    member = _changing(request)
    accounts.sign_out_everywhere(actor=Actor(member), member=member)
    answer = JsonResponse({})
    clear_cookie(request, answer)
    return answer


@never_cache
@require_POST
@answers_json
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes; the earlier ones end."""
    member = _changing_ways_in(request)
    with in_session(member.pk, member.session) as me:
        return JsonResponse({"codes": recovery_codes.renew(_user_of(me))})


@never_cache
@require_POST
@answers_json
def remove_passkey(request: HttpRequest, number: int) -> HttpResponse:
    """Remove a passkey; the last one stays while it is the only way in."""
    member = _changing_ways_in(request)
    with in_session(member.pk, member.session) as me:
        user = _user_of(me)
        others = user.passkeys.exclude(pk=number).exists() or user.recovery_codes.exists()
        others = others or user.sso_identities.exists()
        if not others and not user.has_usable_password():
            raise Forbidden(
                gettext("This is the only way into your account. Add another passkey first.")
            )
        user.passkeys.filter(pk=number).delete()
    return JsonResponse({})


@never_cache
@require_POST
@answers_json
def disconnect_sso(request: HttpRequest) -> HttpResponse:
    """Single sign-on does not lead to this account any more, unless it is the only way in."""
    member = _changing_ways_in(request)
    with in_session(member.pk, member.session) as me:
        sso_accounts.disconnect(_user_of(me))
    return JsonResponse({})


# --- Another device ---------------------------------------------------------------------------


@never_cache
@require_POST
@answers_json
def make_link(request: HttpRequest) -> HttpResponse:
    """A link for another device, with its QR code. Only this device can allow who asks by it."""
    member = _changing(request)
    device = device_of(request, member)
    with in_session(member.pk, member.session) as me:
        token = links.make(_user_of(me), device)
    address = request.build_absolute_uri(reverse("sign_in_on_device", args=[token]))
    return JsonResponse(
        {
            "link": address,
            "id": digest_of(token),
            "qr": qr_code_address(address),
            "seconds": int(links.VALID.total_seconds()),
        }
    )


@never_cache
@require_safe
@answers_json
def link_state(request: HttpRequest, digest: str) -> HttpResponse:
    """Who asks by the link that this device shows."""
    member = _me(request)
    mine = SignInLink.objects.filter(
        digest=digest, user__member=member, device_id=device_of(request, member)
    )
    link = mine.first()
    return JsonResponse(_state_of(link))


def _state_of(link: SignInLink | None) -> dict[str, Any]:
    if link is None:
        return {"state": "over"}
    if link.used_at is not None:
        return {"state": "used", "by": link.asked_by}
    if not SignInLink.objects.valid().filter(pk=link.pk, refused_at=None).exists():
        return {"state": "over"}
    if link.granted_at is not None:
        return {"state": "granted", "by": link.asked_by}
    if link.asker_digest:
        number = links.number_of(link)
        return {"state": "asked", "by": link.asked_by, "from": link.asked_from, "number": number}
    return {"state": "shown"}


@never_cache
@require_POST
@answers_json
def decide_link(request: HttpRequest, digest: str) -> HttpResponse:
    """Let in who asks, or not: `{"number": what this device was shown, "granted": bool}`."""
    member = _changing(request)
    said = json_of(request)
    with transaction.atomic(), in_session(member.pk, member.session) as me:
        links.decide(
            _user_of(me),
            device_of(request, me),
            digest,
            str(said.get("number", "")),
            granted=said.get("granted") is True,
        )
    return JsonResponse({})
