"""QR codes of room addresses, for people with a phone nearby."""

from base64 import b64encode
from functools import lru_cache
from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe


@lru_cache(256)
def qr_code(link: str) -> SafeString:
    """This address as inline SVG, without the styles that the Content-Security-Policy forbids."""
    drawing = segno.make_qr(link, error="m").svg_inline(border=2, omitsize=True)
    return mark_safe(drawing)  # noqa: S308 - made of squares only


def qr_code_image(link: str) -> bytes:
    """The same as a file. It is not kept: a link may be a secret."""
    drawing = BytesIO()
    segno.make_qr(link, error="m").save(drawing, kind="svg", border=2, omitsize=True)
    return drawing.getvalue()


def qr_code_address(link: str) -> str:
    """The same as a `data:` address, for a page that has no other way to a secret link."""
    return f"data:image/svg+xml;base64,{b64encode(qr_code_image(link)).decode()}"
