"""Pictures for covers: judged by what they are, made small, in two sizes."""

import struct
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from lms.errors import N_, InvalidInput

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
MOST_BYTES = 10 * 1024 * 1024
LONGEST_SIDE = 12_000  # pixels: what is larger is refused by its header, before a pixel is decoded
MOST_PIXELS = 40_000_000
BIG, THUMB = (480, 720), (200, 300)
QUALITY = 84


@dataclass(frozen=True)
class Cover:
    """A cover ready to be stored: JPEG in the size of a book's page, and in that of a shelf."""

    big: bytes
    thumb: bytes


def prepare(stream: IO[bytes]) -> Cover:
    """Make a cover of a picture: upright, without what a camera adds, at most 480 by 720 pixels.

    Name and type that the browser gave count for nothing. Raises InvalidInput for what is no picture, is broken, or has
    too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(stream, formats=FORMATS) as opened:
                _check_size(opened.width, opened.height)
                opened.draft("RGB", (BIG[0] * 2, BIG[1] * 2))
                upright = _on_white(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInput(N_("The picture has too many pixels to be opened."), field="cover") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise InvalidInput(
            N_("This is not a picture that can be shown. Send a JPEG, PNG, WebP or GIF file."), field="cover"
        ) from error
    return Cover(_packed(upright, BIG), _packed(upright, THUMB))


def _check_size(width: int, height: int) -> None:
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise InvalidInput(
            N_("The picture is %(width)s × %(height)s pixels. A cover needs no more than 12,000 on a side."),
            field="cover",
            width=width,
            height=height,
        )


def _on_white(picture: Image.Image) -> Image.Image:
    """Give a picture without transparency: what can be seen through is paper."""
    picture.load()
    if picture.mode in ("RGB", "L"):
        return picture.convert("RGB")
    whole = picture.convert("RGBA")
    paper = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(paper, whole).convert("RGB")


def _packed(picture: Image.Image, size: tuple[int, int]) -> bytes:
    small = picture.copy()
    small.thumbnail(size, Image.Resampling.LANCZOS)
    packed = BytesIO()
    small.save(packed, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return packed.getvalue()
