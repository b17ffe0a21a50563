"""What views of accounts share: the browser that asks, the site of its passkeys, JSON answers."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext

from ..accounts import devices, site_settings
from ..accounts.account_models import LABEL_MAX_LENGTH
from ..accounts.fresh_proof import ProofWanted
from ..accounts.passkeys import Site
from ..errors import ChatError, InvalidText
from .refusals import STATUS_OF_REFUSAL, with_retry_after

# An authenticator's answer is a few kilobytes.
ANSWER_MAX_BYTES = 32 << 10

View = Callable[..., HttpResponse]


def site_of(request: HttpRequest) -> Site:
    """The site as this browser sees it. Passkeys belong to the domain in its address bar."""
    # Made once in a browser, and renewed by nobody while one signs in.
    get_token(request)
    return Site(
        domain=urlsplit(f"//{request.get_host()}").hostname or "",
        name=site_settings.current().name,
        origins=frozenset(settings.SITE_ORIGINS),
        browser=str(request.META["CSRF_COOKIE"]),
    )


def label_of(request: HttpRequest) -> str:
    return devices.label_of(request.headers.get("User-Agent", ""))[:LABEL_MAX_LENGTH]


def json_of(request: HttpRequest) -> dict[str, Any]:
    """The object that the page sent. InvalidText if it is none."""
    body = request.body
    try:
        value = json.loads(body) if len(body) <= ANSWER_MAX_BYTES else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidText(gettext("Reload the page and try again."))
    return value


def answers_json(view: View) -> View:
    """Refusals become JSON for the page: `{"detail": …}` with their status; `proof` where one is
    wanted first.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ChatError as refused:
            status = STATUS_OF_REFUSAL[refused.code]
            said: dict[str, object] = {"detail": refused.detail}
            if isinstance(refused, ProofWanted):
                said["proof"] = True
            answer = JsonResponse(said, status=status)
            # Django would log the address, which may hold a token.
            answer._has_been_logged = True  # type: ignore[attr-defined]
            return with_retry_after(answer, refused)

    return answered
