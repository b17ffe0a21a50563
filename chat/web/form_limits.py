"""Rate limits of pages and forms. They use the same buckets as the sockets."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from ..accounts.models import Member
from ..errors import ChatError, RateLimited
from ..realtime.rate_limits import (
    LIMITS,
    MESSAGES_BY_ADDRESS,
    MESSAGES_BY_MEMBER,
    RENAMES_BY_ADDRESS,
    RENAMES_BY_MEMBER,
    Policy,
)
from .error_pages import error_page


def check_address(request: HttpRequest, policy: Policy) -> None:
    """RateLimited if the network of this request is over the policy."""
    LIMITS.check_address(policy, request.META["REMOTE_ADDR"])


def check_message(request: HttpRequest, member: Member) -> None:
    LIMITS.check(MESSAGES_BY_MEMBER, member.pk)
    check_address(request, MESSAGES_BY_ADDRESS)


def check_rename(request: HttpRequest, member: Member) -> None:
    LIMITS.check(RENAMES_BY_MEMBER, member.pk)
    check_address(request, RENAMES_BY_ADDRESS)


def seconds_to_wait(refused: ChatError) -> int | None:
    """After how many seconds to try again, if that is known."""
    return None if refused.retry_ms is None else -(-refused.retry_ms // 1000)


def explain(refused: ChatError) -> str:
    """The error above a form that keeps its text."""
    wait = gettext("Try again in {seconds} s.").format(seconds=seconds_to_wait(refused))
    return f"{refused.detail} {wait}"


def too_many(refused: RateLimited) -> HttpResponse:
    """The answer where no form has text to keep."""
    page = error_page(
        HTTPStatus.TOO_MANY_REQUESTS,
        detail=explain(refused),
        retry_seconds=seconds_to_wait(refused),
    )
    # Django would log the address, which may hold the token of an unused invitation.
    page._has_been_logged = True  # type: ignore[attr-defined]
    return page


def with_retry_after(response: HttpResponse, refused: ChatError) -> HttpResponse:
    """The response with a Retry-After header, for programs."""
    seconds = seconds_to_wait(refused)
    if seconds is not None:
        response["Retry-After"] = str(seconds)
    return response
