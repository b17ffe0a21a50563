"""Pictures that members upload: read with care, and made anew.

Only three formats are read, by their content and not by their name. Sizes are checked before a
pixel is decoded. What is stored is a new picture: nothing of the file that came is kept, such as
the place where a photo was taken or a program behind the picture.
"""

import io
import secrets
import threading

from django.conf import settings
from django.utils.translation import gettext
from PIL import Image, ImageOps

from ..errors import InvalidText, TooLong
from .models import Member
from .profile_models import VERSION_LENGTH, Profile, ProfilePicture

FORMATS = ("PNG", "JPEG", "WEBP")
# Pixels on each side, and the quality of WebP: some ten kilobytes.
SIDE = 256
QUALITY = 82
# A picture takes up to 50 MB while it is decoded.
_one_at_a_time = threading.Lock()


def store(member: Member, content: bytes) -> str:
    """Make this the member's picture; its version. Call it in a transaction."""
    version = secrets.token_hex(VERSION_LENGTH // 2)
    ProfilePicture.objects.update_or_create(
        member=member, defaults={"version": version, "content": content}
    )
    Profile.objects.update_or_create(member=member, defaults={"picture": version})
    return version


def remove(member: Member) -> bool:
    """Whether the member had a picture. Call it in a transaction."""
    Profile.objects.filter(member=member).update(picture="")
    return bool(ProfilePicture.objects.filter(member=member).delete()[0])


def made_anew(upload: bytes) -> bytes:
    """A square WebP of what this file shows. TooLong or InvalidText if it is no such picture."""
    if len(upload) > settings.PICTURE_MAX_BYTES:
        text = gettext("Choose a picture of at most {limit} MB.")
        raise TooLong(text.format(limit=settings.PICTURE_MAX_BYTES >> 20))
    try:
        with _one_at_a_time, Image.open(io.BytesIO(upload), formats=FORMATS) as image:
            return _square(image)
    except TooLong:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    # A broken file raises what its decoder happens to: SyntaxError, struct.error and others.
    except Exception:
        raise InvalidText(gettext("Choose a picture in PNG, JPEG or WebP.")) from None


def _square(image: Image.Image) -> bytes:
    width, height = image.size
    if width * height > settings.PICTURE_MAX_PIXELS:
        raise _too_many_pixels()
    # A JPEG is decoded at a fraction of its size.
    image.draft("RGB", (2 * SIDE, 2 * SIDE))
    image.load()
    upright = ImageOps.exif_transpose(image)
    plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    square = ImageOps.fit(plain, (SIDE, SIDE), Image.Resampling.LANCZOS)
    # Pixels alone: a copy of the image would bring its profile and comments along.
    fresh = Image.frombytes(square.mode, square.size, square.tobytes())
    made = io.BytesIO()
    fresh.save(made, "WEBP", quality=QUALITY)
    return made.getvalue()


def _too_many_pixels() -> TooLong:
    text = gettext("Choose a picture of at most {limit} million pixels.")
    return TooLong(text.format(limit=settings.PICTURE_MAX_PIXELS // 10**6))
