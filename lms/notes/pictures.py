"""Pictures for notes: judged by what they are, turned upright, made small enough, without what a camera adds."""

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from lms.errors import N_, InvalidInput

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
LONGEST_SIDE = 1600
MOST_PIXELS = 50_000_000
QUALITY = 85


@dataclass(frozen=True)
class Picture:
    """A picture ready to be stored."""

    content: bytes
    media_type: str
    width: int
    height: int


def prepare(stream: IO[bytes]) -> Picture:
    """Make a picture of what was sent: at most 1600 pixels on a side, upright, without place or camera.

    The name and the type that the browser gave count for nothing. Drawings and what can be seen through stay PNG, all
    else becomes JPEG. Raises InvalidInput for what is no picture, is broken, or is larger than 50 million pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(stream, formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _too_many(opened.width, opened.height)
                return _packed(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInput(N_("The picture has too many pixels to be opened."), field="file") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise InvalidInput(
            N_("This is not a picture that can be shown. Send a JPEG, PNG, WebP or GIF file."), field="file"
        ) from error


def _too_many(width: int, height: int) -> InvalidInput:
    return InvalidInput(
        N_("The picture has %(width)s × %(height)s pixels; at most 50 million can be taken."),
        field="file",
        width=width,
        height=height,
    )


def _packed(opened: Image.Image) -> Picture:
    drawn = opened.format != "JPEG" and (
        opened.mode == "P" or "A" in opened.getbands() or "transparency" in opened.info
    )
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(opened)
    upright = upright.convert("RGBA" if drawn else "RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    packed = BytesIO()
    if drawn:
        upright.save(packed, "PNG", optimize=True)
    else:
        upright.save(packed, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(packed.getvalue(), "image/png" if drawn else "image/jpeg", upright.width, upright.height)
