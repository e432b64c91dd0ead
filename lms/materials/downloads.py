"""Handing out the file of a material: whole or in part, and never as something a browser would run."""

from typing import Any

from flask import request, send_file
from werkzeug.wrappers import Response

from lms.errors import N_, NotFound
from lms.materials.rules import PDF
from lms.storage import files

POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'; sandbox"


def material_file(material: Any) -> Response:
    """Answer with the file of a material that was looked up for the actor before.

    A PDF opens in the browser (``?download=1`` saves it), anything else is saved. Byte ranges and ``If-None-Match`` are
    honoured; the tag is the content's sha256. Raises NotFound when the file is missing in the store.
    """
    path = files().path(material.file_key)
    if not path.is_file():
        raise NotFound(N_("The file of this material is missing in the store. Please upload it again."))
    inline = material.media_type == PDF and request.args.get("download") != "1"
    response = send_file(
        path,
        mimetype=material.media_type if material.media_type == PDF else f"text/plain; charset={material.charset}",
        as_attachment=not inline,
        download_name=material.file_name,
        conditional=True,
        etag=material.file_key,
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
