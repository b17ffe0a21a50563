"""What every template knows about this site."""

from django.conf import settings
from django.http import HttpRequest


def site_name(request: HttpRequest | None) -> dict[str, object]:
    return {"site_name": settings.SITE_NAME}
