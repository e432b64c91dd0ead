"""A picture out of a document: judged by what it is, made small enough, written anew without what else it held.

Decoding happens here, in the process that has nothing to lose. SVG is not taken: it may hold programs.
"""

import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
LONGEST_SIDE = 1600
SMALLEST_SIDE = 3  # what is smaller only kept other things apart
MOST_PIXELS = 40_000_000
QUALITY = 82
PROGRESSIVE_PIXELS = 500_000  # a small picture is there at once; to write it in passes takes four times as long
_DAMAGE = (
    UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError, MemoryError,
    ArithmeticError, LookupError, TypeError,
)  # fmt: skip


def packed(content: bytes) -> tuple[bytes, int, int] | None:
    """Write a picture anew, with its width and height; None for what is none, is broken or huge."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS or min(opened.size) < SMALLEST_SIDE:
                    return None
                return _written(opened)
    except _DAMAGE:
        return None


def _written(opened: Image.Image) -> tuple[bytes, int, int]:
    drawn = opened.format != "JPEG" and (
        opened.mode in ("P", "1", "L") or "A" in opened.getbands() or "transparency" in opened.info
    )
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    ImageOps.exif_transpose(opened, in_place=True)
    kept = ("RGBA", "LA", "L") if "transparency" not in opened.info else ("RGBA",)
    mode = (opened.mode if opened.mode in kept else "RGBA") if drawn else "RGB"
    upright = opened if opened.mode == mode else opened.convert(mode)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    out = BytesIO()
    if drawn:
        upright.save(out, "PNG")  # "optimize" takes six times as long for two bytes of a hundred
    else:
        large = upright.width * upright.height > PROGRESSIVE_PIXELS
        upright.save(out, "JPEG", quality=QUALITY, progressive=large, optimize=True, exif=b"", comment=b"")
    return out.getvalue(), upright.width, upright.height
