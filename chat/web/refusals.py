"""How forms refuse: the status, the words above the form, and when to try again."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from ..errors import ChatError, RateLimited

STATUS_OF_REFUSAL = {
    "invalid_text": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "forbidden": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "key_reused": HTTPStatus.CONFLICT,
    "confirm": HTTPStatus.CONFLICT,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


def form_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    refused: ChatError | None = None,
) -> HttpResponse:
    """A page with a form. As `refusal` it gets why the form that was sent is refused, if it is."""
    if refused is None:
        return render(request, template, {**context, "refusal": ""})
    status = STATUS_OF_REFUSAL.get(refused.code, HTTPStatus.FORBIDDEN)
    page = render(request, template, {**context, "refusal": in_words(refused)}, status=status)
    return with_retry_after(page, refused)


def in_words(refused: ChatError) -> str:
    """The error above a form that keeps its text; of a limit also when to try again."""
    if not isinstance(refused, RateLimited):
        return refused.detail
    wait = gettext("Try again in {seconds} s.").format(seconds=seconds_to_wait(refused))
    return f"{refused.detail} {wait}"


def with_retry_after(response: HttpResponse, refused: ChatError) -> HttpResponse:
    """The response with a Retry-After header, for programs."""
    seconds = seconds_to_wait(refused)
    if seconds is not None:
        response["Retry-After"] = str(seconds)
    return response


def seconds_to_wait(refused: ChatError) -> int | None:
    """After how many seconds to try again, if that is known."""
    return None if refused.retry_ms is None else -(-refused.retry_ms // 1000)
