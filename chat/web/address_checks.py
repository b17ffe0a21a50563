"""Malformed addresses: answered with 404 or cleaned, so that they do not cause a server error."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .error_pages import not_found

Handler = Callable[[HttpRequest], HttpResponseBase]


class AddressChecks:
    """Middleware that lets no NUL through. PostgreSQL fails on a NUL in any query."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info:
            response: HttpResponse = not_found(request, ValueError("NUL"))
            return response
        if "%00" in request.META.get("QUERY_STRING", ""):
            self._clean(request)
        return self._get_response(request)

    def _clean(self, request: HttpRequest) -> None:
        """Remove NULs from the query parameters, as forms do with typed text."""
        parameters = request.GET.copy()
        parameters.clear()
        for name, values in request.GET.lists():
            cleaned = [value.replace("\0", "") for value in values]
            parameters.setlist(name.replace("\0", ""), cleaned)
        parameters._mutable = False
        request.GET = parameters  # type: ignore[assignment]
        request.META["QUERY_STRING"] = parameters.urlencode()
