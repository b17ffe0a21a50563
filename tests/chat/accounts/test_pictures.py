"""Uploaded pictures: what is taken is made anew, and everything else is refused unread."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from chat.accounts import pictures
from chat.errors import InvalidText, TooLong

EXIF_OF_A_PLACE = b"48.2082N 16.3738E"


def picture(
    kind: str = "PNG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: Any
) -> bytes:
    image = Image.new(mode, size, "teal")
    image.paste("tomato", (0, 0, size[0] // 2, size[1]))
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def bomb(width: int, height: int) -> bytes:
    """A PNG of so many pixels in a few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000)
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(640, 480), (1, 900), (16, 16), (2000, 2000)])
def test_a_picture_becomes_a_small_square(kind: str, size: tuple[int, int]) -> None:
    made = opened(pictures.made_anew(picture(kind, size)))

    assert (made.format, made.size) == ("WEBP", (256, 256))


def test_what_is_transparent_stays_so() -> None:
    see_through = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    made = io.BytesIO()
    see_through.save(made, "PNG")

    assert opened(pictures.made_anew(made.getvalue())).convert("RGBA").getpixel((9, 9)) == (
        0, 0, 0, 0,
    )  # fmt: skip


def test_a_photo_loses_where_it_was_taken_and_keeps_which_way_is_up() -> None:
    exif = Image.Exif()
    exif[0x010E] = EXIF_OF_A_PLACE.decode()
    # The left half of what is seen is the upper one of what is stored.
    exif[0x0112] = 6
    photo = picture("JPEG", (400, 400), exif=exif, comment=EXIF_OF_A_PLACE)
    assert EXIF_OF_A_PLACE in photo

    made = pictures.made_anew(photo)

    assert EXIF_OF_A_PLACE not in made
    assert not opened(made).getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & opened(made).info.keys()
    upper = opened(made).convert("RGB").getpixel((20, 20))
    assert isinstance(upper, tuple)
    assert upper[0] > 200


def test_a_program_behind_a_picture_is_gone() -> None:
    polyglot = picture("PNG") + b"<script>alert(1)</script><?php system('id') ?>"
    page = picture("JPEG", comment=b"<html><script>alert(1)</script>")

    for upload in (polyglot, page):
        made = pictures.made_anew(upload)
        assert b"<script>" not in made
        assert b"<?php" not in made


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><img src=x onerror=alert(1)></html>",
        b"%PDF-1.7 ...",
        b"PK\x03\x04 a zip",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0 no more",
        b"RIFF\x24\x00\x00\x00WEBPVP8 ",
        picture("PNG")[:200],
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture("ICO", (64, 64)),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_what_is_no_picture_of_the_three_kinds_is_refused(upload: bytes) -> None:
    with pytest.raises(InvalidText, match="PNG, JPEG or WebP"):
        pictures.made_anew(upload)


@pytest.mark.parametrize(
    "size", [(4000, 4000), (50_000, 50_000), (2_000_000_000, 1), (1, 2**31 - 1)]
)
def test_a_bomb_is_refused_before_it_is_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("It was decoded."))

    with pytest.raises(TooLong, match="million pixels"):
        pictures.made_anew(bomb(*size))


def test_a_text_that_unpacks_to_gigabytes_is_refused() -> None:
    packed = zlib.compress(b"a" * (200 << 20))
    png = picture("PNG", (32, 32))
    end = png.index(b"IDAT") - 4
    upload = png[:end] + chunk(b"zTXt", b"comment\0\0" + packed) + png[end:]

    with pytest.raises(InvalidText):
        pictures.made_anew(upload)


def test_a_file_of_too_many_bytes_is_refused_unread() -> None:
    with pytest.raises(TooLong, match="1 MB"):
        pictures.made_anew(picture("PNG") + b"\0" * (1 << 20))
