"""Addresses that no link of ours has: answered as what they are, and not by an error of ours."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .error_pages import not_found

Handler = Callable[[HttpRequest], HttpResponseBase]


class AddressChecks:
    """PostgreSQL stores and compares no NUL, in any column: none gets further than here."""

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
        """The parameters without it, as forms do with what is typed."""
        parameters = request.GET.copy()
        parameters.clear()
        for name, values in request.GET.lists():
            cleaned = [value.replace("\0", "") for value in values]
            parameters.setlist(name.replace("\0", ""), cleaned)
        parameters._mutable = False
        request.GET = parameters  # type: ignore[assignment]
        request.META["QUERY_STRING"] = parameters.urlencode()
