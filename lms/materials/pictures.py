"""Pictures as materials: looked at before they are taken, shown as they are."""

import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from lms.errors import N_, InvalidInput

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = 100_000_000


def look(path: Path) -> None:
    """See whether a picture opens; only its head is read. Raises InvalidInput for a broken or a huge one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as opened:
                pixels = opened.width * opened.height
                opened.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise InvalidInput(
            N_("This is not a picture that can be shown. Send a JPEG, PNG, WebP or GIF file."), field="file"
        ) from error
    if pixels > MOST_PIXELS:
        raise InvalidInput(N_("The picture has too many pixels to be opened."), field="file")
