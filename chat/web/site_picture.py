"""The site's own picture: an owner's, a file of the operator (`SITE_PICTURE`), or ours."""

from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..accounts import site_settings

# By their first bytes: what the file is called does not matter.
KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
MAX_BYTES = 256 * 1024


class Picture(NamedTuple):
    content: bytes
    kind: str
    digest: str


def address() -> str:
    """Where pages find the picture. Another picture has another address."""
    picture = of_site()
    if picture is None:
        return static("icons/chatroom.svg")
    return reverse("site_picture", args=[picture.digest])


def of_site() -> Picture | None:
    """What an owner set wins over the file."""
    return _as_set(site_settings.known().picture) or _of_file()


@lru_cache(1)
def _as_set(content: bytes | None) -> Picture | None:
    return picture_of(content) if content else None


@cache
def _of_file() -> Picture | None:
    """Read once; a file that is none of these is found by a check before the start."""
    return read(settings.SITE_PICTURE) if settings.SITE_PICTURE else None


def read(file: str) -> Picture | None:
    """The picture in this file. None if it cannot be read, or is too large or of another kind."""
    try:
        content = Path(file).read_bytes()
    except OSError:
        return None
    return picture_of(content)


def picture_of(content: bytes) -> Picture | None:
    """These bytes as a picture. None if they are too many or of another kind."""
    kind = next((kind for start, kind in KINDS.items() if content.startswith(start)), None)
    if kind is None or len(content) > MAX_BYTES:
        return None
    return Picture(content, kind, sha256(content).hexdigest()[:16])


@require_safe
def site_picture(request: HttpRequest, digest: str) -> HttpResponse:
    picture = of_site()
    if picture is None or picture.digest != digest:
        raise Http404
    response = HttpResponse(picture.content, content_type=picture.kind)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
