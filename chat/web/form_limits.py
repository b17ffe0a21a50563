"""Rate limits of pages and forms. They use the same buckets as the sockets."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from ..accounts.models import Member
from ..errors import RateLimited
from ..realtime.rate_limits import (
    LIMITS,
    MESSAGES_BY_ADDRESS,
    MESSAGES_BY_MEMBER,
    RENAMES_BY_ADDRESS,
    RENAMES_BY_MEMBER,
    Policy,
)
from .error_pages import error_page
from .refusals import in_words, seconds_to_wait


def check_address(request: HttpRequest, policy: Policy) -> None:
    """RateLimited if the network of this request is over the policy."""
    LIMITS.check_address(policy, request.META["REMOTE_ADDR"])


def check_message(request: HttpRequest, member: Member) -> None:
    LIMITS.check(MESSAGES_BY_MEMBER, member.pk)
    check_address(request, MESSAGES_BY_ADDRESS)


def check_rename(request: HttpRequest, member: Member) -> None:
    LIMITS.check(RENAMES_BY_MEMBER, member.pk)
    check_address(request, RENAMES_BY_ADDRESS)


def too_many(refused: RateLimited) -> HttpResponse:
    """The answer where no form has text to keep."""
    page = error_page(
        HTTPStatus.TOO_MANY_REQUESTS,
        detail=in_words(refused),
        retry_seconds=seconds_to_wait(refused),
    )
    # Django would log the address, which may hold the token of an unused invitation.
    page._has_been_logged = True  # type: ignore[attr-defined]
    return page
