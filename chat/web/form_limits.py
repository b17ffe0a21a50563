"""The rate limits of pages and forms, which take from the same buckets as the sockets do."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

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
    """Raise RateLimited if the network that this comes from is over the policy."""
    LIMITS.check_address(policy, request.META["REMOTE_ADDR"])


def check_message(request: HttpRequest, member: Member) -> None:
    LIMITS.check(MESSAGES_BY_MEMBER, member.pk)
    check_address(request, MESSAGES_BY_ADDRESS)


def check_rename(request: HttpRequest, member: Member) -> None:
    LIMITS.check(RENAMES_BY_MEMBER, member.pk)
    check_address(request, RENAMES_BY_ADDRESS)


def seconds_to_wait(refused: ChatError) -> int | None:
    """When it is worth trying again, if that is known."""
    return None if refused.retry_ms is None else -(-refused.retry_ms // 1000)


def explain(refused: RateLimited) -> str:
    """What a form says above the text that it keeps."""
    return f"{refused.detail} Try again in {seconds_to_wait(refused)} s."


def too_many(refused: RateLimited) -> HttpResponse:
    """Where there is no text that a form should keep."""
    page = error_page(
        HTTPStatus.TOO_MANY_REQUESTS,
        detail=explain(refused),
        retry_seconds=seconds_to_wait(refused),
    )
    # Django would log the address of each; one may be a link to an office that is still good.
    page._has_been_logged = True  # type: ignore[attr-defined]
    return page


def say_when(response: HttpResponse, refused: ChatError) -> HttpResponse:
    """Tell programs, too, when to come back."""
    seconds = seconds_to_wait(refused)
    if seconds is not None:
        response["Retry-After"] = str(seconds)
    return response
