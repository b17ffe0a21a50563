"""What went wrong is said by pages of ours, without the database: it may be what failed."""

from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from chat.web.error_pages import WORDS, error_page

# The site's own handlers, which Django looks for here while the tests have these addresses.
from chatroom.urls import handler400, handler403, handler404, handler500  # noqa: F401


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("The secret reason")


urlpatterns = [path("breaks/", breaks), path("", include("chatroom.urls"))]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("status", "method", "address", "headers"),
    [
        (500, "get", "/breaks/", {}),
        (404, "get", "/rooms/", {}),
        (404, "get", "/no/such/page", {}),
        (403, "get", "/reports/", {}),
        (403, "post", "/join/", {}),
        (400, "get", "/", {"host": "somewhere.example"}),
    ],
)
def test_what_fails_answers_with_a_page_of_ours(
    status: int, method: str, address: str, headers: dict[str, str], settings: LazySettings
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)

    response = getattr(browser, method)(address, headers=headers)

    assert response.status_code == status
    assert_is_ours(response)
    assert b"secret reason" not in response.content


@pytest.mark.parametrize("status", [400, 403, 404, 413, 414, 429, 500, 503])
def test_every_status_has_words_and_a_way_on(status: int) -> None:
    response = error_page(status, retry_seconds=7)

    assert response.status_code == status
    assert_is_ours(response)
    assert str(WORDS[HTTPStatus(status)].title) in response.content.decode()
    assert response["Retry-After"] == "7"
    assert response["Cache-Control"] == "no-store"


def test_a_reason_is_shown_as_text() -> None:
    page = error_page(HTTPStatus.TOO_MANY_REQUESTS, detail="Wait <b>9 s</b>.").content.decode()

    assert "Wait &lt;b&gt;9 s&lt;/b&gt;." in page


def test_there_is_a_page_even_where_no_template_can_be_rendered(
    settings: LazySettings, tmp_path: Path
) -> None:
    nothing = {"BACKEND": settings.TEMPLATES[0]["BACKEND"], "DIRS": [tmp_path]}
    settings.TEMPLATES = [nothing]

    response = error_page(HTTPStatus.SERVICE_UNAVAILABLE, detail="The <database> is away.")

    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "The &lt;database&gt; is away." in response.content.decode()
    assert 'href="/"' in response.content.decode()


def assert_is_ours(response: HttpResponse) -> None:
    page = response.content.decode()
    assert "· Chatroom</title>" in page
    assert 'class="button is-primary" href="/"' in page
