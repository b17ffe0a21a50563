"""Puts a small script into the pages that the lab shows in frames: it tells what a page shows."""

import os
from collections.abc import Callable
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

ADDRESS = "/lab-reporter.js"
_TAG = f'<script src="{ADDRESS}" defer></script></body>'.encode()
_SCRIPT = Path(__file__).with_name("reporter.js").read_text()


class Reporter:
    """Middleware of the lab's nodes, installed by node_settings.py where a lab may frame them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        origins = " ".join(os.environ.get("LAB_ORIGINS", "").split())
        self._script = _SCRIPT.replace("LAB_ORIGINS", origins)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Pages are kept compressed; over loopback they need not be.
        request.META.pop("HTTP_ACCEPT_ENCODING", None)
        if request.path == ADDRESS:
            return HttpResponse(self._script, content_type="text/javascript")
        # The room's page is compressed where it is made, and what is compressed cannot be added to.
        request.META.pop("HTTP_ACCEPT_ENCODING", None)
        response = self._get_response(request)
        if isinstance(response, HttpResponse) and _is_page(response):
            response.content = response.content.replace(b"</body>", _TAG)
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response


def _is_page(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("text/html")
