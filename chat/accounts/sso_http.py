"""Requests to the provider of single sign-on: no redirects, short waits, small answers."""

import time
from typing import Any

from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from requests import PreparedRequest, RequestException, Response

# A piece of an answer.
PIECE = 16 << 10
# For so long a connection, or the next piece of an answer, is waited for.
SILENCE_SECONDS = 4


class LimitedSession(OAuth2Session):  # type: ignore[misc]
    """Authlib's client, whose requests end in time and follow no redirect."""

    def get_openly(self, address: str) -> Response:
        """Read what the provider publishes, without a token."""
        answer: Response = self.get(address, withhold_token=True)
        return answer

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        options |= {"stream": True, "allow_redirects": False, "timeout": SILENCE_SECONDS}
        ends_at = time.monotonic() + settings.SSO_ANSWER_SECONDS
        answer: Response = super().send(request, **options)
        answer._content = _read(answer, ends_at)
        return answer


def json_object(answer: Response) -> dict[str, Any]:
    """The object that was answered. RequestException or ValueError if it is none."""
    answer.raise_for_status()
    found = answer.json()
    if answer.is_redirect or not isinstance(found, dict):
        raise ValueError("the answer is no JSON object")
    return found


def _read(answer: Response, ends_at: float) -> bytes:
    """What comes until the answer ends; no more than an answer may have."""
    content = b""
    with answer:
        while piece := answer.raw.read1(PIECE, decode_content=True):
            content += piece
            if len(content) > settings.SSO_ANSWER_MAX_BYTES:
                raise RequestException("the answer is too large")
            if time.monotonic() > ends_at:
                raise RequestException("the answer takes too long")
    return content
