"""The way into a room, for someone who stands beside it with a phone."""

from functools import lru_cache

import segno
from django.utils.safestring import SafeString, mark_safe


@lru_cache(256)
def qr_code(link: str) -> SafeString:
    """This address as a QR code: inline SVG, without styles that the page's policy forbids."""
    drawing = segno.make_qr(link, error="m").svg_inline(border=2, omitsize=True)
    return mark_safe(drawing)  # noqa: S308 - made of squares only
